import { avatar } from './avatar.js';
import { h, icon } from './dom.js';
import { fullName } from './format.js';
import { language, LANGUAGES, t } from './i18n.js';

/** The line above the columns. */
export class TopBar {
  #node = document.querySelector('body > header');
  #onActivate;
  #onAdd;

  /** `onActivate(personId)`: show that column on a phone; `onAdd()`: one more column. */
  constructor({ onActivate, onAdd }) {
    this.#onActivate = onActivate;
    this.#onAdd = onAdd;
  }

  render(people, canAdd) {
    this.tabs = people.map((person) => this.#tab(person));
    this.links = LANGUAGES.map((code) =>
      h('a', { hreflang: code, 'aria-current': code === language && 'true' }, code.toUpperCase()));
    this.#node.replaceChildren(
      h('h1', {}, t('Telegram sandbox')),
      h('nav.people', { 'aria-label': t('People') }, this.tabs),
      h('button.add', {
        type: 'button', 'data-action': 'add', hidden: !canAdd, onclick: this.#onAdd, title: t('Add a person'),
      }, icon('plus'), h('span', {}, t('Add a person'))),
      h('nav.languages', { 'aria-label': t('Language') }, this.links));
  }

  /** The language is a part of the address, so its link opens the same view again; drafts survive that. */
  mark(activeId) {
    for (const tab of this.tabs) tab.setAttribute('aria-pressed', String(Number(tab.value) === activeId));
    for (const link of this.links) {
      const query = new URLSearchParams(location.search);
      query.set('lang', link.hreflang);
      link.href = `?${query}`;
    }
  }

  /** On a phone one column is seen at a time; these switch between them. */
  #tab(person) {
    return h('button.person-tab', { type: 'button', value: person.id, onclick: () => this.#onActivate(person.id) },
      avatar(person.id, fullName(person)),
      h('span', {}, person.first_name));
  }
}
