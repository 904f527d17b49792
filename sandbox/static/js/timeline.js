import { bubble } from './bubble.js';
import { h, iconButton, reconcile } from './dom.js';
import { day, keyOf, speaker } from './format.js';
import { t } from './i18n.js';
import { serviceText } from './service.js';

const PAGE = 200;
const NEAR_BOTTOM_PX = 60;
const RUN_SECONDS = 10 * 60;

/** Messages of one album become one item. */
function items(history) {
  const result = [];
  for (const message of history) {
    const last = result.at(-1);
    const joins = last && message.media_group_id && last[0].media_group_id === message.media_group_id;
    if (joins) last.push(message);
    else result.push([message]);
  }
  return result;
}

/** The list of messages of the open chat: separators, runs of one sender, scroll position. */
export class Timeline {
  #nodes = new Map();
  #stuck = true;
  #top = 0;
  #unseen = 0;
  #limit = PAGE;
  #person;
  #actions;

  constructor(person, actions) {
    this.#person = person;
    this.#actions = actions;
    this.list = h('ol.messages', { onclick: (event) => this.#clicked(event) });
    this.scroller = h('div.scroller', {
      tabindex: 0, role: 'log', 'aria-label': t('Messages'), onscroll: () => this.#scrolled(),
    }, this.list);
    this.badge = h('span.badge', { hidden: true });
    this.jump = iconButton('down', t('New messages'), {
      class: 'icon-button jump', hidden: true, onclick: () => this.toBottom('smooth'),
    });
    this.jump.append(this.badge);
    this.node = h('div.timeline', {}, this.scroller, this.jump);
    const keep = new ResizeObserver(() => this.#stuck && this.toBottom());
    keep.observe(this.scroller);
    keep.observe(this.list);
  }

  /** Forget everything: another chat is being opened. */
  clear() {
    this.#nodes = new Map();
    this.#limit = PAGE;
    this.#stuck = true;
    this.list.replaceChildren();
    this.#seen();
  }

  /** `named`: whether each message tells its topic. */
  render(history, chat, named = chat.is_forum) {
    const before = this.#nodes;
    const fresh = before.size > 0;
    this.#nodes = new Map();
    const nodes = this.#wanted(history, chat, named).map(([key, signature, build]) => {
      const known = before.get(key);
      const node = known?.signature === signature ? known.node : build();
      if (fresh && !known) this.#arrived(node);
      if (known && known.node !== node) keepFocus(known.node, node);
      this.#nodes.set(key, { signature, node });
      return node;
    });
    reconcile(this.list, nodes);
    if (this.#stuck) this.toBottom();
    this.#scrolled();
  }

  toBottom(behavior = 'instant') {
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior });
  }

  show(key) {
    const target = this.list.querySelector(`[data-message-id="${key}"]`);
    if (!target) return;
    target.scrollIntoView({ block: 'center', behavior: 'smooth' });
    target.classList.remove('flash');
    requestAnimationFrame(() => target.classList.add('flash'));
  }

  /** [key, signature, build] of each line, from the oldest; a line is built anew when its signature changes. */
  #wanted(history, chat, named) {
    const lines = [];
    const shown = history.slice(-this.#limit);
    if (shown.length < history.length) lines.push(['earlier', '', () => this.#earlier(history, chat, named)]);
    const topics = new Map(named ? chat.topics.map((topic) => [topic.message_thread_id, topic]) : []);
    const all = items(shown);
    all.forEach((messages, index) => {
      const [message] = messages;
      const previous = all[index - 1]?.[0];
      const date = day(message.date);
      if (!previous || day(previous.date) !== date) lines.push([`day ${date}`, date, () => separator(date)]);
      lines.push(this.#line(messages, previous, all[index + 1]?.[0], chat, topics));
    });
    return lines;
  }

  #line(messages, previous, next, chat, topics) {
    const [message] = messages;
    const key = keyOf(message);
    const service = serviceText(message);
    if (service) return [key, service, () => h('li.service', { 'data-message-id': key }, h('span', {}, service))];
    const own = message.from?.id === this.#person.id;
    const first = !sameRun(previous, message);
    const place = {
      own,
      last: !sameRun(message, next),
      avatars: chat.type !== 'private',
      named: chat.type !== 'private' && !own && first,
      topic: first && message.is_topic_message && topics.get(message.message_thread_id),
    };
    const signature = JSON.stringify([messages, place]);
    return [key, signature, () => bubble(messages, place, this.#person, this.#actions)];
  }

  #earlier(history, chat, named) {
    const more = () => {
      const fromBottom = this.scroller.scrollHeight - this.scroller.scrollTop;
      this.#limit += PAGE;
      this.render(history, chat, named);
      this.scroller.scrollTop = this.scroller.scrollHeight - fromBottom;
    };
    return h('li.earlier', {}, h('button.key', { type: 'button', onclick: more }, t('Show earlier messages')));
  }

  /** Commands and links within texts. */
  #clicked(event) {
    const target = event.target.closest('.rich .command, .rich a, .rich-message .command, .rich-message a.link');
    if (!target) return;
    event.preventDefault();
    if (target.matches('a')) this.#actions.openLink(target.href);
    else this.#actions.sendText(target.textContent);
  }

  #arrived(node) {
    node.classList.add('fresh');
    if (this.#stuck || !node.matches('.peer')) return;
    this.#unseen += 1;
    this.#showBadge();
  }

  /** Only scrolling up leaves the bottom: what grows below or beside does not. */
  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const near = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
    this.#stuck = near || (this.#stuck && scrollTop >= this.#top);
    this.#top = scrollTop;
    if (this.#stuck) this.#seen();
    this.jump.hidden = this.#stuck;
  }

  #seen() {
    this.#unseen = 0;
    this.#showBadge();
  }

  #showBadge() {
    this.badge.textContent = this.#unseen;
    this.badge.hidden = this.#unseen === 0;
  }
}

function sameRun(a, b) {
  return a && b && !serviceText(a) && !serviceText(b) && speaker(a).id === speaker(b).id
    && a.message_thread_id === b.message_thread_id && b.date - a.date < RUN_SECONDS && day(a.date) === day(b.date);
}

const separator = (date) => h('li.day', {}, h('span', {}, date));

/** An edited message is a new element: the keyboard user stays on the same button. */
function keepFocus(old, fresh) {
  const focused = old.contains(document.activeElement) && document.activeElement;
  if (!focused) return;
  const { callback, action } = focused.dataset;
  const same = [...fresh.querySelectorAll('button')].find(({ dataset }) =>
    dataset.callback === callback && dataset.action === action);
  requestAnimationFrame(() => same?.focus({ preventScroll: true }));
}
