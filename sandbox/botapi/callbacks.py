"""Answers to presses and to inline queries."""

from typing import Any

from sandbox.entities import MAX_TEXT, parse_text
from sandbox.errors import ApiError, bad_request
from sandbox.keyboards import check_markup, parse_markup, require_inline
from sandbox.params import Params, as_text
from sandbox.rich.message import parse_rich
from sandbox.state import Body
from sandbox.versions import BotApi
from sandbox.world import World

from .rich_messages import require_old_files, rich_content

MAX_ANSWER = 200
MAX_RESULTS = 50
MAX_IDENTIFIER_BYTES = 64
DEFAULT_CACHE_SECONDS = 300
MAX_CACHE_SECONDS = 24 * 60 * 60
_PARAMETER = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


async def answer_callback_query(world: World, params: Params) -> bool:
    """Answer a press, once."""
    text, url = params.text("text"), params.text("url")
    if len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if url and not url.startswith((f"https://t.me/{world.bot.username}?", "tg://")):
        raise bad_request("URL_INVALID")
    query = world.queries.take(params.text("callback_query_id"))
    show_alert = params.boolean("show_alert")
    answer = {"answered": True, "text": text, "show_alert": show_alert, "url": url}
    query.answer.set_result(answer)
    if text:
        world.tell_toast(query.person_id, text, show_alert)
    return True


async def answer_widget_query(world: World, params: Params) -> bool:
    """Widgets are not modelled, so nobody has asked anything of one."""
    world.queries.take(params.text("widget_query_id"))
    return True


async def answer_inline_query(world: World, params: Params) -> bool:
    cache_time = params.integer("cache_time", DEFAULT_CACHE_SECONDS, 0, MAX_CACHE_SECONDS)
    next_offset = params.text("next_offset")
    button = _read_button(params)
    results = [_read_result(world, params, item) for item in _read_results(params)]
    if len(results) > MAX_RESULTS:
        raise bad_request("too many inline query results specified")
    if len(next_offset.encode()) > MAX_IDENTIFIER_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    if len({result["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    query = world.queries.take(params.text("inline_query_id"))
    answer = {
        "answered": True,
        "query_id": query.id,
        "query": query.text,
        "results": results,
        "button": button,
        "next_offset": next_offset,
    }
    world.queries.remember(query, answer, cache_time, params.boolean("is_personal"))
    query.answer.set_result(answer)
    return True


def _read_results(params: Params) -> list[Any]:
    results = params.json("results", "can't parse JSON encoded inline query results")
    if results is None:
        return []
    if not isinstance(results, list):
        raise bad_request("expected an Array of inline query results")
    return results


def _result_error(text: str) -> ApiError:
    return bad_request(f"can't parse inline query result: {text}")


def _read_result(world: World, params: Params, item: Any) -> Body:
    if not isinstance(item, dict):
        raise _result_error("expected an Object")
    for name in ("type", "id"):
        if name not in item:
            raise _result_error(f'Can\'t find field "{name}"')
    identifier = as_text(item["id"])
    if not 0 < len(identifier.encode()) <= MAX_IDENTIFIER_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if item["type"] == "article":
        _check_article(item)
    content = _read_content(world, params, item)
    keyboard = item.get("reply_markup")
    markup = parse_markup(keyboard, params.version) if keyboard else None
    require_inline(markup)
    check_markup(markup, private=True)
    return item | content | {"id": identifier, "reply_markup": markup}


def _check_article(item: Body) -> None:
    if "title" not in item:
        raise _result_error('Can\'t find field "title"')
    if not as_text(item["title"]):
        raise bad_request("ARTICLE_TITLE_EMPTY")
    if not isinstance(item.get("input_message_content"), dict):
        raise _result_error("Input message content is not specified")


def _read_content(world: World, params: Params, item: Body) -> Body:
    """What the result becomes, where it is not the file that it shows."""
    content = item.get("input_message_content")
    if not isinstance(content, dict):
        return {}
    if "rich_message" in content and params.version >= BotApi.V10_1:
        rich = parse_rich(content["rich_message"], params.version)
        require_old_files(rich)
        return {"input_message_content": rich_content(world, params, rich)}
    raw = as_text(content.get("message_text"))
    text = parse_text(raw, as_text(content.get("parse_mode")), content.get("entities"))
    if not text.text:
        raise bad_request("message text is empty")
    if len(text.text) > MAX_TEXT:
        raise bad_request("MESSAGE_TOO_LONG")
    return {}


def _read_button(params: Params) -> Body | None:
    button = params.json("button", "can't parse inline query results button JSON object")
    if button is None:
        return None
    if not isinstance(button, dict) or not as_text(button.get("text")):
        raise bad_request("can't parse inline query results button: Can't find field \"text\"")
    start = as_text(button.get("start_parameter"))
    if "web_app" not in button:
        if len(start) > MAX_IDENTIFIER_BYTES:
            raise bad_request("too long start_parameter specified")
        if not start:
            raise bad_request("START_PARAM_EMPTY")
        if not _PARAMETER.issuperset(start):
            raise bad_request("unallowed characters in start_parameter are used")
    return button


METHODS = {
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "answerWidgetQuery": answer_widget_query,
}
