import { fileBadge } from './attachments.js';
import { CommandMenu } from './command_menu.js';
import { h, icon, iconButton } from './dom.js';
import { readDraft, writeDraft } from './drafts.js';
import { fileSize, fullName, speaker, summary } from './format.js';
import { t } from './i18n.js';
import { InlineResults } from './inline_results.js';
import { forcedReply, replyKeyboard, replyMarkup } from './keyboards.js';

const MAX_HEIGHT_PX = 160;

/** Where the person writes: text, a file with a caption, an answer to a message, an inline query, the bot's keyboard. */
export class Composer {
  #session;
  #actions;
  #file = null;
  #reply = null;
  #waived = new Set();
  #keyboardHidden = false;

  /** `actions`: {send(content) -> a promise of the message or undefined, shareContact, start}. */
  constructor(session, actions) {
    this.#session = session;
    this.#actions = actions;
    this.inline = new InlineResults(session, {
      onChosen: () => this.#setText(''),
      onStart: (payload) => actions.start(payload),
    });
    this.commands = new CommandMenu(session, (text) => this.#sendCommand(text));
    this.context = h('div.composer-context');
    this.keyboard = h('div', { hidden: true });
    this.text = h('textarea', {
      name: 'text', rows: 1, autocomplete: 'off',
      oninput: () => this.#typed(), onkeydown: (event) => this.#keyDown(event), onpaste: (event) => this.#pasted(event),
    });
    this.fileInput = h('input', {
      type: 'file', name: 'file', hidden: true, onchange: () => this.attach(this.fileInput.files[0]),
    });
    this.keyboardButton = iconButton('keyboard', t('Bot keyboard'), {
      'data-action': 'keyboard', hidden: true, onclick: () => this.#toggleKeyboard(),
    });
    this.node = h('form.composer', { name: 'composer', onsubmit: (event) => this.#submit(event) },
      this.inline.node, this.commands.node, this.context,
      h('div.composer-row', {},
        iconButton('attach', t('Attach a file'), { 'data-action': 'attach', onclick: () => this.fileInput.click() }),
        this.fileInput, this.text,
        iconButton('command', t('Commands of the bot'), {
          'data-action': 'commands', onclick: () => this.commands.toggle(),
        }),
        this.keyboardButton,
        h('button.icon-button.send', { type: 'submit', title: t('Send'), 'aria-label': t('Send') }, icon('send'))),
      this.keyboard);
  }

  /** Another chat is open: its draft comes back. */
  opened() {
    this.#file = null;
    this.#reply = null;
    this.#keyboardHidden = false;
    this.inline.close();
    this.commands.close();
    this.text.value = this.#session.chatId === null ? '' : readDraft(this.#session.person.id, this.#session.chatId);
    this.update();
  }

  /** The messages have changed: the bot may have shown a keyboard or asked for a reply. */
  update() {
    const { shown, person } = this.#session;
    const forced = forcedReply(shown, person);
    const wanted = forced && !this.#waived.has(forced.message_id) ? forced : null;
    if (wanted && this.#reply?.message_id !== wanted.message_id) this.#focusSoon();
    if (!this.#reply || this.#reply.reply_markup?.force_reply) this.#reply = wanted;
    this.#showKeyboard(replyMarkup(shown, person));
    this.#showContext();
  }

  reply(message) {
    this.#reply = message;
    this.#showContext();
    this.text.focus();
  }

  attach(file) {
    if (!file) return;
    this.#file = file;
    this.fileInput.value = '';
    this.#showContext();
    this.text.focus();
  }

  /** Put `@bot query` in place of the text, as a switch_inline button does. */
  write(text) {
    this.#setText(text);
    this.text.focus();
    this.inline.follow(text);
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    if (!text && !this.#file) return;
    const [file, reply] = [this.#file, this.#reply];
    const content = file ? { file, caption: text } : { text };
    if (reply) content.reply_to_message_id = reply.message_id;
    this.#clear();
    const { chatId } = this.#session;
    if (await this.#actions.send(content)) return;
    if (this.#session.chatId === chatId) this.#restore(text, file, reply);
    else writeDraft(this.#session.person.id, chatId, text);
  }

  #clear() {
    if (this.#reply) this.#waived.add(this.#reply.message_id);
    this.#file = null;
    this.#reply = null;
    this.inline.close();
    this.commands.close();
    this.#setText('');
    this.#showContext();
  }

  #sendCommand(text) {
    this.#setText('');
    this.#actions.send({ text, from_menu: true });
  }

  /** What could not be sent comes back, before whatever has been typed since. */
  #restore(text, file, reply) {
    this.#file ??= file;
    this.#reply ??= reply;
    this.#setText([text, this.text.value].filter(Boolean).join('\n'));
    this.#showContext();
  }

  #typed() {
    this.#saveDraft();
    this.#grow();
    this.inline.follow(this.text.value);
    this.commands.follow(this.text.value);
  }

  #setText(text) {
    this.text.value = text;
    this.#saveDraft();
    this.#grow();
  }

  #saveDraft() {
    writeDraft(this.#session.person.id, this.#session.chatId, this.text.value);
  }

  #grow() {
    this.text.style.height = 'auto';
    this.text.style.height = `${Math.min(this.text.scrollHeight, MAX_HEIGHT_PX)}px`;
  }

  #keyDown(event) {
    if (event.key === 'Escape') return this.#cancel();
    if (event.key === 'ArrowDown' && this.#offered) return this.#offered.focus();
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return undefined;
    event.preventDefault();
    if (this.inline.active) return this.inline.first?.click();
    return this.node.requestSubmit();
  }

  /** The first line of whatever list stands above. */
  get #offered() {
    return this.inline.first ?? (this.commands.active ? this.commands.first : null);
  }

  #pasted(event) {
    const [file] = event.clipboardData.files;
    if (!file) return;
    event.preventDefault();
    this.attach(file);
  }

  #cancel() {
    if (this.inline.active) this.inline.close();
    else if (this.commands.active) this.commands.close();
    else if (this.#file) this.#file = null;
    else this.#cancelReply();
    this.#showContext();
  }

  #cancelReply() {
    if (this.#reply) this.#waived.add(this.#reply.message_id);
    this.#reply = null;
    this.#showContext();
  }

  #showContext() {
    const reply = this.#reply && this.#replyLine(this.#reply);
    const file = this.#file && this.#fileLine(this.#file);
    this.context.replaceChildren(...[reply, file].filter(Boolean));
    const asked = this.#reply?.reply_markup?.input_field_placeholder;
    const label = this.#file ? t('Caption') : asked || t('Message');
    this.text.placeholder = label;
    this.text.ariaLabel = label;
    this.#grow();
  }

  #replyLine(message) {
    const name = fullName(speaker(message));
    return h('div.context-line', { 'data-reply-to': message.message_id }, icon('reply'),
      h('div.context-about', {},
        h('span.context-name', {}, t('Reply to {name}', { name })), h('span.context-text', {}, summary(message))),
      iconButton('close', t('Cancel the reply'), { onclick: () => this.#cancelReply() }));
  }

  #fileLine(file) {
    const remove = () => { this.#file = null; this.#showContext(); };
    return h('div.context-line', { 'data-file': file.name }, fileBadge(file.name),
      h('div.context-about', {}, h('span.context-name', {}, file.name), h('span.context-text', {}, fileSize(file.size))),
      iconButton('close', t('Remove the file'), { onclick: remove }));
  }

  #showKeyboard(markup) {
    this.keyboardButton.hidden = !markup;
    this.keyboard.hidden = !markup || this.#keyboardHidden;
    const actions = { sendText: (text) => this.#actions.send({ text }), shareContact: this.#actions.shareContact };
    this.keyboard.replaceChildren(...(markup ? [replyKeyboard(markup, actions)] : []));
  }

  #toggleKeyboard() {
    this.#keyboardHidden = !this.#keyboardHidden;
    this.keyboard.hidden = this.#keyboardHidden;
  }

  /** Only where a keyboard is at hand: on a phone the screen keyboard would jump up, and columns would fight for focus. */
  #focusSoon() {
    if (matchMedia('(hover: hover)').matches && document.activeElement === document.body) this.text.focus();
  }
}
