import * as api from './api.js';
import { h } from './dom.js';
import { t } from './i18n.js';

/** The bot's commands: all of them by the "/" button, those that begin so while a command is typed. */
export class CommandMenu {
  #session;
  #onChosen;
  #commands = null;

  constructor(session, onChosen) {
    this.#session = session;
    this.#onChosen = onChosen;
    this.node = h('div.inline-results', { hidden: true, role: 'group', 'aria-label': t('Commands of the bot') });
    this.node.addEventListener('keydown', (event) => this.#keyDown(event));
  }

  get active() {
    return !this.node.hidden;
  }

  get first() {
    return this.node.querySelector('button');
  }

  toggle() {
    if (this.active) this.close();
    else this.#open('/');
  }

  follow(text) {
    if (/^\/\w*$/.test(text)) this.#open(text);
    else this.close();
  }

  close() {
    this.#commands = null;
    this.node.hidden = true;
  }

  /** They are asked for anew whenever the menu opens: the bot may have changed them. */
  async #open(beginning) {
    const { person, chatId } = this.#session;
    this.#commands ??= this.#session.attempt(api.commands(person.id, chatId));
    const asked = this.#commands;
    const known = (await asked) ?? [];
    if (asked !== this.#commands) return;
    const rows = known.filter(({ command }) => `/${command}`.startsWith(beginning)).map((each) => this.#row(each));
    this.node.replaceChildren(...(rows.length ? rows : [h('p.hint', {}, t('No such command'))]));
    this.node.hidden = beginning !== '/' && !rows.length;
  }

  #row({ command, description }) {
    return h('button.result', { type: 'button', 'data-command': command, onclick: () => this.#choose(command) },
      h('span.result-title', {}, `/${command}`), h('span.result-description', {}, description));
  }

  /** In a group other bots may know the command too. */
  #choose(command) {
    const { chat, isPrivate } = this.#session;
    this.close();
    this.#onChosen(isPrivate ? `/${command}` : `/${command}@${chat.bot?.username}`);
  }

  #keyDown(event) {
    if (event.key === 'Escape') return this.close();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return undefined;
    event.preventDefault();
    const buttons = [...this.node.querySelectorAll('button')];
    return buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  }
}
