"""Messages as the chat page sees them."""

from collections.abc import Collection
from typing import Any
from urllib.parse import quote

from .files import FileStore
from .html_view import render
from .state import Body, Message

# Fields of a message that show a file; a photo in several sizes.
FILES = ("document", "photo", "video", "audio", "voice", "video_note")


def message_view(files: FileStore, message: Message, people: Collection[int]) -> Body:
    """The Bot API's Message and, for the page: ``out``, ``html``, ``file_url``, any keyboard.

    ``out`` says whether one of ``people`` sent it.
    """
    body = message.body
    view: dict[str, Any] = body | {"out": message.author in people}
    if html := message_html(body):
        view["html"] = html
    if message.markup:
        view["reply_markup"] = message.markup
    if url := file_url(files, body):
        view["file_url"] = url
    return view


def message_html(body: Body) -> str:
    if "text" in body:
        return render(body["text"], body.get("entities", []))
    return render(body.get("caption", ""), body.get("caption_entities", []))


def file_url(files: FileStore, body: Body) -> str:
    shown = next((body[kind] for kind in FILES if kind in body), None)
    if not shown:
        return ""
    if isinstance(shown, list):
        shown = shown[-1]
    stored = files.by_unique_id[shown["file_unique_id"]]
    return f"/client/files/{stored.unique_id}/{quote(stored.name)}"
