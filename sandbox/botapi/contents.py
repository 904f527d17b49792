"""Messages that are neither text nor a file: places, contacts, dice and polls."""

import secrets
from typing import Any

from sandbox.entities import FormattedText, parse_text
from sandbox.errors import bad_request, not_modelled
from sandbox.keyboards import read_markup, require_inline
from sandbox.params import Params, as_text
from sandbox.state import Body, ChatType
from sandbox.world import World

from .access import Access, admit, check_business, find_message
from .messages import post
from .targets import read_target

MAX_QUESTION = 300
MAX_OPTION = 100
MAX_OPTIONS = 12
# How far each animated emoji goes (core.telegram.org/bots/api#dice).
_DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}
_DEFAULT_DICE = "🎲"


async def send_location(world: World, params: Params) -> Body:
    location = _location(params)
    if params.integer("live_period"):
        raise not_modelled("live locations")
    return await _send(world, params, "location", {"location": location})


async def send_venue(world: World, params: Params) -> Body:
    location = _location(params)
    names = ("title", "address", "foursquare_id", "foursquare_type", "google_place_id")
    given = {name: params.text(name) for name in names if params.text(name)}
    venue = {"location": location, "title": "", "address": "", **given}
    return await _send(world, params, "venue", {"venue": venue, "location": location})


def _location(params: Params) -> Body:
    for name in ("latitude", "longitude"):
        if not params.text(name).strip():
            raise bad_request(f"{name} is empty")
    latitude, longitude = (_number(params.text(name)) for name in ("latitude", "longitude"))
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise bad_request("invalid location specified")
    return {"latitude": latitude, "longitude": longitude}


def _number(text: str) -> float:
    """As a server in C++ reads one: what is none is 0."""
    try:
        return float(text)
    except ValueError:
        return 0.0


async def send_contact(world: World, params: Params) -> Body:
    for name in ("phone_number", "first_name"):
        if not params.text(name):
            raise bad_request(f'parameter "{name}" is required')
    names = ("phone_number", "first_name", "last_name", "vcard")
    contact = {name: params.text(name) for name in names if params.text(name)}
    return await _send(world, params, "contact", {"contact": contact})


async def send_dice(world: World, params: Params) -> Body:
    emoji = params.text("emoji") or _DEFAULT_DICE
    if emoji not in _DICE:
        raise bad_request("EMOTICON_INVALID")
    dice = {"emoji": emoji, "value": 1 + secrets.randbelow(_DICE[emoji])}
    return await _send(world, params, "dice", {"dice": dice})


async def send_poll(world: World, params: Params) -> Body:
    question = _read(params, "question")
    options = _options(params)
    if params.text("type") not in ("", "regular", "quiz"):
        raise bad_request("unsupported poll type specified")
    if params.text("type") == "quiz":
        raise not_modelled("quizzes")
    target = read_target(world, params)
    _check_poll(question, options)
    is_anonymous = params.boolean("is_anonymous") or not params.has("is_anonymous")
    if target.chat.type is ChatType.CHANNEL and not is_anonymous:
        raise bad_request("non-anonymous polls can't be sent to channel chats")
    poll = {
        "id": str(secrets.randbits(62)),
        **question.fields("question"),
        "options": [option.fields("text") | {"voter_count": 0} for option in options],
        "total_voter_count": 0,
        "is_closed": params.boolean("is_closed"),
        "is_anonymous": is_anonymous,
        "allows_multiple_answers": params.boolean("allows_multiple_answers"),
        "type": "regular",
    }
    return (await post(world, params, target, {"poll": poll}, kind="poll")).body


def _read(params: Params, name: str) -> FormattedText:
    entities = params.json(f"{name}_entities", f"can't parse {name}_entities JSON object")
    return parse_text(params.text(name), params.text(f"{name}_parse_mode"), entities)


def _options(params: Params) -> list[FormattedText]:
    given: Any = params.json("options", "can't parse options JSON object")
    if given is None:
        raise bad_request("can't parse options JSON object")
    if not isinstance(given, list):
        raise bad_request("expected an Array of String as options")
    return [_option(item) for item in given]


def _option(item: Any) -> FormattedText:
    if isinstance(item, str):
        return parse_text(item, "", None)
    if not isinstance(item, dict):
        raise bad_request("expected an Array of InputPollOption")
    if "text" not in item:
        raise bad_request('can\'t find field "text"')
    mode, entities = as_text(item.get("text_parse_mode")), item.get("text_entities")
    return parse_text(as_text(item["text"]), mode, entities)


def _check_poll(question: FormattedText, options: list[FormattedText]) -> None:
    if not question.text:
        raise bad_request("text must be non-empty")
    if len(question.text) > MAX_QUESTION:
        raise bad_request(f"poll question length must not exceed {MAX_QUESTION}")
    if not options:
        raise bad_request("poll must have at least one answer option")
    if len(options) > MAX_OPTIONS:
        raise bad_request(f"poll can't have more than {MAX_OPTIONS} options")
    for option in options:
        if not option.text:
            raise bad_request("poll option must be non-empty")
        if len(option.text) > MAX_OPTION:
            raise bad_request(f"poll options length must not exceed {MAX_OPTION}")


async def stop_poll(world: World, params: Params) -> Body:
    markup = read_markup(params)
    require_inline(markup)
    check_business(params)
    chat, message = find_message(world, params, Access.EDIT, "message with poll to stop")
    poll = message.body.get("poll")
    if poll is None:
        raise bad_request("message is not a poll")
    if not message.out:
        raise bad_request("poll can't be stopped")
    if poll["is_closed"]:
        raise bad_request("poll has already been closed")
    await admit(world, chat, markup)
    world.edit(chat, message, {"poll": poll | {"is_closed": True}}, markup)
    stopped: Body = message.body["poll"]
    return stopped


async def _send(world: World, params: Params, kind: str, content: Body) -> Body:
    target = read_target(world, params)
    return (await post(world, params, target, content, kind=kind)).body


METHODS = {
    "sendLocation": send_location,
    "sendVenue": send_venue,
    "sendContact": send_contact,
    "sendDice": send_dice,
    "sendPoll": send_poll,
    "stopPoll": stop_poll,
}
