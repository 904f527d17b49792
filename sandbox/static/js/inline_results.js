import * as api from './api.js';
import { avatar } from './avatar.js';
import { h } from './dom.js';
import { t } from './i18n.js';

const DEBOUNCE_MS = 350;

/** What the bot answers to `@bot query` typed in the composer. */
export class InlineResults {
  #session;
  #onChosen;
  #onStart;
  #query = null;
  #timer = null;

  constructor(session, { onChosen, onStart }) {
    this.#session = session;
    this.#onChosen = onChosen;
    this.#onStart = onStart;
    this.node = h('div.inline-results', { hidden: true, role: 'group', 'aria-label': t('Results of the inline query') });
    this.node.addEventListener('keydown', (event) => this.#move(event));
  }

  get active() {
    return this.#query !== null;
  }

  get first() {
    return this.node.querySelector('button');
  }

  /** Look whether `text` is an inline query, and ask the bot when typing pauses. */
  follow(text) {
    const username = this.#session.chat?.bot?.username;
    const prefix = `@${username} `.toLowerCase();
    if (!username || !text.toLowerCase().startsWith(prefix)) return this.close();
    const query = text.slice(prefix.length);
    if (query === this.#query) return undefined;
    this.#query = query;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(query), DEBOUNCE_MS);
    return undefined;
  }

  close() {
    clearTimeout(this.#timer);
    this.#query = null;
    this.node.hidden = true;
    this.node.replaceChildren();
  }

  async #ask(query, offset = '') {
    if (!offset) this.#show([h('p.hint', {}, t('Searching…'))]);
    const { person, chatId } = this.#session;
    const answer = await this.#session.attempt(api.inline(person.id, { query, offset, chat_id: chatId }));
    if (query !== this.#query) return;
    const rows = (answer?.results ?? []).map((result) => this.#row(query, answer.query_id, result));
    if (offset) this.node.querySelector('.more')?.remove();
    const kept = offset ? [...this.node.children] : [this.#button(answer?.button)].filter(Boolean);
    const more = answer?.next_offset && this.#more(query, answer.next_offset);
    const lines = [...kept, ...rows, more].filter(Boolean);
    const nothing = t(answer?.answered === false ? 'The bot did not answer' : 'Nothing found');
    this.#show(lines.length ? lines : [h('p.hint', {}, nothing)]);
  }

  #show(lines) {
    this.node.replaceChildren(...lines);
    this.node.hidden = false;
  }

  #row(query, queryId, result) {
    const title = result.title ?? result.type;
    const choose = () => this.#choose(query, queryId, result);
    return h('button.result', { type: 'button', 'data-result': result.id, onclick: choose },
      avatar(title.length, title),
      h('span.result-about', {}, h('span.result-title', {}, title),
        result.description && h('span.result-description', {}, result.description)));
  }

  #more(query, offset) {
    return h('button.result.more', { type: 'button', onclick: () => this.#ask(query, offset) }, t('More results'));
  }

  #button(button) {
    if (!button) return null;
    return h('button.result.more', { type: 'button', onclick: () => this.#onStart(button.start_parameter) }, button.text);
  }

  async #choose(query, queryId, result) {
    const { chatId, threadId } = this.#session;
    const choice = { query, result_id: result.id, chat_id: chatId, message_thread_id: threadId };
    if (queryId) choice.query_id = queryId;
    const message = await this.#session.attempt(api.choose(this.#session.person.id, choice));
    if (!message) return;
    this.close();
    this.#onChosen(message);
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.node.querySelectorAll('button')];
    buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  }
}
