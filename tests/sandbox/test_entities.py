from typing import Any

import pytest

from .harness import Person, Sandbox


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("я <x>y</x>", 'Unsupported start tag "x" at byte offset 3'),
        ("Ann <3 Bob", 'Unsupported start tag "3" at byte offset 4'),
        ("Ann <3", "Unclosed start tag at byte offset 4"),
        ("a<br>", 'Unsupported start tag "br" at byte offset 1'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        (
            "<b>x</i>",
            'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href=x y>z</a>", None),
        ("<a href=x!>z</a>", "Unexpected end of name token at byte offset 8"),
        ('<a "x">z</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ('<a href="x>z</a>', "Unclosed start tag at byte offset 0"),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_faulty_html_is_refused_with_the_place(
    sandbox: Sandbox, alice: Person, text: str, fault: str | None
) -> None:
    response = sandbox.call("sendMessage", chat_id=alice.id, text=text, parse_mode="HTML").json()
    if fault is None:
        assert response["ok"]
    else:
        assert response["description"] == f"Bad Request: can't parse entities: {fault}"


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        ("<b>x</b>", "x", [("bold", 0, 1)]),
        ("<STRONG>x</STRONG>", "x", [("bold", 0, 1)]),
        ("😀 <i>ю</i>", "😀 ю", [("italic", 3, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("&lt;b&gt; &amp; &#x42f;&#33; &nbsp;", "<b> & Я! &nbsp;", []),
        ("<u>x</u><s>y</s>", "xy", [("underline", 0, 1), ("strikethrough", 1, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ("<code>@bob #tag</code>", "@bob #tag", [("code", 0, 9)]),
        ("  <b> x </b>  ", " x", [("bold", 0, 2)]),
        ("<b></b>x", "x", []),
        ('<a href="localhost">x</a>', "x", []),
    ],
)
def test_html_becomes_text_and_entities(
    sandbox: Sandbox,
    alice: Person,
    text: str,
    plain: str,
    entities: list[tuple[str, int, int]],
) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text=text, parse_mode="HTML")
    assert sent["text"] == plain
    shown = [(e["type"], e["offset"], e["length"]) for e in sent.get("entities", [])]
    assert shown == entities


def test_code_with_a_language_is_one_entity(sandbox: Sandbox, alice: Person) -> None:
    text = '<pre><code class="language-python">x = 1</code></pre>'
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text=text, parse_mode="HTML")
    assert sent["entities"] == [{"type": "pre", "offset": 0, "length": 5, "language": "python"}]


def test_links_and_people_are_linked(sandbox: Sandbox, alice: Person) -> None:
    text = '<a href="https://a.b/?x=1&amp;y=2">l</a> <a href="tg://user?id=7">p</a>'
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text=text, parse_mode="HTML")
    link, person = sent["entities"]
    assert link["url"] == "https://a.b/?x=1&y=2"
    assert (person["type"], person["user"]["id"]) == ("text_mention", 7)


def test_telegram_finds_entities_itself(sandbox: Sandbox, alice: Person) -> None:
    text = "Ы /help@some_bot @alice #счёт me@a.ru https://a.ru/x."
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text=text)
    found = {e["type"]: text[e["offset"] : e["offset"] + e["length"]] for e in sent["entities"]}
    assert found == {
        "bot_command": "/help@some_bot",
        "mention": "@alice",
        "hashtag": "#счёт",
        "email": "me@a.ru",
        "url": "https://a.ru/x",
    }


def test_explicit_entities_are_used_without_a_parse_mode(sandbox: Sandbox, alice: Person) -> None:
    entities = [{"type": "italic", "offset": 1, "length": 99}]
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="abc<b>", entities=entities)
    assert sent["text"] == "abc<b>"
    assert sent["entities"] == [{"type": "italic", "offset": 1, "length": 5}]


@pytest.mark.parametrize(
    ("entity", "description"),
    [
        ("x", "can't parse MessageEntity: expected an Object"),
        ({"type": "bold"}, "can't parse MessageEntity: Can't find field \"offset\""),
        (
            {"type": "bold", "offset": -1, "length": 1},
            "receive an entity with incorrect offset -1",
        ),
    ],
)
def test_a_faulty_entity_is_refused(
    sandbox: Sandbox, alice: Person, entity: Any, description: str
) -> None:
    error = sandbox.error("sendMessage", chat_id=alice.id, text="x", entities=[entity])
    assert error == f"Bad Request: {description}"


def test_entities_shift_with_characters_that_are_removed(sandbox: Sandbox, alice: Person) -> None:
    entities = [{"type": "bold", "offset": 3, "length": 1}]
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text=" \r\u202ex", entities=entities)
    assert sent["text"] == "x"
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 1}]


def test_the_page_gets_safe_html(sandbox: Sandbox, alice: Person) -> None:
    text = '<b>a<i>&lt;img onerror="x"&gt;</i></b> <a href="https://a.b/&quot;">l</a>\nend'
    sandbox.bot("sendMessage", chat_id=alice.id, text=text, parse_mode="HTML")
    assert alice.messages()[-1]["html"] == (
        "<b>a<i>&lt;img onerror=&quot;x&quot;&gt;</i></b> "
        '<a href="https://a.b/&quot;" target="_blank" rel="noopener noreferrer">l</a>\nend'
    )


def test_overlapping_entities_become_well_formed_html(sandbox: Sandbox, alice: Person) -> None:
    entities = [
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "italic", "offset": 1, "length": 2},
    ]
    sandbox.bot("sendMessage", chat_id=alice.id, text="abc", entities=entities)
    html = alice.messages()[-1]["html"]
    assert html in ("<b>a<i>b</i></b><i>c</i>", "<b>a</b><i><b>b</b>c</i>")
