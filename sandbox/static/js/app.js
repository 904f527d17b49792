/**
 * The chat page of the sandbox: several people side by side, each with a messenger of his own.
 *
 * Hooks for browser tests, kept stable:
 *   section[data-person="<id>"]       a person's column; `data-open` while a chat is open in it
 *   [data-chat="<id>"]                a chat in the list (button.chat), and the open chat (.chat-pane)
 *   [data-message-id="<id>"]          a message with its bubble and keyboard (an item, within an album)
 *   button[data-callback="<data>"]    an inline button; aria-busy="true" until the bot has answered
 *   button[data-result="<id>"]        a result of an inline query
 *   [data-action="..."]               start, back, reply, attach, commands, keyboard, block, remove, add,
 *                                     topics, new-topic, change-topic
 *   form[name=composer]               with textarea[name=text] and input[name=file]
 *   select[name=person]               the person of a column
 *   .edited  .quote                   the mark of an edited message, a quoted message
 *   .toast                            an answer of the bot, or data-kind="error" of the page itself
 *   button[data-command="<command>"]  a line of the list of commands
 *   dialog.alert  dialog.phone        a bot's alert, the question before a phone number is shared (input[name=phone])
 *   button[data-topic="<id>"]         a topic in the bar of a forum, "all" for all; data-closed, data-hidden
 *   .closed-topic                     stands in place of the form where one may not write
 *   dialog.topic                      a topic's name, icon and state (input[name=name], select[name=icon])
 *   dialog.link                       the question who opens a link to the bot (select[name=who])
 */
import * as address from './address.js';
import * as api from './api.js';
import { Column } from './column.js';
import { h, reconcile } from './dom.js';
import { language, t } from './i18n.js';
import { follow } from './live.js';
import { askWho } from './notices.js';
import { TopBar } from './top_bar.js';

const MAX_COLUMNS = 4;
const COLUMN_PX = 460;
const RETRY_MS = 2000;

const board = document.querySelector('main');
const bar = new TopBar({ onActivate: activate, onAdd: add });
let people = [];
let columns = [];
let activeId = null;
let unfollow = () => {};

async function start() {
  document.documentElement.lang = language;
  document.title = t('Telegram sandbox');
  let view = null;
  try {
    await loadPeople();
    if (people.length) view = await viewOfLink();
  } catch (error) {
    return startLater(error.message);
  }
  if (!people.length) return startLater(t('Nobody is here yet. People are added through the control API.'));
  window.addEventListener('popstate', () => show(wantedView()));
  return show(view ?? wantedView());
}

/** Whoever opens a link to the bot presses Start in his own chat. */
async function viewOfLink() {
  const link = address.parseLink(location);
  if (!link) return null;
  const likely = address.readView()[0]?.personId ?? address.lastLeaver();
  const personId = await askWho(people, likely, link.username);
  if (personId) await api.start(personId, link.payload);
  address.leaveLink();
  return personId && [{ personId, chatId: personId }];
}

function startLater(reason) {
  board.replaceChildren(h('p.empty', {}, reason));
  setTimeout(start, RETRY_MS);
}

/** The objects stay the same, for the columns hold them. */
async function loadPeople() {
  const known = new Map(people.map((person) => [person.id, person]));
  people = (await api.people()).map((person) => Object.assign(known.get(person.id) ?? {}, person));
}

function wantedView() {
  const asked = address.readView().filter(({ personId }) => people.some(({ id }) => id === personId));
  if (asked.length) return asked.slice(0, MAX_COLUMNS);
  const fit = Math.max(1, Math.min(MAX_COLUMNS, Math.floor(innerWidth / COLUMN_PX)));
  return people.slice(0, fit).map(({ id }) => ({ personId: id, chatId: null }));
}

const shown = () => columns.map(({ session }) => session.person.id);
const views = () => columns.map(({ view }) => view);

/** Bring the columns to `view`; those of people who stay are kept with all they hold. */
async function show(view) {
  const known = new Map(columns.map((column) => [column.session.person.id, column]));
  const before = shown().join();
  columns = view.map(({ personId }) => known.get(personId) ?? newColumn(personId));
  reconcile(board, columns.map(({ node }) => node));
  board.dataset.columns = columns.length;
  if (!shown().includes(activeId)) [activeId] = shown();
  offer();
  if (shown().join() !== before) connect();
  await Promise.all(columns.map((column, index) => column.load(view[index].chatId)));
  navigated();
}

function newColumn(personId) {
  return new Column(people.find(({ id }) => id === personId), {
    onLeave: address.remember,
    onOpen: navigated,
    onPerson: (id) => replace(personId, id),
    onRemove: () => remove(personId),
  });
}

/** A group stays open, as the other person sees it. */
function replace(oldId, newId) {
  activeId = newId;
  show(views().map(({ personId, chatId }) =>
    (personId === oldId ? { personId: newId, chatId: chatId < 0 ? chatId : null } : { personId, chatId })));
}

function remove(removedId) {
  show(views().filter(({ personId }) => personId !== removedId));
}

function add() {
  activeId = people.find(({ id }) => !shown().includes(id)).id;
  show([...views(), { personId: activeId, chatId: null }]);
}

/** Who can be chosen: everyone but those who have a column already. */
function offer() {
  for (const column of columns) column.offer(people, new Set(shown()));
  bar.render(columns.map(({ session }) => session.person), columns.length < Math.min(MAX_COLUMNS, people.length));
  mark();
}

function activate(personId) {
  activeId = personId;
  mark();
}

function navigated() {
  address.writeView(views());
  mark();
}

/** What the style sheets need to know of the view. */
function mark() {
  bar.mark(activeId);
  for (const column of columns) column.node.toggleAttribute('data-active', column.view.personId === activeId);
  document.body.dataset.people = columns.length;
  const active = views().find(({ personId }) => personId === activeId);
  document.body.toggleAttribute('data-chat-open', active.chatId !== null);
}

function connect() {
  unfollow();
  unfollow = follow(shown(), { onOpen: connected, onLost: lost, onEvent: deliver });
}

async function connected() {
  document.body.dataset.online = 'yes';
  await peopleChanged();
  for (const { session } of columns) session.refresh();
}

function lost() {
  document.body.dataset.online = 'no';
}

/** Somebody was added, or started or blocked the bot. */
async function peopleChanged() {
  await loadPeople();
  offer();
}

/** An event of a private chat (its id is the person's) or a toast concerns one column, others all. */
async function deliver(type, data) {
  if (type === 'chat') await peopleChanged();
  const personId = data.person_id ?? (data.chat_id > 0 ? data.chat_id : null);
  for (const column of columns) {
    if (personId === null || personId === column.view.personId) column.apply(type, data);
  }
}

start();
