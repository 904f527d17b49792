import * as api from './api.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { ask, okButton } from './notices.js';

const MAX_NAME = 128;

/** Resolves to what is wanted of a new topic, or null. In a private chat it may be left without a name. */
export async function askNewTopic(isPrivate) {
  const fields = [h('h2', {}, t('New topic')), nameField('', !isPrivate), await iconField('')];
  const data = await ask('topic', fields, [cancelButton(), okButton(t('Create'))]);
  return data && { name: data.get('name').trim(), icon_custom_emoji_id: data.get('icon') };
}

/** Resolves to {deed: 'save', 'delete' or the change of a state, and what is wanted}, or null. */
export async function askTopic(topic, isPrivate) {
  const fields = [
    h('h2', {}, t('Topic')),
    nameField(topic.name, true),
    !topic.is_general && await iconField(topic.icon_custom_emoji_id ?? ''),
    h('div.dialog-deeds', {}, deeds(topic, isPrivate)),
  ].filter(Boolean);
  const data = await ask('topic', fields, [cancelButton(), okButton(t('Save'))]);
  return data && { deed: data.get('deed'), wish: changes(topic, data) };
}

/** Only what has become another: to ask for what is so already is an error. */
function changes(topic, data) {
  const deed = data.get('deed');
  if (deed === 'close' || deed === 'reopen') return { is_closed: deed === 'close' };
  if (deed === 'hide' || deed === 'show') return { is_hidden: deed === 'hide' };
  const [name, icon] = [data.get('name').trim(), data.get('icon')];
  return {
    ...(name !== topic.name && { name }),
    ...(icon !== null && icon !== (topic.icon_custom_emoji_id ?? '') && { icon_custom_emoji_id: icon }),
  };
}

function deeds(topic, isPrivate) {
  return [
    !isPrivate && deedButton(topic.is_closed ? 'reopen' : 'close', t(topic.is_closed ? 'Reopen' : 'Close')),
    topic.is_general && deedButton(topic.is_hidden ? 'show' : 'hide', t(topic.is_hidden ? 'Show' : 'Hide')),
    topic.may_delete && deedButton('delete', t('Delete')),
  ].filter(Boolean);
}

const cancelButton = () => h('button.plain', { value: 'cancel', formnovalidate: true }, t('Cancel'));
const deedButton = (deed, label) => h('button.plain', { value: deed, formnovalidate: true }, label);

function nameField(name, required) {
  const input = h('input', { name: 'name', value: name, required, maxlength: MAX_NAME, autocomplete: 'off' });
  return h('label', {}, h('span', {}, t('Name of the topic')), input);
}

async function iconField(chosen) {
  const icons = Object.entries(await api.topicIcons());
  const options = [['', t('no icon')], ...icons].map(([id, emoji]) =>
    h('option', { value: id, selected: id === chosen }, emoji));
  return h('label', {}, h('span', {}, t('Icon')), h('select', { name: 'icon' }, options));
}
