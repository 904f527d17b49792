"""What a rich message may consist of, and how each fault is refused."""

import json
from typing import Any

import pytest

from .harness import Person, Sandbox

BLOCK = "can't parse InputRichBlock: "
PARAGRAPH = {"type": "paragraph", "text": "x"}
DOCUMENT = {"type": "document", "media": "attach://file"}


def nested(depth: int) -> dict[str, Any]:
    block: dict[str, Any] = PARAGRAPH
    for _ in range(depth):
        block = {"type": "details", "summary": "s", "blocks": [block]}
    return block


def table(columns: int, rows: int = 1) -> dict[str, Any]:
    return {"type": "table", "cells": [[{"text": "x"}] * columns] * rows}


def buttons(*given: Any) -> dict[str, Any]:
    return {"type": "buttons", "buttons": list(given)}


def press(**fields: Any) -> dict[str, Any]:
    return {"text": "x", "callback_data": "x"} | fields


def refusal(sandbox: Sandbox, *blocks: Any, **fields: Any) -> str:
    """A message to nobody: ``chat not found`` says that nothing was wrong with it."""
    rich = {"blocks": list(blocks), **fields}
    error = sandbox.error("sendRichMessage", chat_id=1, rich_message=rich)
    return error.removeprefix("Bad Request: ")


@pytest.mark.parametrize(
    "block",
    [
        {
            "type": "paragraph",
            "text": ["a", {"type": "bold", "text": {"type": "code", "text": "b"}}],
        },
        {"type": "heading", "text": "x", "size": 6},
        {"type": "pre", "text": "x", "language": "json"},
        {"type": "footer", "text": {"type": "url", "text": "x", "url": "https://a.b"}},
        {"type": "list", "items": [{"blocks": [PARAGRAPH], "has_checkbox": True}]},
        {"type": "list", "items": [{"blocks": [PARAGRAPH], "type": "i", "value": 4}]},
        table(20, 200),
        {"type": "table", "cells": [[{}, {"text": "x", "align": "right"}]], "is_compact": True},
        {"type": "blockquote", "blocks": [PARAGRAPH], "credit": "x"},
        {"type": "expandable_blockquote", "text": "x"},
        {"type": "pullquote", "text": "x", "credit": "x"},
        {"type": "map", "location": {"latitude": 1, "longitude": 2}, "zoom": 24, "width": 5000},
        {"type": "mathematical_expression", "expression": "x"},
        buttons(*[press()] * 8) | {"align": "left"},
        buttons({"text": "x", "disabled": {}}, press(style="link")),
        {"type": "paragraph", "text": {"type": "button", "button": press()}},
        {"type": "paragraph", "text": "x" * 32768},
        nested(15),
        {
            "type": "paragraph",
            "text": {"type": "text_mention", "text": "x", "user": {"id": 1}},
        },
        {
            "type": "paragraph",
            "text": {
                "type": "date_time",
                "text": "x",
                "unix_time": 1,
                "date_time_format": "wDT",
            },
        },
    ],
)
def test_a_block_is_understood(sandbox: Sandbox, block: Any) -> None:
    assert refusal(sandbox, block) == "chat not found"


@pytest.mark.parametrize(
    ("block", "description"),
    [
        (None, "block must be non-empty"),
        ({"text": "x"}, BLOCK + 'Can\'t find field "type"'),
        ({"type": "sectionHeading"}, BLOCK + 'type "sectionHeading" is unsupported'),
        ({"type": "heading", "text": "x"}, BLOCK + 'Can\'t find field "size"'),
        ({"type": "table"}, BLOCK + 'Can\'t find field "cells"'),
        ({"type": "list"}, BLOCK + 'Can\'t find field "items"'),
        ({"type": "heading", "text": "x", "size": 7}, "invalid section heading size specified"),
        (
            {"type": "heading", "text": "x", "size": "3"},
            BLOCK + 'Field "size" must be of type Number',
        ),
        ({"type": "paragraph", "text": {"type": "plain"}}, BLOCK + "Unsupported rich text type"),
        ({"type": "paragraph", "text": 7}, BLOCK + "Unsupported rich text type"),
        (PARAGRAPH | {"size": 1}, BLOCK + "unknown field size"),
        (
            {"type": "paragraph", "text": {"type": "bold", "text": "x", "b": 1}},
            BLOCK + "unknown field b",
        ),
        ({"type": "details", "summary": "x", "content": []}, BLOCK + "unknown field content"),
        ({"type": "list", "items": []}, "list must be non-empty"),
        ({"type": "list", "items": [None]}, "list item must be non-empty"),
        (
            {"type": "list", "items": [{"blocks": [], "has_checkbox": True}]},
            "list item must be non-empty",
        ),
        (
            {"type": "list", "items": [{"blocks": [PARAGRAPH], "type": "b"}]},
            "invalid list item type specified",
        ),
        (
            {
                "type": "list",
                "items": [{"blocks": [PARAGRAPH], "type": "1"}, {"blocks": [PARAGRAPH]}],
            },
            "list must be either ordered or unordered",
        ),
        ({"type": "table", "cells": [[None]]}, "table cell must be non-empty"),
        ({"type": "table", "cells": [[{"colspan": -1}]]}, "invalid table cell colspan specified"),
        ({"type": "table", "cells": [[{"rowspan": -1}]]}, "invalid table cell rowspan specified"),
        (table(21), "RICH_MESSAGE_TABLE_COLS_TOO_MANY"),
        (
            {"type": "table", "cells": [[{"text": "x", "colspan": 21}]]},
            "RICH_MESSAGE_TABLE_COLS_TOO_MANY",
        ),
        (table(1, 500), "RICH_MESSAGE_BLOCKS_TOO_MANY"),
        ({"type": "paragraph", "text": "x" * 32769}, "RICH_MESSAGE_TEXT_TOO_LONG"),
        (nested(16), "RICH_MESSAGE_DEPTH_INVALID"),
        ({"type": "divider"}, "RICH_MESSAGE_EMPTY"),
        ({"type": "anchor", "name": "x"}, "RICH_MESSAGE_EMPTY"),
        ({"type": "thinking", "text": "x"}, "block is not allowed"),
        (
            {"type": "map", "location": {"latitude": 91, "longitude": 0}},
            "invalid location specified",
        ),
        (
            {"type": "map", "location": {"latitude": 9, "longitude": 0}, "zoom": 25},
            "invalid map properties specified",
        ),
        (
            {
                "type": "map",
                "location": {"latitude": 9, "longitude": 0},
                "width": 9999,
                "height": 2,
            },
            "invalid map properties specified",
        ),
        (
            {
                "type": "map",
                "location": {"latitude": 9, "longitude": 0},
                "width": 210,
                "height": 10,
            },
            "invalid map properties specified",
        ),
        ({"type": "photo", "photo": DOCUMENT}, "unallowed media specified"),
        ({"type": "document", "document": "x"}, BLOCK + 'Field "document" must be of type Object'),
        ({"type": "document", "document": DOCUMENT}, "can't parse InputMedia: media not found"),
        ({"type": "collage", "blocks": [PARAGRAPH]}, "block is not allowed"),
        (
            {
                "type": "paragraph",
                "text": {"type": "custom_emoji", "custom_emoji_id": "x", "alternative_text": "x"},
            },
            "invalid custom emoji identifier specified",
        ),
        (
            {
                "type": "paragraph",
                "text": {
                    "type": "date_time",
                    "text": "x",
                    "unix_time": 1,
                    "date_time_format": "tD",
                },
            },
            "RICH_MESSAGE_DATE_TIME_FORMAT_INVALID",
        ),
        (
            {"type": "paragraph", "text": {"type": "url", "text": "x", "url": "ftp://a.b"}},
            "RICH_MESSAGE_URL_INVALID",
        ),
    ],
)
def test_a_faulty_block_is_refused(sandbox: Sandbox, block: Any, description: str) -> None:
    assert refusal(sandbox, block) == description


@pytest.mark.parametrize(
    ("given", "description"),
    [
        ([], "button row must be non-empty"),
        ([None], "button must be non-empty"),
        ([press()] * 9, "RICH_MESSAGE_BUTTONS_TOO_MANY"),
        ([press(callback_data="ж" * 33)], "BUTTON_DATA_INVALID"),
        ([{"text": "x"}], BLOCK + "a button must have exactly one type"),
        ([press(disabled={})], BLOCK + "a button must have exactly one type"),
        ([press(icon_custom_emoji_id="1")], BLOCK + "unknown field icon_custom_emoji_id"),
        ([press(pay=True)], BLOCK + "unknown field pay"),
        ([press(style="pink")], BLOCK + "invalid button style specified"),
        (
            [{"text": "x", "url": "https://a.b", "style": "link"}],
            "RICH_MESSAGE_BUTTON_STYLE_INVALID",
        ),
        ([press(text={"type": "bold", "text": "x"})], "RICH_MESSAGE_BUTTON_TEXT_INVALID"),
        (
            [{"text": "x", "login_url": {"url": "https://a.b", "bot_username": "b"}}],
            "RICH_MESSAGE_BUTTON_LOGIN_URL_INVALID",
        ),
        ([{"text": "x", "copy_text": {"text": "x" * 257}}], "BUTTON_COPY_TEXT_INVALID"),
    ],
)
def test_a_faulty_button_in_a_message_is_refused(
    sandbox: Sandbox, given: list[Any], description: str
) -> None:
    assert refusal(sandbox, buttons(*given)) == description


def test_the_labels_of_buttons_count_as_text(sandbox: Sandbox) -> None:
    full = {"type": "paragraph", "text": "x" * 32767}
    assert refusal(sandbox, full, buttons(press())) == "chat not found"
    assert refusal(sandbox, full, buttons(press(text="xx"))) == "RICH_MESSAGE_TEXT_TOO_LONG"


def test_what_stands_in_blocks_counts_as_blocks(sandbox: Sandbox) -> None:
    item = {"blocks": [PARAGRAPH]}
    many = {"type": "list", "items": [item] * 249}
    assert refusal(sandbox, many, PARAGRAPH) == "chat not found"
    assert refusal(sandbox, many, PARAGRAPH, PARAGRAPH) == "RICH_MESSAGE_BLOCKS_TOO_MANY"


def test_there_are_at_most_fifty_files(sandbox: Sandbox) -> None:
    photo = {"type": "photo", "photo": {"type": "photo", "media": "x"}}
    collage = {"type": "collage", "blocks": [photo] * 50}
    assert refusal(sandbox, collage) == "chat not found"
    assert refusal(sandbox, collage, photo) == "RICH_MESSAGE_MEDIA_TOO_MANY"


@pytest.mark.parametrize(
    ("rich", "description"),
    [
        ("{", "can't parse rich message JSON object"),
        ([], "object expected as rich message"),
        ({}, "RICH_MESSAGE_CONTENT_REQUIRED"),
        ({"is_rtl": True}, "RICH_MESSAGE_CONTENT_REQUIRED"),
        (
            {"blocks": [PARAGRAPH], "html": "x"},
            "can't parse InputRichMessage: exactly one of html, blocks may be given",
        ),
        ({"block": [PARAGRAPH]}, "can't parse InputRichMessage: unknown field block"),
        ({"blocks": PARAGRAPH}, BLOCK + 'Field "blocks" must be of type Array'),
        ({"blocks": []}, "RICH_MESSAGE_EMPTY"),
        (
            {"blocks": [PARAGRAPH], "media": []},
            "media of a rich message can be used with html and markdown only",
        ),
        ({"blocks": [PARAGRAPH], "is_rtl": 1}, BLOCK + 'Field "is_rtl" must be of type Boolean'),
    ],
)
def test_a_faulty_rich_message_is_refused_before_its_chat(
    sandbox: Sandbox, rich: Any, description: str
) -> None:
    error = sandbox.error("sendRichMessage", chat_id=1, rich_message=rich)
    assert error == f"Bad Request: {description}"


def test_other_sources_than_blocks_are_not_modelled(sandbox: Sandbox) -> None:
    for source in ("html", "markdown"):
        response = sandbox.call("sendRichMessage", chat_id=1, rich_message={source: "x"})
        assert response.status_code == 501


@pytest.mark.parametrize(
    ("version", "block", "description"),
    [
        ("10.1", PARAGRAPH, "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("10.2", buttons(press()), BLOCK + 'type "buttons" is unsupported'),
        ("10.2", {"type": "document"}, BLOCK + 'type "document" is unsupported'),
        (
            "10.2",
            {"type": "expandable_blockquote", "text": "x"},
            BLOCK + 'type "expandable_blockquote" is unsupported',
        ),
        (
            "10.2",
            {"type": "paragraph", "text": {"type": "button", "button": press()}},
            BLOCK + "Unsupported rich text type",
        ),
    ],
)
def test_a_block_is_unknown_before_its_version(
    sandbox: Sandbox, version: str, block: Any, description: str
) -> None:
    sandbox.settings(bot_api=version)
    assert refusal(sandbox, block) == description


def test_a_table_is_not_compact_before_its_version(sandbox: Sandbox, alice: Person) -> None:
    blocks = [table(1) | {"is_compact": True, "is_striped": True}]
    for version, compact in (("10.2", False), ("10.3", True)):
        sandbox.settings(bot_api=version)
        sent = sandbox.bot("sendRichMessage", chat_id=alice.id, rich_message={"blocks": blocks})
        [shown] = sent["rich_message"]["blocks"]
        assert ("is_compact" in shown) is compact
        assert shown["is_striped"] is True


def test_a_rich_message_may_come_as_text_in_a_form(sandbox: Sandbox, alice: Person) -> None:
    data = {"chat_id": str(alice.id), "rich_message": json.dumps({"blocks": [PARAGRAPH]})}
    answer = sandbox.http.post(sandbox.url("sendRichMessage"), data=data, timeout=10).json()
    assert answer["result"]["rich_message"] == {"blocks": [PARAGRAPH]}
