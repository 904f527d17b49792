"""The topics of a group: what people make of them, what they ask of the bot, and how.

Whether somebody may is asked of Telegram when it is done: see `delivery.wishes`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth import linking
from telegrambot.content import keyboards
from telegrambot.content.markup import listed, mention, plain
from telegrambot.content.topics import ICONS, fitted
from telegrambot.incoming.handlers import account, membership, phrases
from telegrambot.incoming.replies import Reply, once, send, together
from telegrambot.incoming.updates import Message, Person
from telegrambot.kinds import answer
from telegrambot.models import GENERAL, NAME_LENGTH, WISHES, Chat, SentMessage, Topic, bot_id
from telegrambot.places import Place, key_of
from treasury.models import Employee

# Topics of a list, of which the newest come first, and its characters.
_LISTED = 100
_LIST = 3000
# What a person is asked in a group, by which the question is known when he answers it.
_NAME, _NUMBER = "topic's name", "topic's number"
_NUMERAL = re.compile("[0-9]{1,18}")
_NEW_TOPIC, _CALL_ME = gettext_lazy("🆕 New topic"), gettext_lazy("📣 Call me")


def changed(message: Message, change: Mapping[str, Any]) -> None:
    """Somebody has made a topic, or made it another. Of what the bot does itself it knows, and of
    groups with which it has nothing to do it keeps nothing."""
    if message.sender and message.sender.id == bot_id():
        return
    if not (message.chat.is_private or _is_ours(membership.open_chat(message.chat))):
        return
    topic = _here(message, str(change.get("name", "")))
    kept: dict[str, Any] = {}
    if topic.request_id is None:
        # What only people look after is to be as they have made it.
        kept = {name: value for name, value in change.items() if not topic.key or name != _CLOSED}
    topic.note(change, **kept)


def topic(message: Message, employee: Employee) -> Reply | None:
    """/topic: what is to become of the topic where it is written; without a word, what there is."""
    _command, _space, rest = message.text.strip().partition(" ")
    word, _space, argument = rest.strip().partition(" ")
    if not message.chat.is_forum:
        return send(
            message.place, plain(_("This group has no topics: its owner can turn them on."))
        )
    act = _ACTS.get(word.lower())
    if message.sender is None:
        return None
    if act is None:
        return _offer(message, message.sender)
    refusal = act(message, argument.strip())
    return send(message.place, plain(refusal)) if refusal else None


def topic_in_private(message: Message, employee: Employee, argument: str) -> Reply:
    return send(message.place, plain(_("Write /topic in the group that it is for.")))


def heard_in_group(message: Message) -> bool:
    """Whether it is a button of the small menu, or the answer to what that has asked."""
    return bool(_pressed(message.text) or (message.sender and _asked(message, message.sender)))


def say_in_group(message: Message, sender: Person) -> Reply | None:
    employee = linking.recognise(telegram_id=sender.id)
    if employee is None:
        return once(account.ask_to_write_privately(message.place), "stranger")
    membership.open_chat(message.chat)
    with translation.override(employee.language):
        if question := _pressed(message.text):
            return _ask(message, sender, question)
        return _open(message) if _asked(message, sender) == _NAME else _call(message, sender)


def _is_ours(group: Chat) -> bool:
    bound = group.organizations.exists() or group.departments.exists()
    return bound or group.alerts or bool(group.rights.get("can_manage_topics"))


def _offer(message: Message, sender: Person) -> Reply | None:
    """To whoever has asked alone; the buttons, which say their words in the group, for him alone
    too."""
    lines = [
        _("/topic new Name: a new topic"),
        _("/topic name Name, /topic icon ✅: what this topic is called, and its icon"),
        _("/topic close, /topic delete: this topic; /topic open: this one, or that with a number"),
        _("/topic hide, /topic show: the topic General"),
        _("/topic unpin: nothing is pinned here any more"),
    ]
    told = "\n".join(map(plain, lines))
    if message.unseen_by_others:
        return once(send(message.place, told), "topics")
    rows = [[str(_NEW_TOPIC), str(_CALL_ME)]]
    note = f"{mention(sender.id, sender.name)}, {plain(phrases.told_privately())}"
    answers = [send(Place(sender.id), told), send(message.place, note, keyboards.typed(rows))]
    return once(together(answers), f"topics {sender.id}")


def _pressed(text: str) -> str:
    """Which question the button of the small menu leads to, in whatever language it was shown."""
    return _buttons().get(text, "")


@cache
def _buttons() -> Mapping[str, str]:
    """Each thing that is said in a group is compared with them."""
    questions: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            questions |= {str(_NEW_TOPIC): _NAME, str(_CALL_ME): _NUMBER}
    return questions


def _ask(message: Message, sender: Person, question: str) -> Reply | None:
    words = _("how is the topic to be called? Answer this message.")
    if question == _NUMBER:
        known = Topic.objects.standing().filter(chat__telegram_id=message.chat.id)
        newest = known.order_by("-thread_id").only("thread_id", "name", "told")[:_LISTED]
        # Everybody there sees how each is called in Telegram.
        lines = [f"{topic.thread_id} · {topic.told.get('name') or topic}" for topic in newest]
        heading = _("in which topic are you to be called? Answer this message with its number.")
        words = "\n".join([heading, listed(lines, _LIST)])
    text = f"{mention(sender.id, sender.name)}, {words}"
    return once(send(message.place, text, keyboards.answer_here()), _key(question, sender))


def _asked(message: Message, sender: Person) -> str:
    """The question that the message answers; empty for none that was put to this person."""
    if message.reply_to is None:
        return ""
    rows = SentMessage.objects.at(message.chat.id, message.reply_to).filter(kind=answer.NAME)
    keys = set(rows.values_list("key", flat=True))
    for question in (_NAME, _NUMBER):
        if key_of(message.thread_id, _key(question, sender)) in keys:
            return question
    return ""


def _key(question: str, sender: Person) -> str:
    return f"{question} {sender.id}"


def _call(message: Message, sender: Person) -> Reply | None:
    topic = _standing(message, message.text)
    if topic is None:
        return _ask(message, sender, _NUMBER)
    place = Place(message.chat.id, None if topic.is_general else topic.thread_id)
    text = _("%(person)s, here you are called, as you have asked.")
    return send(place, text % {"person": mention(sender.id, sender.name)})


def _standing(message: Message, number: str) -> Topic | None:
    """The topic of the group with this number, as people write it."""
    digits = number.strip().lstrip("№# ")
    if not _NUMERAL.fullmatch(digits):
        return None
    topics = Topic.objects.standing().filter(chat__telegram_id=message.chat.id)
    return topics.filter(thread_id=int(digits)).first()


def _open(message: Message) -> Reply | None:
    refusal = _new(message, message.text)
    return send(message.place, plain(refusal)) if refusal else None


def _general(message: Message) -> Topic:
    """From wherever it was said: nobody can write in it while it is hidden."""
    return _here(replace(message, thread_id=None))


def _here(message: Message, name: str = "") -> Topic:
    """The topic where it was said."""
    chat = membership.open_chat(message.chat)
    return membership.topic_at(chat, message.thread_id or GENERAL, name)


def _new(message: Message, name: str) -> str:
    if not name.strip():
        return _("A topic needs a name: /topic new Name")
    if refusal := _too_long(name):
        return refusal
    chat = membership.open_chat(message.chat)
    if Topic.objects.filter(chat=chat, is_wanted=False).count() >= WISHES:
        return _too_much()
    made = Topic.objects.create(chat=chat, name=fitted(name), is_wanted=False)
    return _wish(message, made, is_wanted=True)


def _name(message: Message, name: str) -> str:
    topic = _here(message)
    if not name:
        return _("A topic needs a name: /topic name Name")
    if topic.request_id:
        return _follows(topic)
    return _too_long(name) or _wish(message, topic, name=fitted(name))


def _too_long(name: str) -> str:
    """As on the page of the group: nobody's name is cut unasked."""
    if len(" ".join(name.split())) <= NAME_LENGTH:
        return ""
    return _("The name of a topic has %(limit)d characters at the most.") % {"limit": NAME_LENGTH}


def _icon(message: Message, icon: str) -> str:
    topic = _here(message)
    if topic.request_id:
        return _follows(topic)
    if topic.is_general:
        return _("General has no icon of its own.")
    if icon not in (*ICONS, "-"):
        offered = _("There are these icons: %(icons)s. /topic icon - takes it away.")
        return offered % {"icons": " ".join(ICONS)}
    return _wish(message, topic, icon="" if icon == "-" else icon)


def _close(message: Message, argument: str) -> str:
    return _turn(message, _here(message), _CLOSED, value=True)


def _reopen(message: Message, number: str) -> str:
    """Perhaps another one, for who may write in a closed one is an administrator there."""
    topic = _standing(message, number) if number else _here(message)
    if topic is None:
        return _("There is no topic with this number here.")
    return _turn(message, topic, _CLOSED, value=False)


def _hide(message: Message, sure: str) -> str:
    chat = membership.open_chat(message.chat)
    if chat.uses_general and chat.bound_to() and sure.lower() not in _YES:
        return _(
            "Requests come to General here, and nobody would see them. If you want that: /topic "
            "hide yes"
        )
    return _turn(message, _general(message), _HIDDEN, value=True)


def _show(message: Message, argument: str) -> str:
    return _turn(message, _general(message), _HIDDEN, value=False)


def _turn(message: Message, topic: Topic, what: str, *, value: bool) -> str:
    if topic.request_id:
        return _follows(topic)
    return _wish(message, topic, **{what: value})


def _delete(message: Message, sure: str) -> str:
    topic = _here(message)
    if topic.is_general:
        return _("The topic General cannot be deleted, only hidden: /topic hide")
    if sure.lower() not in _YES:
        return _(
            "All messages of this topic would be deleted too. If you want that: /topic delete yes"
        )
    return _wish(message, topic, is_deleted=True)


def _unpin(message: Message, argument: str) -> str:
    return _wish(message, _here(message), unpins=True)


def _wish(message: Message, topic: Topic, **fields: Any) -> str:
    if message.sender is None or topic.wish(message.sender.id, **fields):
        return ""
    return _too_much()


def _too_much() -> str:
    return _("Much is asked for here already: wait until it is done.")


def _follows(topic: Topic) -> str:
    text = _("This topic follows the request %(request)s: what it is called, and when it closes.")
    return text % {"request": topic.request}


_CLOSED, _HIDDEN = "is_closed", "is_hidden"
_YES = ("yes", "да")
# What each word does; what it gives says why not. Either language is understood.
_ACTS: dict[str, Callable[[Message, str], str]] = {
    **dict.fromkeys(("new", "создать"), _new),
    **dict.fromkeys(("name", "имя", "назвать"), _name),
    **dict.fromkeys(("icon", "значок"), _icon),
    **dict.fromkeys(("close", "закрыть"), _close),
    **dict.fromkeys(("open", "открыть"), _reopen),
    **dict.fromkeys(("hide", "скрыть"), _hide),
    **dict.fromkeys(("show", "показать"), _show),
    **dict.fromkeys(("delete", "удалить"), _delete),
    **dict.fromkeys(("unpin", "открепить"), _unpin),
}
