import { h, icon } from './dom.js';

/** What a button does beyond sending its callback: [field of the Bot API, icon, name of the action]. */
const KINDS = [
  ['url', 'link', 'openLink'],
  ['switch_inline_query_current_chat', 'inline', 'writeInline'],
  ['switch_inline_query', 'inline', 'writeInline'],
  ['switch_inline_query_chosen_chat', 'inline', 'writeInline'],
  ['copy_text', 'copy', 'copy'],
];

const payload = (value) => value.text ?? value.query ?? value;

/** The spinner stays until the bot has answered; a second click meanwhile does nothing. */
function callbackButton(button, message, actions) {
  async function press() {
    if (node.ariaBusy === 'true') return;
    node.ariaBusy = 'true';
    await actions.press(message, button.callback_data);
    node.ariaBusy = null;
  }
  const node = h('button.key', {
    type: 'button', 'data-callback': button.callback_data, 'data-style': button.style, onclick: press,
  }, h('span', {}, button.label ?? button.text));
  return node;
}

function otherButton(button, actions) {
  const [field, symbol, action] = KINDS.find(([name]) => button[name] !== undefined) ?? [];
  const act = () => actions[action](payload(button[field]));
  const kind = field ?? (button.disabled && 'disabled');
  return h('button.key', {
    type: 'button', 'data-kind': kind, 'data-style': button.style, disabled: !field, onclick: act,
  },
    h('span', {}, button.label ?? button.text), symbol && icon(symbol));
}

/** A button that does one thing, or nothing; `label` may hold more than its text. */
export function keyButton(button, message, actions) {
  return button.callback_data === undefined ? otherButton(button, actions) : callbackButton(button, message, actions);
}

/** The rows of buttons beneath a bubble, or null. */
export function inlineKeyboard(message, actions) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return h('div.inline-keyboard', {}, rows.map((row) =>
    h('div.key-row', {}, row.map((button) => keyButton(button, message, actions)))));
}

function isFor(message, person) {
  if (!message.reply_markup.selective) return true;
  if (message.reply_to_message?.from?.id === person.id) return true;
  const text = message.text ?? message.caption ?? '';
  const entities = message.entities ?? message.caption_entities ?? [];
  return entities.some((entity) => entity.user?.id === person.id
    || (person.username && text.substr(entity.offset, entity.length) === `@${person.username}`));
}

/** The reply keyboard in force: the last one shown to the person and not removed, or null. */
export function replyMarkup(history, person) {
  const decides = ({ reply_markup: markup }) => markup && (markup.keyboard || markup.remove_keyboard);
  const last = history.findLast((message) => decides(message) && isFor(message, person));
  if (!last?.reply_markup.keyboard) return null;
  const used = history.some((message) => message.message_id > last.message_id && message.from?.id === person.id);
  return last.reply_markup.one_time_keyboard && used ? null : last.reply_markup;
}

/** The message that forces a reply, until the person has written something, or null. What he writes is public. */
export function forcedReply(history, person) {
  const open = history.filter((message) => !message.ephemeral_message_id);
  const last = open.findLast((message) => message.from?.id === person.id
    || (message.reply_markup?.force_reply && isFor(message, person)));
  return last?.reply_markup?.force_reply ? last : null;
}

export function replyKeyboard(markup, actions) {
  const press = (button) => (button.request_contact ? actions.shareContact() : actions.sendText(button.text));
  return h('div.reply-keyboard', {}, markup.keyboard.map((row) => h('div.key-row', {}, row
    .map((button) => (typeof button === 'string' ? { text: button } : button))
    .map((button) => h('button.key', { type: 'button', onclick: () => press(button) },
      h('span', {}, button.text), button.request_contact && icon('phone'))))));
}
