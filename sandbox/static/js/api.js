/** The person API of the sandbox: what a messenger app may do for its user. */
import { t } from './i18n.js';

export class ApiError extends Error {}

async function request(path, { method = 'GET', json, form } = {}) {
  const body = json ? JSON.stringify(json) : form;
  const headers = json ? { 'Content-Type': 'application/json' } : {};
  let response;
  try {
    response = await fetch(`/client${path}`, { method, body, headers });
  } catch {
    throw new ApiError(t('The server is not available'));
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(answer.description ?? answer.error ?? `HTTP ${response.status}`);
  return answer;
}

const post = (path, json = {}) => request(path, { method: 'POST', json });
const chatPath = (personId, chatId) => `/people/${personId}/chats/${chatId}`;

export const people = () => request('/people');
export const chats = (personId) => request(`/people/${personId}/chats`);
export const messages = (personId, chatId) => request(`${chatPath(personId, chatId)}/messages`);
export const commands = (personId, chatId) => request(`${chatPath(personId, chatId)}/commands`);

/** `content`: {text, from_menu} or {file, caption} or {contact}, each with an optional reply_to_message_id or message_thread_id. */
export function send(personId, chatId, content) {
  const path = `${chatPath(personId, chatId)}/messages`;
  if (!content.file) return post(path, content);
  const form = new FormData();
  for (const [name, value] of Object.entries(content)) if (value) form.append(name, value);
  return request(path, { method: 'POST', form });
}

export function press(personId, chatId, { message_id, ephemeral_message_id }, data) {
  return post(`${chatPath(personId, chatId)}/press`, { message_id, ephemeral_message_id, data });
}

export const topicIcons = () => request('/topic_icons');
export const openTopic = (personId, chatId, wish) => post(`${chatPath(personId, chatId)}/topics`, wish);
export const changeTopic = (personId, chatId, topicId, wish) =>
  post(`${chatPath(personId, chatId)}/topics/${topicId}`, wish);
export const deleteTopic = (personId, chatId, topicId) =>
  post(`${chatPath(personId, chatId)}/topics/${topicId}/delete`);
export const setForum = (personId, chatId, isForum) =>
  post(`${chatPath(personId, chatId)}/forum`, { is_forum: isForum });

export const inline = (personId, question) => post(`/people/${personId}/inline`, question);
export const choose = (personId, choice) => post(`/people/${personId}/inline/choose`, choice);
export const start = (personId, payload) => post(`/people/${personId}/start`, payload ? { payload } : {});
export const block = (personId) => post(`/people/${personId}/block`);
export const unblock = (personId) => post(`/people/${personId}/unblock`);
