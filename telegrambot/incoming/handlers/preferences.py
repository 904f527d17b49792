"""/settings: how requests look to a person."""

from django.utils.translation import gettext as _

from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData
from telegrambot.content.markup import bold, plain
from telegrambot.incoming.handlers import membership
from telegrambot.incoming.replies import Reply, instead, send
from telegrambot.incoming.updates import CallbackQuery, ChatInfo, Message
from telegrambot.models import Chat
from telegrambot.places import Place
from telegrambot.projection.news import show_everything_anew
from treasury.models import Employee

Dress = Chat.Dress
# As a button names them.
_DRESSES = {1: Dress.TEXT, 2: Dress.RICH}


def settings(message: Message, employee: Employee, argument: str) -> Reply:
    return _offer(message.place, membership.open_chat(message.chat))


def dressed(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """None for a dress that there is not."""
    dress = _DRESSES.get(data.target)
    if dress is None:
        return None
    own = ChatInfo(query.sender.id, "private", query.sender.name)
    chat = membership.open_chat(own)
    if chat.dress != dress:
        chat.dress = dress
        chat.save(update_fields=["dress"])
        show_everything_anew(Chat.objects.filter(pk=chat.pk))
    return instead(query, _offer(query.own_place, chat), Dress(dress).label)


def _offer(place: Place, chat: Chat) -> Reply:
    lines = [
        bold(_("How requests look")),
        plain(_("Text is shown by every app. A card has tables, and lists that fold.")),
        plain(
            _("If requests come as an empty or unsupported message, your app is too old for them.")
        ),
    ]
    entries = [(_marked(dress, chat), number) for number, dress in _DRESSES.items()]
    return send(place, "\n".join(lines), keyboards.markup([keyboards.dresses(entries)]))


def _marked(dress: Chat.Dress, chat: Chat) -> str:
    return f"{'●' if dress == chat.dress else '○'} {dress.label}"
