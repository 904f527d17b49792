/**
 * The view in the page's address: ?people=111,222&chat=111,-100200.
 * Chats stand in the order of the people, an empty place is the list of chats; a single chat is meant for everyone.
 */
const numbers = (text) => (text ?? '').split(',').map((part) => Number(part) || null);

export function readView() {
  const query = new URLSearchParams(location.search);
  const people = numbers(query.get('people')).filter(Boolean);
  const chats = numbers(query.get('chat'));
  return [...new Set(people)].map((personId, index) => ({
    personId,
    chatId: chats.length === 1 ? chats[0] : (chats[index] ?? null),
  }));
}

export function writeView(view) {
  const query = new URLSearchParams(location.search);
  query.set('people', view.map((column) => column.personId).join(','));
  query.set('chat', view.map((column) => column.chatId ?? '').join(','));
  if (view.every((column) => column.chatId === null)) query.delete('chat');
  history.replaceState(null, '', `?${query.toString().replaceAll('%2C', ',')}`);
}

/** The Back button will return to the view as it is now. */
export const remember = () => history.pushState(null, '', location.href);
