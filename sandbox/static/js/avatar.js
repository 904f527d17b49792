import { h } from './dom.js';

const COLOURS = 7;

/** One of the colours of the style sheet, always the same for the same id. */
export const tint = (id) => Math.abs(id) % COLOURS;

function initials(name) {
  const words = name.split(/\s+/).map((word) => word.match(/[\p{L}\p{N}]/u)?.[0]).filter(Boolean);
  return words.slice(0, 2).join('').toUpperCase();
}

export function avatar(id, name) {
  return h('span.avatar', { 'data-tint': tint(id), 'aria-hidden': 'true' }, initials(name));
}

export const chatAvatar = (chat) => avatar(chat.type === 'private' ? chat.bot.id : chat.id, chat.title);
