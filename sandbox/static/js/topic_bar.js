import { h, icon, iconButton, reconcile } from './dom.js';
import { t } from './i18n.js';

/** The sign of a topic: its emoji, or the first letter of its name on its colour. */
export function topicIcon(topic) {
  const letter = [...topic.name][0]?.toUpperCase();
  const sign = topic.is_general ? '#' : topic.icon || letter;
  const colour = topic.is_general || topic.icon ? null : topic.icon_color;
  return h('span.topic-icon', { 'data-colour': colour, 'aria-hidden': 'true' }, sign);
}

/** The topics of the open chat. What shows the same is kept, so it keeps the focus. */
export class TopicBar {
  #tabs = h('div.topic-tabs');
  #buttons = h('div.topic-buttons');
  #known = new Map();
  /** Where the person is: [chat, topic]. */
  #place = [];
  #actions;

  /** `actions`: {open(topicId or null for all), create, change(topic)}. */
  constructor(actions) {
    this.#actions = actions;
    this.node = h('nav.topic-bar', { 'aria-label': t('Topics'), hidden: true }, this.#tabs, this.#buttons);
  }

  render(session) {
    const { chat, topic } = session;
    this.node.hidden = !chat?.is_forum;
    if (this.node.hidden) return;
    const before = this.#known;
    this.#known = new Map();
    const fill = (place, lines) => reconcile(place, lines.filter(Boolean).map((line) => this.#kept(before, chat, line)));
    fill(this.#tabs, this.#topics(chat, topic));
    fill(this.#buttons, [
      topic?.may_change && ['change', topic, () => this.#changeButton(topic)],
      chat.may_create_topics && ['new', '', () => this.#newButton()],
    ]);
    this.#follow(chat.id, topic?.message_thread_id ?? 'all');
  }

  /** [key, state, build] of each tab. */
  #topics(chat, open) {
    const seen = chat.topics.filter((topic) => !topic.is_hidden || topic.may_change);
    return [
      ['all', !open, () => this.#all(!open)],
      ...seen.map((topic) => [topic.message_thread_id, [topic, topic === open], () => this.#tab(topic, topic === open)]),
    ];
  }

  #kept(before, chat, [key, state, build]) {
    const signature = JSON.stringify([chat.id, state]);
    const known = before.get(key);
    const node = known?.signature === signature ? known.node : build();
    this.#known.set(key, { signature, node });
    return node;
  }

  #all(current) {
    return h('button.topic-tab', {
      type: 'button', 'data-topic': 'all', 'aria-current': current && 'true', onclick: () => this.#actions.open(null),
    }, t('All'));
  }

  #tab(topic, current) {
    const state = t(topic.is_hidden ? 'hidden' : 'closed');
    return h('button.topic-tab', {
      type: 'button', 'data-topic': topic.message_thread_id, 'aria-current': current && 'true',
      'data-closed': topic.is_closed, 'data-hidden': topic.is_hidden,
      title: topic.is_closed ? `${topic.name} (${state})` : topic.name,
      onclick: () => this.#actions.open(topic.message_thread_id),
    },
    topicIcon(topic),
    h('span.topic-name', {}, topic.name),
    topic.is_closed && h('span.topic-state', { 'aria-label': state }, icon(topic.is_hidden ? 'hidden' : 'lock')));
  }

  #changeButton(topic) {
    return iconButton('edit', t('Change the topic'), {
      'data-action': 'change-topic', onclick: () => this.#actions.change(topic),
    });
  }

  #newButton() {
    return iconButton('plus', t('New topic'), { 'data-action': 'new-topic', onclick: () => this.#actions.create() });
  }

  /** Of another chat, or another topic, the tab is brought into sight. */
  #follow(chatId, key) {
    const [chat, open] = this.#place;
    this.#place = [chatId, key];
    if (chat === chatId && open === key) return;
    this.#known.get(key).node.scrollIntoView({ block: 'nearest', inline: 'center' });
  }
}
