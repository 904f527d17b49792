/** Typed text that is not sent yet, kept over reloads of this browser tab. */
const key = (personId, chatId) => `draft ${personId} ${chatId}`;

export const readDraft = (personId, chatId) => sessionStorage.getItem(key(personId, chatId)) ?? '';

export function writeDraft(personId, chatId, text) {
  if (text) sessionStorage.setItem(key(personId, chatId), text);
  else sessionStorage.removeItem(key(personId, chatId));
}
