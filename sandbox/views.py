"""Messages as the chat page sees them."""

from collections.abc import Collection
from typing import Any
from urllib.parse import quote

from .files import FileStore
from .html_view import render
from .rich.blocks import shown_files
from .state import Body, Message

# Fields of a message that show a file; a photo in several sizes.
FILES = ("document", "photo", "video", "audio", "voice", "video_note")


def message_view(files: FileStore, message: Message, people: Collection[int]) -> Body:
    """The Bot API's Message and, for the page: ``out``, ``html``, ``file_url``, any keyboard.

    Of a rich message ``file_urls``, by the ``file_unique_id`` of the files in its blocks; of an
    ephemeral one ``after`` and ``replaced_id``, the public messages by which it stands.

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
    if rich := body.get("rich_message"):
        view["file_urls"] = {
            shown["file_unique_id"]: url_of(files, shown) for shown in shown_files(rich["blocks"])
        }
    if message.receiver:
        view |= {"after": message.after, "replaced_id": message.replaced_id}
    return view


def message_html(body: Body) -> str:
    if "text" in body:
        return render(body["text"], body.get("entities", []))
    return render(body.get("caption", ""), body.get("caption_entities", []))


def file_url(files: FileStore, body: Body) -> str:
    shown = next((body[kind] for kind in FILES if kind in body), None)
    if not shown:
        return ""
    return url_of(files, shown[-1] if isinstance(shown, list) else shown)


def url_of(files: FileStore, shown: Body) -> str:
    stored = files.by_unique_id[shown["file_unique_id"]]
    return f"/client/files/{stored.unique_id}/{quote(stored.name)}"
