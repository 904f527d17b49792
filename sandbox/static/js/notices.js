import { h } from './dom.js';
import { t } from './i18n.js';

const TOAST_MS = 4500;

/** A modal question; resolves to the submitted form's data, or null if dismissed. */
function ask(name, fields, buttons) {
  const form = h('form', { method: 'dialog', name }, fields, h('div.dialog-buttons', {}, buttons));
  const dialog = h(`dialog.${name}`, {}, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'ok' ? new FormData(form) : null);
    });
  });
}

const okButton = (label) => h('button.primary', { value: 'ok' }, label);

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
