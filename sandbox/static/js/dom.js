/**
 * Build an element: h('button.primary', {type: 'button', onclick: send}, 'Send').
 * Attributes that are null, undefined or false are left out; so are such children.
 */
export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const node = document.createElement(name);
  if (classes.length) node.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child || child === 0));
  return node;
}

const SVG = 'http://www.w3.org/2000/svg';

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export function iconButton(name, label, attributes = {}) {
  return h('button.icon-button', { type: 'button', title: label, 'aria-label': label, ...attributes }, icon(name));
}

/** Three lines of it, and all at a click or by the keyboard. */
export function foldable(quotation) {
  const turn = () => quotation.classList.toggle('open');
  quotation.tabIndex = 0;
  quotation.addEventListener('click', turn);
  quotation.addEventListener('keydown', ({ key }) => { if (key === 'Enter') turn(); });
}

/** The server renders entities as safe HTML; nothing else may come here. */
export function richText(html) {
  const node = h('div.rich');
  node.innerHTML = html;
  for (const link of node.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  node.querySelectorAll('blockquote.expandable').forEach(foldable);
  // The line break after a block would be one more empty line.
  for (const { nextSibling: after } of node.querySelectorAll('blockquote, pre')) {
    if (after?.nodeType === Node.TEXT_NODE) after.data = after.data.replace(/^\n/, '');
  }
  for (const command of node.querySelectorAll('.bot_command')) {
    command.replaceWith(h('button.command', { type: 'button' }, command.textContent));
  }
  return node;
}

/** Make `parent` hold exactly `nodes`; those already in place are not moved, so they keep focus and scroll. */
export function reconcile(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    const current = parent.children[index];
    if (current !== node) parent.insertBefore(node, current ?? null);
  });
}
