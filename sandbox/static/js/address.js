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

/** A link to the bot: {username, payload}; Telegram passes over a payload that breaks its rules. Or null. */
export function parseLink(url) {
  const { host, pathname, searchParams } = new URL(url);
  if (![location.host, 't.me'].includes(host) || !/^\/\w+$/.test(pathname)) return null;
  const payload = searchParams.get('start') ?? '';
  return { username: pathname.slice(1), payload: /^[\w-]{1,64}$/.test(payload) ? payload : '' };
}

/** Such a link is no view that could be reloaded. */
export const leaveLink = () => history.replaceState(null, '', '/');

/** Whoever last went from a messenger to another page: a link back is meant for him. */
export const rememberLeaver = (personId) => localStorage.setItem('leaver', personId);
export const lastLeaver = () => Number(localStorage.getItem('leaver')) || null;

export function writeView(view) {
  const query = new URLSearchParams(location.search);
  query.set('people', view.map((column) => column.personId).join(','));
  query.set('chat', view.map((column) => column.chatId ?? '').join(','));
  if (view.every((column) => column.chatId === null)) query.delete('chat');
  history.replaceState(null, '', `?${query.toString().replaceAll('%2C', ',')}`);
}

/** The Back button will return to the view as it is now. */
export const remember = () => history.pushState(null, '', location.href);
