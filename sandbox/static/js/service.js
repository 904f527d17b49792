import { fullName, speaker } from './format.js';
import { t } from './i18n.js';

const names = (users) => users.map(fullName).join(', ');

const TEXTS = {
  new_chat_members: (message) => t('{name} joined the group', { name: names(message.new_chat_members) }),
  left_chat_member: (message) => t('{name} left the group', { name: fullName(message.left_chat_member) }),
  new_chat_title: (message) => t('The group is now called “{title}”', { title: message.new_chat_title }),
  new_chat_photo: () => t('The group has another photo'),
  delete_chat_photo: () => t('The group has no photo any more'),
  group_chat_created: () => t('The group was created'),
  supergroup_chat_created: () => t('The group was created'),
  migrate_to_chat_id: () => t('The group became a supergroup'),
  migrate_from_chat_id: () => t('The group became a supergroup'),
  pinned_message: (message) => t('{name} pinned a message', { name: fullName(speaker(message)) }),
  forum_topic_created: (message) => t('Topic “{title}” was created', { title: message.forum_topic_created.name }),
  forum_topic_edited: ({ forum_topic_edited: { name } }) =>
    (name ? t('The topic is now called “{title}”', { title: name }) : t('The topic has another icon')),
  forum_topic_closed: () => t('The topic was closed'),
  forum_topic_reopened: () => t('The topic was reopened'),
  general_forum_topic_hidden: () => t('The General topic was hidden'),
  general_forum_topic_unhidden: () => t('The General topic is shown again'),
};

/** The line for a service message, or null for a message somebody wrote. */
export function serviceText(message) {
  const kind = Object.keys(TEXTS).find((key) => message[key]);
  return kind ? TEXTS[kind](message) : null;
}
