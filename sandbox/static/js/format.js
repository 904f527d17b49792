import { language, t } from './i18n.js';
import { words } from './rich_text.js';

const DAY = 24 * 60 * 60 * 1000;
const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
const dayAndMonth = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long' });
const fullDay = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', year: 'numeric' });
const shortDay = new Intl.DateTimeFormat(language, { day: '2-digit', month: '2-digit', year: '2-digit' });

const startOfDay = (date) => new Date(date).setHours(0, 0, 0, 0);
const daysAgo = (date) => Math.round((startOfDay(new Date()) - startOfDay(date)) / DAY);

/** Dates come from the server as seconds since 1970. */
const moment = (seconds) => new Date(seconds * 1000);
export const time = (seconds) => clock.format(moment(seconds));

export function day(seconds) {
  const date = moment(seconds);
  const ago = daysAgo(date);
  if (ago === 0) return t('Today');
  if (ago === 1) return t('Yesterday');
  return (date.getFullYear() === new Date().getFullYear() ? dayAndMonth : fullDay).format(date);
}

/** The short form beside a chat in the list. */
export function when(seconds) {
  return daysAgo(moment(seconds)) === 0 ? time(seconds) : shortDay.format(moment(seconds));
}

export function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} ${t('B')}`;
  const [value, unit] = bytes < 1024 ** 2 ? [bytes / 1024, 'KB'] : [bytes / 1024 ** 2, 'MB'];
  return `${value.toLocaleString(language, { maximumFractionDigits: 1 })} ${t(unit)}`;
}

/** Of a person, or of a chat that speaks. */
export const fullName = (user) => user.title ?? [user.first_name, user.last_name].filter(Boolean).join(' ');

/** In whose name a message stands: a channel's posts and anonymous administrators speak as the chat. */
export const speaker = (message) => message.sender_chat ?? message.from ?? { id: 0, first_name: '' };

/** Which message it is: ephemeral ones are numbered beside the others. */
export const keyOf = (message) =>
  (message.ephemeral_message_id ? `e${message.ephemeral_message_id}` : message.message_id);

/** A message in one line, for quotes. */
export function summary(message) {
  if (message.text || message.caption) return message.text || message.caption;
  if (message.rich_message) return words(message.rich_message.blocks.find(({ text }) => text)?.text ?? t('Message'));
  if (message.document) return message.document.file_name ?? t('File');
  if (message.photo) return t('Photo');
  if (message.contact) return t('Contact');
  return t('Message');
}
