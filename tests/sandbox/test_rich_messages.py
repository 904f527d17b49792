"""Rich messages where they are shown: sent, edited, in drafts and in inline results."""

from typing import Any

import pytest

from .harness import KEYBOARD, Person, Sandbox, png, until

Json = dict[str, Any]
NOT_MODIFIED = "Bad Request: message is not modified"


def paragraph(text: Any) -> Json:
    return {"type": "paragraph", "text": text}


def rich(*blocks: Json) -> Json:
    return {"blocks": list(blocks), "skip_entity_detection": True}


def about(message: Json) -> Json:
    return {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}


def document(reference: str, **fields: Any) -> Json:
    return {"type": "document", "document": {"type": "document", "media": reference}, **fields}


@pytest.fixture
def sent(sandbox: Sandbox, alice: Person) -> Json:
    message: Json = sandbox.bot(
        "sendRichMessage",
        chat_id=alice.id,
        rich_message=rich(paragraph("New")),
        reply_markup=KEYBOARD,
    )
    return message


def test_a_rich_message_has_blocks_and_no_text(alice: Person, sent: Json) -> None:
    assert sent["rich_message"] == {"blocks": [paragraph("New")]}
    assert "text" not in sent
    assert sent["reply_markup"] == KEYBOARD
    assert alice.messages()[-1]["rich_message"] == sent["rich_message"]


def test_the_list_of_chats_shows_its_first_words(sandbox: Sandbox, alice: Person) -> None:
    text = ["Request ", {"type": "bold", "text": "7"}]
    quotation = {"type": "blockquote", "blocks": [paragraph(text), paragraph("more")]}
    message = rich({"type": "divider"}, quotation)
    sandbox.bot("sendRichMessage", chat_id=alice.id, rich_message=message)
    [row] = sandbox.get(f"{alice.path}/chats")
    assert row["last_message"]["text"] == "Request 7"


def test_what_comes_back_is_filled_up(sandbox: Sandbox, alice: Person) -> None:
    item = {"blocks": [paragraph("x")]}
    blocks = [
        {"type": "list", "items": [item | {"has_checkbox": True, "is_checked": True}]},
        {"type": "list", "items": [item | {"type": "i", "value": 4}, item | {"type": "A"}]},
        {"type": "list", "items": [item | {"value": 7}]},
        {"type": "table", "cells": [[{"text": "x", "colspan": 1}]]},
    ]
    message = {"blocks": blocks, "is_rtl": True}
    answer = sandbox.bot("sendRichMessage", chat_id=alice.id, rich_message=message)
    checked, ordered, plain, table = answer["rich_message"]["blocks"]
    assert checked["items"] == [{"label": "•", **item, "has_checkbox": True, "is_checked": True}]
    assert [item["label"] for item in ordered["items"]] == ["iv.", "E."]
    assert plain["items"] == [{"label": "•", **item}]
    assert table["cells"] == [[{"text": "x", "align": "left", "valign": "middle"}]]
    assert answer["rich_message"]["is_rtl"] is True


def test_telegram_finds_addresses_and_the_like_unless_told_not_to(
    sandbox: Sandbox, alice: Person
) -> None:
    text = "Ask @alice_x, /pay 4111 1111 1111 1111 not 4111 1111 1111 1112, a@b.ru, +79001234567"
    code = {"type": "code", "text": "@alice_x"}
    blocks = [paragraph([text, code]), {"type": "pre", "text": "/pay"}, paragraph("nothing")]
    for skip in (False, True):
        message = {"blocks": blocks, "skip_entity_detection": skip}
        sent = sandbox.bot("sendRichMessage", chat_id=alice.id, rich_message=message)
        shown = sent["rich_message"]["blocks"]
        assert (shown == blocks) is skip
    sent = sandbox.bot("sendRichMessage", chat_id=alice.id, rich_message={"blocks": blocks})
    looked_into, *others = sent["rich_message"]["blocks"]
    assert others == blocks[1:]
    parts, untouched = looked_into["text"]
    assert untouched == code
    found = {part["type"]: part for part in parts if isinstance(part, dict)}
    card = "4111 1111 1111 1111"
    assert found == {
        "mention": {"type": "mention", "text": "@alice_x", "username": "alice_x"},
        "bot_command": {"type": "bot_command", "text": "/pay", "bot_command": "/pay"},
        "bank_card_number": {"type": "bank_card_number", "text": card, "bank_card_number": card},
        "email_address": {"type": "email_address", "text": "a@b.ru", "email_address": "a@b.ru"},
        "phone_number": {
            "type": "phone_number",
            "text": "+79001234567",
            "phone_number": "+79001234567",
        },
    }
    assert "".join(part if isinstance(part, str) else part["text"] for part in parts) == text


def test_files_are_uploaded_with_the_message_and_used_again(
    sandbox: Sandbox, alice: Person
) -> None:
    picture = {"type": "photo", "photo": {"type": "photo", "media": "attach://scan"}}
    details = {
        "type": "details",
        "summary": "Files",
        "blocks": [picture, document("attach://bill", caption={"text": "bill.pdf"})],
    }
    answer = sandbox.upload(
        "sendRichMessage",
        {"bill": ("bill.pdf", b"%PDF"), "scan": ("scan.png", png(30, 20))},
        chat_id=str(alice.id),
        rich_message=rich(details),
    ).json()["result"]
    shown_picture, shown_bill = answer["rich_message"]["blocks"][0]["blocks"]
    assert shown_picture["photo"][-1]["width"] == 30
    assert shown_bill["document"]["file_name"] == "bill.pdf"
    assert shown_bill["caption"] == {"text": "bill.pdf"}
    [view] = [message for message in alice.messages() if "rich_message" in message]
    url = view["file_urls"][shown_bill["document"]["file_unique_id"]]
    assert sandbox.http.get(sandbox.base + url).content == b"%PDF"
    edited = sandbox.bot(
        "editMessageText",
        **about(answer),
        rich_message=rich(document(shown_bill["document"]["file_id"])),
    )
    [block] = edited["rich_message"]["blocks"]
    assert block["document"] == shown_bill["document"]


def test_a_file_that_nobody_sent_is_refused(sandbox: Sandbox, alice: Person) -> None:
    message = rich(document("BQAC-unknown"))
    error = sandbox.error("sendRichMessage", chat_id=alice.id, rich_message=message)
    assert "wrong file identifier" in error


def test_the_right_to_send_each_file_is_needed(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice)
    upload: Json = {"files": {"bill": ("bill.pdf", b"%PDF")}, "chat_id": str(group)}
    message = rich(document("attach://bill"))
    sandbox.post(f"/control/chats/{group}/permissions", {"without": ["can_send_documents"]})
    refused = sandbox.upload("sendRichMessage", rich_message=message, **upload).json()
    expected = "Bad Request: not enough rights to send the rich message to the chat"
    assert refused["description"] == expected
    assert sandbox.bot("sendRichMessage", chat_id=group, rich_message=rich(paragraph("x")))
    sandbox.post(f"/control/chats/{group}/permissions", {"without": ["can_send_messages"]})
    error = sandbox.error("sendRichMessage", chat_id=group, rich_message=rich(paragraph("x")))
    assert error == expected


def test_a_web_app_in_a_message_opens_in_private_only(sandbox: Sandbox, alice: Person) -> None:
    app = {"text": "x", "web_app": {"url": "https://a.b"}}
    message = rich({"type": "buttons", "buttons": [app]})
    assert sandbox.bot("sendRichMessage", chat_id=alice.id, rich_message=message)
    group = sandbox.group(alice)
    error = sandbox.error("sendRichMessage", chat_id=group, rich_message=message)
    assert error == "Bad Request: BUTTON_TYPE_INVALID"


def test_text_becomes_rich_and_rich_becomes_text(sandbox: Sandbox, alice: Person) -> None:
    plain = sandbox.bot("sendMessage", chat_id=alice.id, text="<b>x</b>", parse_mode="HTML")
    message = rich(paragraph("y"))
    edited = sandbox.bot("editMessageText", **about(plain), rich_message=message)
    assert edited["rich_message"] == {"blocks": [paragraph("y")]}
    assert not edited.keys() & {"text", "entities"}
    again = sandbox.bot("editMessageText", **about(plain), text="z")
    assert again["text"] == "z"
    assert "rich_message" not in again
    history = sandbox.chat(alice.id)["messages"][-1]["history"]
    assert [state.get("text", "rich") for state in history] == ["x", "rich", "z"]


def test_an_edit_of_a_rich_message_replaces_all_of_it(sandbox: Sandbox, sent: Json) -> None:
    edited = sandbox.bot("editMessageText", **about(sent), rich_message=rich(paragraph("Done")))
    assert edited["rich_message"] == {"blocks": [paragraph("Done")]}
    assert "reply_markup" not in edited


def test_the_same_rich_message_is_no_edit(sandbox: Sandbox, sent: Json) -> None:
    message = rich(paragraph("New"))
    same = {**about(sent), "rich_message": message, "reply_markup": KEYBOARD}
    assert sandbox.error("editMessageText", **same).startswith(NOT_MODIFIED)
    assert sandbox.bot("editMessageReplyMarkup", **about(sent))


def test_a_rich_message_has_neither_caption_nor_media(sandbox: Sandbox, sent: Json) -> None:
    error = sandbox.error("editMessageCaption", **about(sent), caption="x")
    assert error == "Bad Request: there is no caption in the message to edit"
    response = sandbox.upload(
        "editMessageMedia",
        {"new": ("b.txt", b"b")},
        media={"type": "document", "media": "attach://new"},
        **about(sent),
    ).json()
    assert response["description"] == "Bad Request: there is no media in the message to edit"


def test_a_document_does_not_become_rich(sandbox: Sandbox, alice: Person) -> None:
    message = sandbox.upload(
        "sendDocument", {"document": ("a.txt", b"a")}, chat_id=str(alice.id)
    ).json()["result"]
    error = sandbox.error("editMessageText", **about(message), rich_message=rich(paragraph("x")))
    assert error == "Bad Request: there is no text in the message to edit"


def test_a_faulty_edit_is_refused_before_its_chat(sandbox: Sandbox) -> None:
    place = {"chat_id": 1, "message_id": 1}
    error = sandbox.error("editMessageText", **place, rich_message=rich({"type": "divider"}))
    assert error == "Bad Request: RICH_MESSAGE_EMPTY"
    error = sandbox.error("editMessageText", **place, rich_message=rich(paragraph("x")))
    assert error == "Bad Request: chat not found"


def test_an_edit_is_either_text_or_rich(sandbox: Sandbox, sent: Json) -> None:
    message = rich(paragraph("x"))
    error = sandbox.error("editMessageText", **about(sent), text="x", rich_message=message)
    assert error == "Bad Request: exactly one of text and rich_message may be given"


def test_a_rich_message_is_passed_on_whole(sandbox: Sandbox, alice: Person, sent: Json) -> None:
    source = {"from_chat_id": alice.id, "message_id": sent["message_id"]}
    forwarded = sandbox.bot("forwardMessage", chat_id=alice.id, **source)
    assert forwarded["rich_message"] == sent["rich_message"]
    sandbox.bot("copyMessage", chat_id=alice.id, **source)
    assert alice.messages()[-1]["rich_message"] == sent["rich_message"]


def test_a_draft_is_checked_and_kept_nowhere(sandbox: Sandbox, alice: Person) -> None:
    draft = {"chat_id": alice.id, "draft_id": 7, "can_stop": True}
    thinking = rich({"type": "thinking", "text": "x"})
    said = len(alice.messages())
    assert sandbox.bot("sendRichMessageDraft", **draft, rich_message=thinking) is True
    assert len(alice.messages()) == said


@pytest.mark.parametrize(
    ("change", "description"),
    [
        ({"draft_id": 0}, "DRAFT_ID_INVALID"),
        ({"chat_id": 1}, "chat not found"),
        ({"rich_message": {}}, "RICH_MESSAGE_CONTENT_REQUIRED"),
        (
            {"rich_message": rich(document("https://a.b/c.pdf"))},
            "only files that were sent before can be used here",
        ),
    ],
)
def test_a_faulty_draft_is_refused(
    sandbox: Sandbox, alice: Person, change: Json, description: str
) -> None:
    draft = {"chat_id": alice.id, "draft_id": 7, "rich_message": rich(paragraph("x"))} | change
    assert sandbox.error("sendRichMessageDraft", **draft) == f"Bad Request: {description}"


def test_a_draft_is_for_private_chats(sandbox: Sandbox, alice: Person) -> None:
    draft = {"chat_id": sandbox.group(alice), "draft_id": 7, "rich_message": rich(paragraph("x"))}
    error = sandbox.error("sendRichMessageDraft", **draft)
    assert error == "Bad Request: drafts can be sent to private chats only"


def queries(sandbox: Sandbox) -> list[Json]:
    found: list[Json] = until(lambda: sandbox.updates("inline_query"), "a query")
    return found


def results(message: Json) -> list[Json]:
    content = {"rich_message": message}
    return [
        {
            "type": "article",
            "id": "1",
            "title": "x",
            "input_message_content": content,
            "reply_markup": KEYBOARD,
        }
    ]


def test_an_inline_result_becomes_a_rich_message(sandbox: Sandbox, alice: Person) -> None:
    asked = alice.inline_later("7")
    [query] = queries(sandbox)
    answer = {"inline_query_id": query["id"], "results": results(rich(paragraph("x")))}
    sandbox.bot("answerInlineQuery", **answer)
    query_id = asked.result()["query_id"]
    chosen = alice.choose(query_id=query_id, result_id="1", chat_id=alice.id)
    assert chosen["rich_message"] == {"blocks": [paragraph("x")]}
    [told] = sandbox.updates("chosen_inline_result")
    place = {"inline_message_id": told["inline_message_id"]}
    assert sandbox.bot("editMessageText", **place, rich_message=rich(paragraph("y"))) is True
    error = sandbox.error("editMessageText", **place, rich_message=rich(document("https://a.b/c")))
    assert error == "Bad Request: only files that were sent before can be used here"


def test_a_faulty_rich_result_is_refused(sandbox: Sandbox, alice: Person) -> None:
    alice.inline_later("8")
    [query] = queries(sandbox)
    answer = {"inline_query_id": query["id"], "results": results(rich(document("https://a.b/c")))}
    error = sandbox.error("answerInlineQuery", **answer)
    assert error == "Bad Request: only files that were sent before can be used here"
    sandbox.settings(bot_api="10.0")
    answer["results"] = results(rich(paragraph("x")))
    assert sandbox.error("answerInlineQuery", **answer) == "Bad Request: message text is empty"
