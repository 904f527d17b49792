"""/settings: how requests look to a person, where they stand, and when he is told."""

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData, Verb
from telegrambot.content.keyboards import marked
from telegrambot.content.markup import bold, plain
from telegrambot.incoming.handlers import hours, membership
from telegrambot.incoming.replies import Reply, instead, send
from telegrambot.incoming.updates import CallbackQuery, Message
from telegrambot.models import Chat
from telegrambot.places import Place
from telegrambot.projection.news import show_everything_anew
from treasury.models import Decision, Employee, Organization
from treasury.services import people

Dress = Chat.Dress
Per = Chat.TopicPer
# As buttons name them.
_DRESSES = {1: Dress.TEXT, 2: Dress.RICH}
_LANGUAGES = {1: (Employee.Language.RU, "Русский"), 2: (Employee.Language.EN, "English")}
_TOPICS = {
    1: (Per.NOTHING, gettext_lazy("One list")),
    2: (Per.ORGANIZATION, gettext_lazy("Topics")),
}


def settings(message: Message, employee: Employee, argument: str) -> Reply:
    return _offer(message.place, membership.open_chat(message.chat), employee)


def shown(query: CallbackQuery, employee: Employee) -> Reply:
    """Once more, on the way back from a further page."""
    return instead(query, _offer(query.own_place, membership.own_chat(query), employee))


def dressed(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """None for a dress that there is not."""
    dress = _DRESSES.get(data.target)
    if dress is None:
        return None
    chat = membership.own_chat(query)
    if chat.dress != dress:
        chat.dress = dress
        chat.save(update_fields=["dress"])
        show_everything_anew(Chat.objects.filter(pk=chat.pk))
    return instead(query, _offer(query.own_place, chat, employee), Dress(dress).label)


def topics_for(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """None for what there is not. What stands in the chat already stays where it is."""
    if data.target not in _TOPICS:
        return None
    per, label = _TOPICS[data.target]
    chat = membership.own_chat(query)
    if chat.topic_per != per:
        chat.topic_per = per
        chat.save(update_fields=["topic_per"])
    return instead(query, _offer(query.own_place, chat, employee), str(label))


def spoken(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """None for a language that there is not. All that is shown to him follows."""
    if data.target not in _LANGUAGES:
        return None
    language, name = _LANGUAGES[data.target]
    people.speak(employee=employee, language=language, channel=Decision.Channel.TELEGRAM)
    employee.language = language
    chat = membership.own_chat(query)
    with translation.override(language):
        return instead(query, _offer(query.own_place, chat, employee), name)


def _offer(place: Place, chat: Chat, employee: Employee) -> Reply:
    lines = [
        bold(_("Settings")),
        plain(_("Requests come as text, which every app shows, or as cards with lists that fold.")),
        plain(
            _("If requests come as an empty or unsupported message, your app is too old for them.")
        ),
    ]
    dresses = [
        (marked(dress.label, chosen=dress == chat.dress), number)
        for number, dress in _DRESSES.items()
    ]
    rows = [keyboards.choices(Verb.DRESS, dresses)]
    if _are_many_organizations():
        lines.append(
            plain(_("Requests may stand in one list, or in a topic of each organization."))
        )
        topics = [
            (marked(label, chosen=per == chat.topic_per), number)
            for number, (per, label) in _TOPICS.items()
        ]
        rows.append(keyboards.choices(Verb.TOPICS, topics))
    languages = [
        (marked(name, chosen=language == employee.language), number)
        for number, (language, name) in _LANGUAGES.items()
    ]
    rows += [keyboards.choices(Verb.LANGUAGE, languages), *hours.ways(chat)]
    return send(place, "\n".join(lines), keyboards.markup(rows))


def _are_many_organizations() -> bool:
    return len(Organization.objects.filter(is_active=True)[:2]) > 1
