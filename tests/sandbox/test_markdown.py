"""MarkdownV2: core.telegram.org/bots/api#markdownv2-style, and the refusals of TDLib."""

import pytest

from .harness import Json, Person, Sandbox


def entity(kind: str, offset: int, length: int, **fields: str) -> Json:
    return {"type": kind, "offset": offset, "length": length, **fields}


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        ("*bold*", "bold", [entity("bold", 0, 4)]),
        ("_italic_", "italic", [entity("italic", 0, 6)]),
        ("__under__", "under", [entity("underline", 0, 5)]),
        ("~gone~", "gone", [entity("strikethrough", 0, 4)]),
        ("||secret||", "secret", [entity("spoiler", 0, 6)]),
        ("`a*b`", "a*b", [entity("code", 0, 3)]),
        ("```python\nx = 1\n```", "x = 1\n", [entity("pre", 0, 6, language="python")]),
        ("```\nx\n```", "x\n", [entity("pre", 0, 2)]),
        (
            "*bold _italic bold_ bold*",
            "bold italic bold bold",
            [entity("bold", 0, 21), entity("italic", 5, 11)],
        ),
        ("я 👍 *жирно*", "я 👍 жирно", [entity("bold", 5, 5)]),
        (
            "[site](https://example.com/a\\)b)",
            "site",
            [entity("text_link", 0, 4, url="https://example.com/a)b")],
        ),
        (
            "![👍](tg://emoji?id=5368324170671202286)",
            "👍",
            [entity("custom_emoji", 0, 2, custom_emoji_id="5368324170671202286")],
        ),
        (">a\n>b\nc", "a\nb\nc", [entity("blockquote", 0, 4)]),
        (">a\n>b||", "a\nb", [entity("expandable_blockquote", 0, 3)]),
        ("1\\.5 \\(VAT\\) \\\\", "1.5 (VAT) \\", []),
        ("**empty", "empty", []),
    ],
)
def test_it_is_shown_as_written(
    sandbox: Sandbox, alice: Person, text: str, plain: str, entities: list[Json]
) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text=text, parse_mode="MarkdownV2")
    # Telegram drops the white space at the end, and cuts the entity there.
    shown = [dict(item) for item in entities]
    if shown and plain != plain.rstrip():
        shown[0]["length"] -= 1
    assert (sent["text"], sent.get("entities", [])) == (plain.rstrip(), shown)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1.5", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("x - y", "Character '-' is reserved and must be escaped with the preceding '\\'"),
        ("hello!", "Character '!' is reserved and must be escaped with the preceding '\\'"),
        ("a|b", "Character '|' is reserved and must be escaped with the preceding '\\'"),
        ("a > b", "Character '>' is reserved and must be escaped with the preceding '\\'"),
        ("я *x", "Can't find end of Bold entity at byte offset 3"),
        ("_x", "Can't find end of Italic entity at byte offset 0"),
        ("```x", "Can't find end of Pre entity at byte offset 0"),
        (">*x\ny*", "Can't find end of Bold entity at byte offset 1"),
        ("[x](y", "Can't find end of a URL at byte offset 4"),
        ("![x]", "The entity must contain a tg://emoji or tg://time URL"),
        ("![x](https://example.com)", "Invalid tg://emoji or tg://time URL specified"),
    ],
)
def test_a_fault_is_refused_with_its_place(
    sandbox: Sandbox, alice: Person, text: str, fault: str
) -> None:
    error = sandbox.error("sendMessage", chat_id=alice.id, text=text, parse_mode="MarkdownV2")
    assert error == f"Bad Request: can't parse entities: {fault}"


def test_the_older_markdown_is_not_modelled(sandbox: Sandbox, alice: Person) -> None:
    answer = sandbox.call("sendMessage", chat_id=alice.id, text="*x*", parse_mode="Markdown")
    assert answer.status_code == 501
