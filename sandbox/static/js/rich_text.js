import { h } from './dom.js';

const TAGS = {
  bold: 'b', italic: 'i', underline: 'u', strikethrough: 's', subscript: 'sub', superscript: 'sup', marked: 'mark',
  code: 'code',
};

const OTHERS = {
  spoiler: (part, content) => h('span.spoiler', { tabindex: 0 }, content),
  url: (part, content) => h('a.link', { href: part.url, target: '_blank', rel: 'noopener noreferrer' }, content),
  bot_command: (part, content) => h('button.command', { type: 'button' }, content),
  date_time: (part, content) => h('time', { datetime: new Date(part.unix_time * 1000).toISOString() }, content),
  custom_emoji: (part) => part.alternative_text,
  mathematical_expression: (part) => h('code', {}, part.expression),
  anchor: () => null,
  button: (part, content, show) => show.button(part.button),
};

/** The nodes of a RichText: a string, a list of RichText or an object that gives one a meaning. */
export function inline(text, show) {
  if (typeof text === 'string') return [text];
  if (Array.isArray(text)) return text.flatMap((part) => inline(part, show));
  const content = text.text === undefined ? [] : inline(text.text, show);
  if (TAGS[text.type]) return [h(TAGS[text.type], {}, content)];
  return [OTHERS[text.type] ? OTHERS[text.type](text, content, show) : h(`span.${text.type}`, {}, content)];
}

/** What is written in a RichText, without its form. */
export function words(text) {
  if (typeof text === 'string') return text;
  if (Array.isArray(text)) return text.map(words).join('');
  return words(text.text ?? text.alternative_text ?? '');
}
