import { parseLink, rememberLeaver } from './address.js';
import * as api from './api.js';
import { avatar, chatAvatar } from './avatar.js';
import { ChatList } from './chat_list.js';
import { Composer } from './composer.js';
import { h, icon, iconButton } from './dom.js';
import { fullName } from './format.js';
import { t } from './i18n.js';
import { alertDialog, askPhone, Toasts } from './notices.js';
import { Session } from './session.js';
import { Timeline } from './timeline.js';
import { TopicBar } from './topic_bar.js';
import { askNewTopic, askTopic } from './topic_dialog.js';

/** The rights of an administrator that are worth a word. */
const RIGHTS = {
  can_manage_topics: 'topics', can_pin_messages: 'pins', can_delete_messages: 'deletion',
  can_restrict_members: 'members', can_invite_users: 'links',
};
const KINDS = { private: 'bot', group: 'group', supergroup: 'group', channel: 'channel' };

/** One person's messenger: the list of chats and the open chat. */
export class Column {
  #onLeave;
  #onOpen;
  #list = new ChatList();
  #toasts = new Toasts();

  /** `onLeave` is called before the person goes to another chat, `onOpen` when a chat has been opened or left. */
  constructor(person, { onLeave, onOpen, onPerson, onRemove }) {
    this.#onLeave = onLeave;
    this.#onOpen = onOpen;
    this.session = new Session(person);
    this.timeline = new Timeline(person, this.#messageActions());
    this.composer = new Composer(this.session, {
      send: (content) => this.#send(content),
      shareContact: () => this.#shareContact(),
      start: (payload) => this.#start(payload),
    });
    this.select = h('select', {
      name: 'person', 'aria-label': t('Person'), onchange: () => onPerson(Number(this.select.value)),
    });
    this.chatHeader = h('header.chat-header');
    this.topicBar = new TopicBar({
      open: (topicId) => this.session.openTopic(topicId),
      create: () => this.#createTopic(),
      change: (topic) => this.#changeTopic(topic),
    });
    this.closedTopic = h('p.closed-topic', { hidden: true }, icon('lock'), t('The topic is closed'));
    this.startButton = h('button.primary.start', { type: 'button', 'data-action': 'start' });
    this.startButton.addEventListener('click', () => this.#startOrUnblock());
    this.empty = h('p.empty');
    this.node = h('section.column', { 'data-person': person.id, 'aria-label': fullName(person) },
      h('header.person-header', {},
        avatar(person.id, fullName(person)),
        h('label.person-select', {}, this.select, icon('down')),
        iconButton('close', t('Remove the column'), { 'data-action': 'remove', onclick: onRemove })),
      h('div.panes', {},
        this.#list.node,
        this.#chatPane()));
    this.#listen();
  }

  get view() {
    return { personId: this.session.person.id, chatId: this.session.chatId };
  }

  async load(chatId) {
    await this.session.loadChats();
    const known = this.session.chats.some((chat) => chat.id === chatId);
    await this.session.open(known ? chatId : null);
    this.#render();
  }

  /** Show `people` in the switch; those of `taken` stand in another column. */
  offer(people, taken) {
    const mine = this.session.person.id;
    this.select.replaceChildren(...people.map((person) => h('option', {
      value: person.id, selected: person.id === mine, disabled: person.id !== mine && taken.has(person.id),
    }, fullName(person))));
  }

  apply(type, data) {
    if (type === 'toast') this.#answer(data);
    else this.session.apply(type, data);
  }

  #go(chatId) {
    this.#onLeave();
    return this.session.open(chatId);
  }

  #chatPane() {
    this.pane = h('div.chat-pane', {},
      h('div.chat-top', {}, this.chatHeader, this.topicBar.node), this.timeline.node, this.empty, this.#toasts.node,
      this.composer.node, this.closedTopic, this.startButton);
    this.pane.addEventListener('dragover', (event) => event.preventDefault());
    this.pane.addEventListener('drop', (event) => {
      event.preventDefault();
      this.composer.attach(event.dataTransfer.files[0]);
    });
    return this.pane;
  }

  #listen() {
    const { session } = this;
    session.addEventListener('problem', ({ detail }) => this.#toasts.show(detail.message, 'error'));
    session.addEventListener('chats', () => this.#render());
    session.addEventListener('messages', () => this.#renderMessages());
    session.addEventListener('open', () => {
      this.timeline.clear();
      this.composer.opened();
      this.#render();
      this.#onOpen();
    });
  }

  #render() {
    const { session } = this;
    this.#list.render(session, (chatId) => this.#go(chatId));
    const { chat } = session;
    this.node.toggleAttribute('data-open', chat !== null);
    if (chat) this.pane.dataset.chat = chat.id;
    else delete this.pane.dataset.chat;
    this.chatHeader.replaceChildren(...(chat ? this.#headerParts(chat) : []));
    this.topicBar.render(session);
    this.#renderMessages();
  }

  #headerParts(chat) {
    const kind = [this.#kind(chat), ...botPlace(chat)].join(' · ');
    return [
      iconButton('back', t('Back to chats'), { 'data-action': 'back', onclick: () => this.#go(null) }),
      chatAvatar(chat),
      h('div.chat-heading', {},
        h('h2', {}, chat.title),
        h('p', { title: kind }, h('span.kind', {}, kind), h('span.connecting', {}, t('Connecting…')))),
      chat.may_switch_topics && iconButton('topics', t(chat.is_forum ? 'Turn topics off' : 'Turn topics on'), {
        'data-action': 'topics', 'aria-pressed': String(chat.is_forum), onclick: () => this.#switchTopics(chat),
      }),
      chat.type === 'private' && iconButton('block', t('Block the bot'), {
        'data-action': 'block',
        hidden: this.session.needsStart || this.session.person.bot_blocked,
        onclick: () => this.#block(),
      }),
    ].filter(Boolean);
  }

  #kind(chat) {
    return t(chat.is_forum && chat.type !== 'private' ? 'group with topics' : KINDS[chat.type]);
  }

  #renderMessages() {
    const { session } = this;
    const { chat } = session;
    const blocked = session.isPrivate && session.person.bot_blocked;
    const closed = session.needsStart || blocked;
    const mute = session.topic?.may_write === false;
    this.composer.node.hidden = !chat || closed || mute;
    this.closedTopic.hidden = !mute;
    this.startButton.hidden = !chat || !closed;
    this.startButton.textContent = t(blocked ? 'Unblock the bot' : 'Start');
    this.empty.hidden = chat && (!session.loaded || session.shown.length > 0);
    this.empty.textContent = t(this.#emptyText());
    if (!chat) return;
    this.timeline.render(session.shown, chat, chat.is_forum && !session.topic);
    this.composer.update();
  }

  #emptyText() {
    if (!this.session.chat) return 'Choose a chat';
    return this.session.needsStart ? 'What can this bot do? Press Start to find out.' : 'No messages yet';
  }

  #messageActions() {
    return {
      press: (message, data) => this.#press(message, data),
      reply: (message) => this.composer.reply(message),
      jumpTo: (key) => this.timeline.show(key),
      openLink: (url) => this.#openLink(url),
      sendText: (text) => this.#send({ text }),
      writeInline: (query) => this.composer.write(`@${this.session.chat.bot?.username} ${query}`),
      copy: (text) => this.#copy(text),
    };
  }

  /** What the bot answers comes by the live stream too, whoever pressed: it is shown from there. */
  async #press(message, data) {
    const { person, chatId } = this.session;
    const answer = await this.session.attempt(api.press(person.id, chatId, message, data));
    if (!answer) return;
    if (!answer.answered) this.#toasts.show(t('The bot did not answer'), 'error');
    if (answer.url) this.#openLink(answer.url);
  }

  #answer({ text, show_alert: alert }) {
    if (!text) return;
    if (alert) alertDialog(text, fullName(this.session.person));
    else this.#toasts.show(text);
  }

  /** A link to the bot itself is followed by the messenger, any other by the browser. */
  #openLink(url) {
    const link = parseLink(url);
    if (link && link.username === this.session.chat.bot?.username) return this.#start(link.payload);
    rememberLeaver(this.session.person.id);
    return window.open(url, '_blank', 'noopener');
  }

  async #copy(text) {
    await navigator.clipboard.writeText(text);
    this.#toasts.show(t('Copied'));
  }

  async #createTopic() {
    const { person, chatId, isPrivate } = this.session;
    const wish = await askNewTopic(isPrivate);
    const made = wish && await this.session.attempt(api.openTopic(person.id, chatId, wish));
    if (!made || this.session.chatId !== chatId) return;
    await this.session.loadChats();
    this.session.openTopic(made.message_thread_id);
  }

  async #changeTopic(topic) {
    const { person, chatId, isPrivate } = this.session;
    const place = [person.id, chatId, topic.message_thread_id];
    const wanted = await askTopic(topic, isPrivate);
    if (!wanted || (wanted.deed !== 'delete' && !Object.keys(wanted.wish).length)) return;
    const change = wanted.deed === 'delete' ? api.deleteTopic(...place) : api.changeTopic(...place, wanted.wish);
    if (await this.session.attempt(change)) await this.session.refresh();
  }

  #switchTopics(chat) {
    return this.session.attempt(api.setForum(this.session.person.id, chat.id, !chat.is_forum));
  }

  async #send(content) {
    const { person, chatId, threadId } = this.session;
    const place = threadId ? { message_thread_id: threadId } : {};
    const message = await this.session.attempt(api.send(person.id, chatId, { ...content, ...place }));
    if (message && this.session.chatId === chatId) this.session.add(message);
    if (message) this.timeline.toBottom();
    return message;
  }

  async #shareContact() {
    const { person } = this.session;
    const phone = await askPhone(`+7900${String(person.id).padStart(7, '0').slice(-7)}`);
    if (!phone) return;
    await this.#send({ contact: { phone_number: phone, first_name: person.first_name, user_id: person.id } });
  }

  #startOrUnblock() {
    return this.session.person.bot_blocked ? this.#unblock() : this.#start();
  }

  async #start(payload) {
    const { person } = this.session;
    if (!(await this.session.attempt(api.start(person.id, payload)))) return;
    person.bot_started = true;
    await this.session.open(person.id);
    await this.session.refresh();
  }

  async #block() {
    if (await this.session.attempt(api.block(this.session.person.id))) this.#blocked(true);
  }

  async #unblock() {
    if (await this.session.attempt(api.unblock(this.session.person.id))) this.#blocked(false);
  }

  #blocked(value) {
    this.session.person.bot_blocked = value;
    this.#render();
  }
}

/** What the bot may do in a group, in a few words. */
function botPlace({ type, bot }) {
  if (type === 'private' || !bot) return [];
  const rights = Object.keys(RIGHTS).filter((right) => bot.rights.includes(right)).map((right) => t(RIGHTS[right]));
  const isTold = bot.status === 'administrator' && rights.length;
  return [t('bot: {place}', { place: isTold ? rights.join(', ') : t(bot.status) })];
}
