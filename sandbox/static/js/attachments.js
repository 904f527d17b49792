import { avatar } from './avatar.js';
import { h, icon } from './dom.js';
import { fileSize, fullName } from './format.js';
import { t } from './i18n.js';

const PHOTO_WIDTH = 320;

const KINDS = {
  pdf: 'pdf',
  xls: 'sheet', xlsx: 'sheet', csv: 'sheet', ods: 'sheet',
  doc: 'text', docx: 'text', txt: 'text', rtf: 'text', odt: 'text',
  jpg: 'image', jpeg: 'image', png: 'image', webp: 'image', heic: 'image',
  zip: 'archive', rar: 'archive', '7z': 'archive',
};

const extension = (name) => (name.match(/\.(\w{1,5})$/)?.[1] ?? '').toLowerCase();

/** The coloured square that stands for a file. */
export function fileBadge(name) {
  const ending = extension(name);
  return h('span.file-badge', { 'data-kind': KINDS[ending] ?? 'other', 'aria-hidden': 'true' }, ending || icon('file'));
}

/** Kinds of files that are shown as a card to open, by the name of their field. */
const FILES = ['document', 'video', 'audio', 'voice', 'video_note'];

export function fileCard(file, url) {
  const name = file.file_name ?? t('File');
  return h('a.file-card', { href: url, target: '_blank', rel: 'noopener' },
    fileBadge(name),
    h('span.file-about', {}, h('span.file-name', {}, name), h('span.file-size', {}, fileSize(file.file_size ?? 0))));
}

/** Width and height are given before the bytes come, so that the chat does not jump. */
export function photo(sizes, url) {
  const largest = sizes.at(-1);
  const height = Math.round((PHOTO_WIDTH * largest.height) / largest.width) || PHOTO_WIDTH;
  return h('a.photo', { href: url, target: '_blank', rel: 'noopener' },
    h('img', { src: url, alt: t('Photo'), width: PHOTO_WIDTH, height, loading: 'lazy' }));
}

function contactCard({ contact }) {
  const name = fullName(contact);
  return h('div.contact-card', {},
    avatar(contact.user_id ?? 0, name),
    h('span.file-about', {}, h('span.file-name', {}, name), h('span.file-size', {}, contact.phone_number)));
}

/** What a message carries besides its text, or null. */
export function attachment(message) {
  const kind = FILES.find((name) => message[name]);
  if (kind) return fileCard(message[kind], message.file_url);
  if (message.photo) return photo(message.photo, message.file_url);
  if (message.contact) return contactCard(message);
  return null;
}
