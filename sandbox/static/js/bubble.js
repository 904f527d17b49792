import { attachment } from './attachments.js';
import { avatar, tint } from './avatar.js';
import { h, icon, iconButton, richText } from './dom.js';
import { fullName, keyOf, speaker, summary, time } from './format.js';
import { t } from './i18n.js';
import { inlineKeyboard } from './keyboards.js';
import { richMessage } from './rich.js';
import { topicIcon } from './topic_bar.js';

function sender(message) {
  return h('header.sender', { 'data-tint': tint(speaker(message).id) }, fullName(speaker(message)));
}

function via(message) {
  return h('div.via', {}, t('via {name}', { name: `@${message.via_bot.username}` }));
}

function quote(message, person, actions) {
  const original = message.reply_to_message;
  const { id } = speaker(original);
  const name = id === person.id ? t('You') : fullName(speaker(original));
  return h('button.quote', {
    type: 'button', 'data-tint': tint(id), onclick: () => actions.jumpTo(keyOf(original)),
  }, h('span.quote-name', {}, name), h('span.quote-text', {}, summary(original)));
}

/** In a forum every first message of a topic answers the message that created it: that is not a quote. */
function isQuote(message) {
  const original = message.reply_to_message;
  return original && !original.forum_topic_created;
}

function meta(message, own) {
  const exact = new Date(message.date * 1000);
  return h('footer.meta', {},
    message.edit_date && h('span.edited', {}, t('edited')),
    h('time', { datetime: exact.toISOString(), title: exact.toLocaleString() }, time(message.date)),
    own && icon('check'));
}

function text(message) {
  return message.html ? richText(message.html) : null;
}

function onlyYou() {
  return h('div.only-you', {}, icon('eye'), t('Visible to you only'));
}

function content(message, actions) {
  const parts = [richMessage(message, actions), attachment(message), text(message)].filter(Boolean);
  return parts.length ? parts : [h('div.rich.unsupported', {}, t('Unsupported message'))];
}

/** An album is one bubble; each of its messages keeps its own id. */
function album(messages) {
  const layout = messages.every((message) => message.photo) ? 'photos' : 'files';
  return [
    h('div.album', { 'data-layout': layout, 'data-count': messages.length }, messages.map((message) =>
      h('div.album-item', { 'data-message-id': message.message_id },
        attachment(message), layout === 'files' && text(message)))),
    ...(layout === 'photos' ? messages.map(text) : []),
  ];
}

const isBare = (messages) => messages.every((message) => message.photo && !message.html);

/**
 * One bubble with its keyboard. `messages` has one message, or those of an album.
 * `place`: {own, named, last, topic} - its side, whether the sender is named, the end of a run, the topic.
 */
export function bubble(messages, place, person, actions) {
  const [message] = messages;
  const single = messages.length === 1;
  const group = place.avatars && !place.own;
  const isEphemeral = Boolean(message.ephemeral_message_id);
  return h(`li.message.${place.own ? 'own' : 'peer'}`, {
    'data-message-id': single && keyOf(message),
    'data-ephemeral': isEphemeral,
    'data-album': single ? null : message.media_group_id,
    'data-last': place.last,
  },
  group && avatar(speaker(message).id, fullName(speaker(message))),
  h('div.stack', {},
    h('article.bubble', { 'data-bare': isBare(messages) },
      place.topic && h('div.topic', {}, topicIcon(place.topic), place.topic.name),
      place.named && sender(message),
      isEphemeral && onlyYou(),
      message.via_bot && via(message),
      isQuote(message) && quote(message, person, actions),
      single ? content(message, actions) : album(messages),
      meta(messages.at(-1), place.own)),
    inlineKeyboard(message, actions)),
  !isEphemeral && iconButton('reply', t('Reply'), { 'data-action': 'reply', onclick: () => actions.reply(message) }));
}
