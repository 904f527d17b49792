import * as api from './api.js';
import { keyOf } from './format.js';

const CHATS_DELAY_MS = 120;

/**
 * What one person's messenger knows: the chats, which one is open, its messages, and of which topic they are shown.
 * Fires 'chats', 'open', 'messages' and, when a request fails, 'problem' (detail: the error).
 */
export class Session extends EventTarget {
  chats = [];
  chatId = null;
  topicId = null;
  messages = new Map();
  loaded = false;
  #missed = null;
  #arrived = false;
  #chatsTimer = null;

  constructor(person) {
    super();
    this.person = person;
  }

  get chat() {
    return this.chats.find((chat) => chat.id === this.chatId) ?? null;
  }

  get isPrivate() {
    return this.chatId === this.person.id;
  }

  /** The topic that is open; null for all that is said in the chat. */
  get topic() {
    return this.chat?.topics.find((topic) => topic.message_thread_id === this.topicId) ?? null;
  }

  /** Where what is written goes: the General topic has no thread. */
  get threadId() {
    return this.topic && !this.topic.is_general ? this.topicId : undefined;
  }

  /** What is seen of the history: of one topic, or all. */
  get shown() {
    if (!this.topic) return this.history;
    return this.history.filter((message) => message.message_thread_id === this.threadId);
  }

  openTopic(topicId) {
    if (topicId === this.topicId) return;
    this.topicId = topicId;
    this.#fire('open');
  }

  /** What stands in place of another message hides it. */
  get history() {
    const all = [...this.messages.values()];
    const replaced = new Set(all.map((message) => message.replaced_id).filter(Boolean));
    const place = (message) => message.after ?? message.message_id;
    return all.filter((message) => !replaced.has(message.message_id))
      .sort((a, b) => place(a) - place(b) || (a.ephemeral_message_id ?? 0) - (b.ephemeral_message_id ?? 0));
  }

  /** Before Start a bot cannot write, so any message means that the chat has been started. */
  get needsStart() {
    return this.isPrivate && this.loaded && !this.person.bot_started && this.messages.size === 0;
  }

  async refresh() {
    await this.loadChats();
    if (this.chatId !== null) await this.#loadMessages();
  }

  async loadChats() {
    const chats = await this.attempt(api.chats(this.person.id));
    if (!chats) return;
    this.chats = chats;
    if (this.chatId !== null && !this.chat) await this.open(this.#successor());
    this.#fire('chats');
  }

  async open(chatId) {
    if (chatId === this.chatId) return;
    const left = this.#markRead();
    this.chatId = chatId;
    this.topicId = null;
    this.messages = new Map();
    this.loaded = false;
    this.#fire('open');
    if (chatId !== null) await this.#loadMessages();
    await left;
    this.#loadChatsSoon();
  }

  /** A message just sent; if the live stream was quicker, what it brought is not older. */
  add(message) {
    if (this.messages.has(keyOf(message))) return;
    this.messages.set(keyOf(message), message);
    this.#fire('messages');
  }

  /** Take an event of the live stream. */
  apply(type, data) {
    if (type === 'chat') return this.refresh();
    this.#loadChatsSoon();
    if (data.chat_id !== this.chatId) return undefined;
    this.#arrived = true;
    this.#missed?.push([type, data]);
    this.#change(type, data);
    return this.#fire('messages');
  }

  /** Await a request of the API; a failure is shown to the person and gives undefined. */
  async attempt(promise) {
    try {
      return await promise;
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      this.dispatchEvent(new CustomEvent('problem', { detail: error }));
      return undefined;
    }
  }

  /** Messages count as read once they are fetched; those that came live were not. */
  async #markRead() {
    if (!this.#arrived) return;
    this.#arrived = false;
    await this.attempt(api.messages(this.person.id, this.chatId));
  }

  #change(type, data) {
    if (type === 'deleted') this.messages.delete(keyOf(data));
    else this.messages.set(keyOf(data.message), data.message);
  }

  /** Events that arrive while the snapshot is on its way may be newer than it: they are applied once more. */
  async #loadMessages() {
    const { chatId } = this;
    const missed = [];
    this.#missed = missed;
    const snapshot = await this.attempt(api.messages(this.person.id, chatId));
    if (!snapshot || this.#missed !== missed) return;
    this.#missed = null;
    if (this.chatId !== chatId) return;
    this.messages = new Map(snapshot.map((message) => [keyOf(message), message]));
    for (const [type, data] of missed) this.#change(type, data);
    this.loaded = true;
    this.#fire('messages');
  }

  /** A burst of events asks for the list of chats once. */
  #loadChatsSoon() {
    clearTimeout(this.#chatsTimer);
    this.#chatsTimer = setTimeout(() => this.loadChats(), CHATS_DELAY_MS);
  }

  /** Where an open chat that is gone has moved to: a group that became a supergroup says so. */
  #successor() {
    return this.history.findLast((message) => message.migrate_to_chat_id)?.migrate_to_chat_id ?? null;
  }

  #fire(name) {
    this.dispatchEvent(new Event(name));
  }
}
