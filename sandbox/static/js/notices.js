import { h } from './dom.js';
import { fullName } from './format.js';
import { t } from './i18n.js';

const TOAST_MS = 4500;

/** A modal question; resolves to the submitted form's data with its button as `deed`, or null if dismissed. */
export function ask(name, fields, buttons) {
  const form = h('form', { method: 'dialog', name }, fields, h('div.dialog-buttons', {}, buttons));
  const dialog = h(`dialog.${name}`, {}, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      const data = new FormData(form);
      data.set('deed', dialog.returnValue);
      resolve(['', 'cancel'].includes(dialog.returnValue) ? null : data);
    });
  });
}

export const okButton = (label) => h('button.primary', { value: 'ok' }, label);

export function alertDialog(text, personName) {
  return ask('alert', [h('h2', {}, personName), h('p', {}, text)], [okButton(t('OK'))]);
}

/** Resolves to the phone number, or null. */
export async function askPhone(suggested) {
  const fields = [
    h('h2', {}, t('Share my phone number')),
    h('p', {}, t('The bot will know your phone number.')),
    h('label', {}, h('span', {}, t('Phone number')),
      h('input', { name: 'phone', type: 'tel', required: true, value: suggested, autocomplete: 'off' })),
  ];
  const cancel = h('button.plain', { value: 'cancel', formnovalidate: true }, t('Cancel'));
  return (await ask('phone', fields, [cancel, okButton(t('OK'))]))?.get('phone') ?? null;
}

/** Resolves to the id of the person who opens a link to the bot, or null. */
export async function askWho(people, likely, username) {
  const options = people.map((person) => h('option', { value: person.id, selected: person.id === likely }, fullName(person)));
  const fields = [
    h('h2', {}, t('Who opens the link?')),
    h('p', {}, t('A link to @{name}: in a real messenger its owner opens it.', { name: username })),
    h('label', {}, h('span', {}, t('Person')), h('select', { name: 'who' }, options)),
  ];
  const buttons = [h('button.plain', { value: 'cancel' }, t('Cancel')), okButton(t('Start'))];
  return Number((await ask('link', fields, buttons))?.get('who')) || null;
}

/** The place where toasts of one column appear; screen readers announce what comes. */
export class Toasts {
  node = h('div.toasts', { 'aria-live': 'polite', role: 'status' });

  /** The same text again takes the place of the toast that says it already. */
  show(text, kind = 'answer') {
    for (const shown of [...this.node.children]) if (shown.textContent === text) shown.remove();
    const toast = h('div.toast', { 'data-kind': kind }, text);
    this.node.append(toast);
    setTimeout(() => toast.remove(), TOAST_MS);
  }
}
