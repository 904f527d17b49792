"""Tells a chat that something large is on its way to it."""

from telegrambot.content.filekinds import Kind
from telegrambot.delivery import client
from telegrambot.delivery.outgoing import Outgoing
from telegrambot.places import Place

# Bytes that go up faster than anybody could read of it.
LARGE = 1_000_000
# Seconds: it is a courtesy, for which no file waits.
SECONDS = 1.0
_ACTIONS = {
    Kind.DOCUMENT: "upload_document",
    Kind.PHOTO: "upload_photo",
    Kind.VIDEO: "upload_video",
    Kind.VOICE: "upload_voice",
}


def show(place: Place, out: Outgoing) -> None:
    """Before a large upload. It is no message, so that it takes no turn of any; that it fails
    changes nothing. https://core.telegram.org/bots/api#sendchataction
    """
    if out.upload_bytes <= LARGE:
        return
    action = _ACTIONS[out.media[0].kind]
    try:
        client.call("sendChatAction", {**place.address, "action": action}, seconds=SECONDS)
    except client.TelegramError:
        return
