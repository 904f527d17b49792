const RUSSIAN = {
  'Telegram sandbox': 'Песочница Telegram',
  'Add a person': 'Добавить человека',
  'Remove the column': 'Убрать колонку',
  'Person': 'Человек',
  'People': 'Люди',
  'Language': 'Язык',
  'Chats': 'Чаты',
  'No chats yet': 'Чатов пока нет',
  'Nobody is here yet. People are added through the control API.':
    'Здесь пока никого нет. Люди добавляются через управляющий API.',
  'Choose a chat': 'Выберите чат',
  'No messages yet': 'Сообщений пока нет',
  'What can this bot do? Press Start to find out.': 'Что умеет этот бот? Нажмите «Запустить», чтобы узнать.',
  'Unread messages: {count}': 'Непрочитанных сообщений: {count}',
  'Back to chats': 'Назад к чатам',
  'Block the bot': 'Заблокировать бота',
  'Unblock the bot': 'Разблокировать бота',
  'Start': 'Запустить',
  'bot': 'бот',
  'group': 'группа',
  'channel': 'канал',
  'group with topics': 'группа с темами',
  'Connecting…': 'Соединение…',
  'Messages': 'Сообщения',
  'Message': 'Сообщение',
  'Caption': 'Подпись',
  'Send': 'Отправить',
  'Attach a file': 'Прикрепить файл',
  'Remove the file': 'Убрать файл',
  'Reply': 'Ответить',
  'Reply to {name}': 'В ответ: {name}',
  'Cancel the reply': 'Отменить ответ',
  'Cancel': 'Отмена',
  'Bot keyboard': 'Клавиатура бота',
  'Commands of the bot': 'Команды бота',
  'No such command': 'Такой команды нет',
  'Who opens the link?': 'Кто открывает ссылку?',
  'A link to @{name}: in a real messenger its owner opens it.':
    'Ссылка на @{name}. В настоящем мессенджере её открывает его владелец.',
  'Show earlier messages': 'Показать более ранние',
  'New messages': 'Новые сообщения',
  'edited': 'изменено',
  'via {name}': 'через {name}',
  'Today': 'Сегодня',
  'Yesterday': 'Вчера',
  'You': 'Вы',
  'Photo': 'Фотография',
  'File': 'Файл',
  'Contact': 'Контакт',
  'Table': 'Таблица',
  'Done': 'Готово',
  'Visible to you only': 'Видно только вам',
  'Unsupported message': 'Неподдерживаемое сообщение',
  'Copied': 'Скопировано',
  'OK': 'ОК',
  'Share my phone number': 'Отправить мой номер',
  'The bot will know your phone number.': 'Бот узнает ваш номер телефона.',
  'Phone number': 'Номер телефона',
  'The bot did not answer': 'Бот не ответил',
  'The server is not available': 'Сервер недоступен',
  'Nothing found': 'Ничего не найдено',
  'Searching…': 'Поиск…',
  'More results': 'Ещё результаты',
  'Results of the inline query': 'Результаты запроса',
  '{name} joined the group': '{name} в группе',
  '{name} left the group': '{name} больше не в группе',
  'The group is now called “{title}”': 'Группа теперь называется «{title}»',
  'The group has another photo': 'У группы новое фото',
  'The group has no photo any more': 'У группы больше нет фото',
  'The group was created': 'Группа создана',
  'The group became a supergroup': 'Группа преобразована в супергруппу',
  '{name} pinned a message': '{name} закрепляет сообщение',
  'Topic “{title}” was created': 'Создана тема «{title}»',
  'The topic was renamed': 'Тема переименована',
  'The topic was closed': 'Тема закрыта',
  'The topic was reopened': 'Тема снова открыта',
  'B': 'Б',
  'KB': 'КБ',
  'MB': 'МБ',
};

export const LANGUAGES = ['ru', 'en'];

function choose() {
  const wanted = new URLSearchParams(location.search).get('lang');
  if (LANGUAGES.includes(wanted)) return wanted;
  return navigator.language.toLowerCase().startsWith('ru') ? 'ru' : 'en';
}

export const language = choose();

/** Translate an English phrase; `{name}` in it is taken from `values`. */
export function t(phrase, values = {}) {
  const text = language === 'ru' ? (RUSSIAN[phrase] ?? phrase) : phrase;
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}
