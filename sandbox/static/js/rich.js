import { fileCard, photo } from './attachments.js';
import { foldable, h } from './dom.js';
import { t } from './i18n.js';
import { keyButton } from './keyboards.js';
import { inline } from './rich_text.js';

/** Names of the objects of blocks that are shown as a card to open. */
const FILES = ['document', 'video', 'audio', 'animation', 'voice_note'];

const credit = (text, show) => text && h('cite', {}, show.inline(text));

function caption(block, show) {
  if (!block.caption) return null;
  return h('p.rich-caption', {}, show.inline(block.caption.text), credit(block.caption.credit, show));
}

function quotation(block, content, show) {
  return h('blockquote', { 'data-kind': block.type }, content, credit(block.credit, show));
}

function expandable(block, show) {
  const node = h('blockquote.expandable', {}, show.inline(block.text), credit(block.credit, show));
  foldable(node);
  return node;
}

/** It shows how things are and cannot be ticked. */
const checkbox = (checked) => h('input.rich-mark', {
  type: 'checkbox', tabindex: -1, 'aria-readonly': 'true', 'aria-label': t('Done'), checked,
});

function item(entry, show) {
  const mark = entry.has_checkbox ? checkbox(entry.is_checked) : h('span.rich-mark', {}, entry.label);
  return h('li', { 'data-checked': entry.is_checked }, mark, h('div', {}, show.blocks(entry.blocks)));
}

function cell(entry, show) {
  const tag = entry.is_header ? 'th' : 'td';
  return h(tag, {
    'data-align': entry.align, 'data-valign': entry.valign, 'data-empty': entry.text === undefined,
    colspan: entry.colspan, rowspan: entry.rowspan,
  }, entry.text === undefined ? null : show.inline(entry.text));
}

/** What is too wide is scrolled within the bubble. */
function table(block, show) {
  return h('div.rich-table', { tabindex: 0, role: 'region', 'aria-label': t('Table') }, h('table', {
    'data-bordered': block.is_bordered, 'data-striped': block.is_striped, 'data-compact': block.is_compact,
  },
  block.caption && h('caption', {}, show.inline(block.caption)),
  h('tbody', {}, block.cells.map((row) => h('tr', {}, row.map((entry) => cell(entry, show)))))));
}

function details(block, show) {
  return h('details', { open: block.is_open },
    h('summary', {}, show.inline(block.summary)), h('div.rich-folded', {}, show.blocks(block.blocks)));
}

function buttons(block, show) {
  return h('div.rich-buttons', { 'data-align': block.align }, block.buttons.map(show.button));
}

function picture(block, show) {
  const { file_unique_id: id } = block.photo.at(-1);
  return h('figure', {}, photo(block.photo, show.url(id)), caption(block, show));
}

const file = (kind) => (block, show) =>
  h('figure', {}, fileCard(block[kind], show.url(block[kind].file_unique_id)), caption(block, show));

const gallery = (block, show) =>
  h('figure', {}, h('div.rich-gallery', {}, show.blocks(block.blocks)), caption(block, show));

function place(block, show) {
  const { latitude, longitude } = block.location;
  return h('figure', {}, h('p.rich-map', {}, `${latitude}, ${longitude}`), caption(block, show));
}

const BLOCKS = {
  paragraph: (block, show) => h('p', {}, show.inline(block.text)),
  heading: ({ size, text }, show) =>
    h('p.rich-heading', { role: 'heading', 'aria-level': size, 'data-size': size }, show.inline(text)),
  pre: (block, show) => h('pre', {}, h('code', {}, show.inline(block.text))),
  footer: (block, show) => h('p.rich-footer', {}, show.inline(block.text)),
  divider: () => h('hr'),
  list: (block, show) => h('ul.rich-list', {}, block.items.map((entry) => item(entry, show))),
  table,
  details,
  blockquote: (block, show) => quotation(block, show.blocks(block.blocks), show),
  pullquote: (block, show) => quotation(block, show.inline(block.text), show),
  expandable_blockquote: expandable,
  buttons,
  photo: picture,
  ...Object.fromEntries(FILES.map((kind) => [kind, file(kind)])),
  collage: gallery,
  slideshow: gallery,
  map: place,
  mathematical_expression: (block) => h('p', {}, h('code', {}, block.expression)),
};

/** A rich message as elements, or null for a message that is none. */
export function richMessage(message, actions) {
  if (!message.rich_message) return null;
  const show = {
    url: (id) => message.file_urls?.[id],
    button: (button) => keyButton({ ...button, label: inline(button.text, show) }, message, actions),
    inline: (text) => inline(text, show),
    blocks: (blocks) => blocks.map((block) => BLOCKS[block.type]?.(block, show)),
  };
  const { blocks, is_rtl: rtl } = message.rich_message;
  return h('div.rich-message', { dir: rtl && 'rtl' }, show.blocks(blocks));
}
