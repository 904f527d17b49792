import { chatAvatar } from './avatar.js';
import { h, reconcile } from './dom.js';
import { when } from './format.js';
import { t } from './i18n.js';

const unreadBadge = (count) => h('span.badge', { 'aria-label': t('Unread messages: {count}', { count }) }, count);

function row(session, chat, onOpen) {
  const last = chat.last_message;
  const open = chat.id === session.chatId;
  return h('button.chat', {
    type: 'button', 'data-chat': chat.id, 'aria-current': open && 'true', onclick: () => onOpen(chat.id),
  },
  chatAvatar(chat),
  h('span.chat-about', {},
    h('span.chat-line', {},
      h('span.chat-title', {}, chat.title),
      last && h('time.chat-time', {}, when(last.date))),
    h('span.chat-line', {},
      h('span.chat-last', {}, last ? last.text || t('Message') : t('No messages yet')),
      chat.unread > 0 && !open && unreadBadge(chat.unread))));
}

/** The chats of one person, the latest first. A row is kept while it shows the same, so it keeps the focus. */
export class ChatList {
  node = h('nav.chat-list', { 'aria-label': t('Chats') });
  #rows = new Map();

  render(session, onOpen) {
    const before = this.#rows;
    this.#rows = new Map();
    const latestFirst = [...session.chats].sort((a, b) => (b.last_message?.date ?? 0) - (a.last_message?.date ?? 0));
    const nodes = latestFirst.map((chat) => {
      const signature = JSON.stringify([chat, chat.id === session.chatId]);
      const known = before.get(chat.id);
      const node = known?.signature === signature ? known.node : row(session, chat, onOpen);
      this.#rows.set(chat.id, { signature, node });
      return node;
    });
    reconcile(this.node, nodes.length ? nodes : [h('p.hint', {}, t('No chats yet'))]);
  }
}
