from typing import Any

import pytest

from .harness import KEYBOARD, Json, Later, Person, Sandbox, until

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


def article(number: int = 1, **fields: Any) -> Json:
    content = {"message_text": f"<b>Request {number}</b>", "parse_mode": "HTML"}
    head = {"type": "article", "id": str(number), "title": f"Request {number}"}
    return head | {"input_message_content": content} | fields


def asked(sandbox: Sandbox) -> Json:
    found: Json = until(lambda: sandbox.updates("inline_query"), "an inline query")[-1]
    return found


def ask(sandbox: Sandbox, person: Person, text: str = "rent", **fields: Any) -> tuple[Later, Json]:
    later = person.inline_later(text, **fields)
    return later, asked(sandbox)


def test_results_are_shown_to_who_asked(sandbox: Sandbox, alice: Person) -> None:
    later, query = ask(sandbox, alice, offset="20")
    assert (query["query"], query["offset"], query["chat_type"]) == ("rent", "20", "sender")
    assert query["from"]["id"] == alice.id
    button = {"text": "Link", "start_parameter": "link-1"}
    sandbox.bot(
        "answerInlineQuery",
        inline_query_id=query["id"],
        results=[article()],
        next_offset="40",
        button=button,
    )
    shown = later.result()
    assert shown["answered"] is True
    assert shown["results"][0]["title"] == "Request 1"
    assert (shown["next_offset"], shown["button"]) == ("40", button)


def test_the_kind_of_the_chat_is_told(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice, type="supergroup")
    assert ask(sandbox, alice, chat_id=group)[1]["chat_type"] == "supergroup"


def test_results_that_are_not_personal_are_shown_to_anyone(
    sandbox: Sandbox, alice: Person, bob: Person
) -> None:
    later, query = ask(sandbox, alice)
    sandbox.bot("answerInlineQuery", inline_query_id=query["id"], results=[article()])
    assert bob.inline("rent") == later.result()
    assert sandbox.updates("inline_query") == []


def test_personal_results_are_shown_to_one_person_only(
    sandbox: Sandbox, alice: Person, bob: Person
) -> None:
    later, query = ask(sandbox, alice)
    sandbox.bot(
        "answerInlineQuery", inline_query_id=query["id"], results=[article()], is_personal=True
    )
    assert alice.inline("rent") == later.result()
    assert ask(sandbox, bob)[1]["from"]["id"] == bob.id


def test_results_without_cache_time_are_asked_for_again(sandbox: Sandbox, alice: Person) -> None:
    for _ in range(2):
        later, query = ask(sandbox, alice)
        sandbox.bot(
            "answerInlineQuery", inline_query_id=query["id"], results=[article()], cache_time=0
        )
        assert later.result()["answered"] is True


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"results": "{"}, "can't parse JSON encoded inline query results"),
        ({"results": {}}, "expected an Array of inline query results"),
        ({"results": ["x"]}, "can't parse inline query result: expected an Object"),
        ({"results": [{}]}, "can't parse inline query result: Can't find field \"type\""),
        (
            {"results": [article(n) for n in range(51)]},
            "too many inline query results specified",
        ),
        ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article(id="x" * 65)]}, "RESULT_ID_INVALID"),
        ({"results": [article(title="")]}, "ARTICLE_TITLE_EMPTY"),
        (
            {"results": [article(input_message_content={"message_text": ""})]},
            "message text is empty",
        ),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        (
            {"button": {"text": "x", "start_parameter": "x" * 65}},
            "too long start_parameter specified",
        ),
        (
            {"button": {"text": "x", "start_parameter": "a b"}},
            "unallowed characters in start_parameter are used",
        ),
    ],
)
def test_a_faulty_answer_is_refused(
    sandbox: Sandbox, alice: Person, params: Json, description: str
) -> None:
    later, query = ask(sandbox, alice)
    error = sandbox.error("answerInlineQuery", inline_query_id=query["id"], **params)
    assert error == f"Bad Request: {description}"
    sandbox.bot("answerInlineQuery", inline_query_id=query["id"], results=[])
    assert later.result()["results"] == []


def test_an_inline_query_is_answered_once(sandbox: Sandbox, alice: Person) -> None:
    _, query = ask(sandbox, alice)
    sandbox.bot("answerInlineQuery", inline_query_id=query["id"], results=[])
    error = sandbox.error("answerInlineQuery", inline_query_id=query["id"], results=[])
    assert error == TOO_OLD


def choose(sandbox: Sandbox, person: Person, chat_id: int, result: Json) -> Json:
    later, query = ask(sandbox, person)
    sandbox.bot("answerInlineQuery", inline_query_id=query["id"], results=[result])
    query_id = later.result()["query_id"]
    return person.choose(query_id=query_id, result_id=result["id"], chat_id=chat_id)


def test_a_chosen_result_becomes_a_message_of_the_person(sandbox: Sandbox, alice: Person) -> None:
    group = sandbox.group(alice)
    sent = choose(sandbox, alice, group, article())
    assert sent["from"]["id"] == alice.id
    assert sent["via_bot"]["is_bot"] is True
    assert sent["html"] == "<b>Request 1</b>"
    updates = sandbox.bot("getUpdates")
    told = next(u["message"] for u in updates if "message" in u)
    assert told["message_id"] == sent["message_id"]
    chosen = next(u["chosen_inline_result"] for u in updates if "chosen_inline_result" in u)
    assert chosen["result_id"] == "1"
    assert chosen["query"] == "rent"
    assert "inline_message_id" not in chosen


def test_a_chosen_result_with_a_keyboard_is_edited_by_its_inline_identifier(
    sandbox: Sandbox, alice: Person
) -> None:
    group = sandbox.group(alice)
    sent = choose(sandbox, alice, group, article(reply_markup=KEYBOARD))
    alice.press_later(sent["message_id"], chat_id=group)
    query: Json = until(lambda: sandbox.updates("callback_query"), "a press")[0]
    assert "message" not in query
    identifier = query["inline_message_id"]
    assert sandbox.bot("editMessageText", inline_message_id=identifier, text="Done") is True
    assert alice.messages(group)[-1]["text"] == "Done"
    error = sandbox.error("editMessageText", inline_message_id="unknown", text="x")
    assert error == "Bad Request: MESSAGE_ID_INVALID"
    error = sandbox.error("editMessageText", chat_id=group, message_id=sent["message_id"], text="x")
    assert error == "Bad Request: message can't be edited"


def test_a_cached_document_is_chosen(sandbox: Sandbox, alice: Person) -> None:
    document = sandbox.upload(
        "sendDocument", {"document": ("a.pdf", b"a")}, chat_id=str(alice.id)
    ).json()["result"]["document"]
    result = {
        "type": "document",
        "id": "d",
        "title": "Invoice",
        "document_file_id": document["file_id"],
        "caption": "For you",
    }
    sent = choose(sandbox, alice, alice.id, result)
    assert sent["document"]["file_unique_id"] == document["file_unique_id"]
    assert sent["caption"] == "For you"
