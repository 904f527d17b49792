"""Contents beside text and documents, and messages that are passed on."""

from typing import Any

import pytest

from .harness import Json, Person, Sandbox, png


@pytest.mark.parametrize(
    ("method", "params", "field", "shown"),
    [
        (
            "sendLocation",
            {"latitude": 55.75, "longitude": "37.62"},
            "location",
            {"latitude": 55.75, "longitude": 37.62},
        ),
        (
            "sendContact",
            {"phone_number": "+7900", "first_name": "Ann", "last_name": "B"},
            "contact",
            {"phone_number": "+7900", "first_name": "Ann", "last_name": "B"},
        ),
        (
            "sendVenue",
            {"latitude": 1, "longitude": 2, "title": "Office", "address": "Main st."},
            "venue",
            {
                "location": {"latitude": 1, "longitude": 2},
                "title": "Office",
                "address": "Main st.",
            },
        ),
    ],
)
def test_a_content_is_shown_as_sent(
    sandbox: Sandbox,
    alice: Person,
    method: str,
    params: dict[str, Any],
    field: str,
    shown: Json,
) -> None:
    assert sandbox.bot(method, chat_id=alice.id, **params)[field] == shown
    assert alice.messages()[-1][field] == shown


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("sendLocation", {"longitude": 1}, "latitude is empty"),
        ("sendLocation", {"latitude": 91, "longitude": 1}, "invalid location specified"),
        ("sendContact", {"first_name": "x"}, 'parameter "phone_number" is required'),
        ("sendDice", {"emoji": "x"}, "EMOTICON_INVALID"),
        ("sendPoll", {"question": "x"}, "can't parse options JSON object"),
        ("sendPoll", {"question": "x", "options": {}}, "expected an Array of String as options"),
        (
            "sendPoll",
            {"question": "x", "options": []},
            "poll must have at least one answer option",
        ),
        ("sendPoll", {"question": "x", "options": [""]}, "poll option must be non-empty"),
        (
            "sendPoll",
            {"question": "x", "options": ["a"] * 13},
            "poll can't have more than 12 options",
        ),
        (
            "sendPoll",
            {"question": "x" * 301, "options": ["a"]},
            "poll question length must not exceed 300",
        ),
        ("sendVideo", {}, "there is no video in the request"),
        ("sendVideoNote", {}, "there is no video note in the request"),
    ],
)
def test_a_faulty_content_is_refused(
    sandbox: Sandbox, alice: Person, method: str, params: dict[str, Any], description: str
) -> None:
    error = sandbox.error(method, chat_id=alice.id, **params)
    assert error == f"Bad Request: {description}"


def test_a_poll_is_sent_and_stopped(sandbox: Sandbox, alice: Person) -> None:
    options = ["Pay", {"text": "Wait"}]
    sent = sandbox.bot("sendPoll", chat_id=alice.id, question="When?", options=options)
    assert [option["text"] for option in sent["poll"]["options"]] == ["Pay", "Wait"]
    about = {"chat_id": alice.id, "message_id": sent["message_id"]}
    assert sandbox.bot("stopPoll", **about)["is_closed"] is True
    assert sandbox.error("stopPoll", **about) == "Bad Request: poll has already been closed"
    text = sandbox.bot("sendMessage", chat_id=alice.id, text="x")["message_id"]
    error = sandbox.error("stopPoll", chat_id=alice.id, message_id=text)
    assert error == "Bad Request: message is not a poll"


def test_a_die_falls_within_its_sides(sandbox: Sandbox, alice: Person) -> None:
    assert 1 <= sandbox.bot("sendDice", chat_id=alice.id)["dice"]["value"] <= 6


def upload(sandbox: Sandbox, person: Person, method: str, kind: str, **params: Any) -> Json:
    files = {kind: ("x.mp4", png(2, 1))}
    answer = sandbox.upload(method, files, chat_id=str(person.id), **params).json()
    assert answer["ok"], answer
    sent: Json = answer["result"]
    return sent


def test_a_video_keeps_its_length_and_name(sandbox: Sandbox, alice: Person) -> None:
    video = upload(sandbox, alice, "sendVideo", "video", duration="7", width="640")["video"]
    assert (video["duration"], video["width"], video["height"]) == (7, 640, 0)
    assert (video["file_name"], video["mime_type"]) == ("x.mp4", "video/mp4")
    again = sandbox.bot("sendVideo", chat_id=alice.id, video=video["file_id"])["video"]
    assert again == video
    error = sandbox.error("sendDocument", chat_id=alice.id, document=video["file_id"])
    assert error == "Bad Request: can't use file of type Video as Document"


def test_an_animation_is_a_document_too(sandbox: Sandbox, alice: Person) -> None:
    sent = upload(sandbox, alice, "sendAnimation", "animation")
    assert sent["animation"]["file_id"] == sent["document"]["file_id"]
    sandbox.bot(
        "editMessageCaption", chat_id=alice.id, message_id=sent["message_id"], caption="new"
    )
    assert alice.messages()[-1]["caption"] == "new"


def test_photos_and_videos_share_an_album_but_not_with_documents(
    sandbox: Sandbox, alice: Person
) -> None:
    kinds = (("sendPhoto", "photo"), ("sendVideo", "video"), ("sendDocument", "document"))
    sent = {kind: upload(sandbox, alice, method, kind)[kind] for method, kind in kinds}
    sent["photo"] = sent["photo"][0]
    media = [{"type": kind, "media": file["file_id"]} for kind, file in sent.items()]
    album = sandbox.bot("sendMediaGroup", chat_id=alice.id, media=media[:2])
    assert ["photo" in album[0], "video" in album[1]] == [True, True]
    error = sandbox.error("sendMediaGroup", chat_id=alice.id, media=media)
    assert error == "Bad Request: can't use the media of the specified type in the album"


def test_several_messages_are_passed_on_at_once(
    sandbox: Sandbox, alice: Person, bob: Person
) -> None:
    first = sandbox.bot("sendMessage", chat_id=alice.id, text="one")["message_id"]
    second = upload(sandbox, alice, "sendPhoto", "photo", caption="two")["message_id"]
    ids = [first, second, 999_999]
    about = {"chat_id": bob.id, "from_chat_id": alice.id}
    assert len(sandbox.bot("forwardMessages", **about, message_ids=ids)) == 2
    assert [m["forward_origin"]["type"] for m in bob.messages()[-2:]] == ["user", "user"]
    sandbox.bot("copyMessages", **about, message_ids=ids, remove_caption=True)
    copies = bob.messages()[-2:]
    assert copies[0]["text"] == "one"
    assert "caption" not in copies[1]
    assert not any("forward_origin" in message for message in copies)


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({}, "message identifiers are not specified"),
        ({"message_ids": "{"}, "can't parse message_ids JSON object"),
        ({"message_ids": {}}, "expected an Array of message identifiers"),
        ({"message_ids": [0]}, "invalid message identifier specified"),
        ({"message_ids": [1] * 101}, "too many message identifiers specified"),
        ({"message_ids": [999_999]}, "there are no messages to forward"),
    ],
)
def test_a_faulty_list_is_refused(
    sandbox: Sandbox, alice: Person, params: dict[str, Any], description: str
) -> None:
    about = {"chat_id": alice.id, "from_chat_id": alice.id}
    for method in ("forwardMessages", "copyMessages"):
        assert sandbox.error(method, **about, **params) == f"Bad Request: {description}"


def test_a_service_message_is_not_passed_on(sandbox: Sandbox, alice: Person) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x")["message_id"]
    sandbox.bot("pinChatMessage", chat_id=alice.id, message_id=sent)
    service = {"chat_id": alice.id, "from_chat_id": alice.id, "message_id": sent + 1}
    assert sandbox.error("forwardMessage", **service) == (
        "Bad Request: the message can't be forwarded"
    )
    assert sandbox.error("copyMessage", **service) == "Bad Request: the message can't be copied"


def test_a_copy_gets_another_caption(sandbox: Sandbox, alice: Person) -> None:
    sent = upload(sandbox, alice, "sendPhoto", "photo", caption="old")
    about = {"chat_id": alice.id, "from_chat_id": alice.id, "message_id": sent["message_id"]}
    sandbox.bot("copyMessage", **about, caption="<b>new</b>", parse_mode="HTML")
    assert alice.messages()[-1]["html"] == "<b>new</b>"


def test_nobody_has_a_profile_photo(sandbox: Sandbox, alice: Person) -> None:
    shown = sandbox.bot("getUserProfilePhotos", user_id=alice.id)
    assert shown == {"total_count": 0, "photos": []}
