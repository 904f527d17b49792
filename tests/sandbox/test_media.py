import struct
import time
from typing import Any

import pytest
import requests

from .harness import DEADLINE, TOKEN, Later, Person, Sandbox, png, until

PDF = b"%PDF-1.4 tiny"


def jpeg(width: int, height: int) -> bytes:
    app0 = b"\xff\xe0\0\x10JFIF" + b"\0" * 10
    return b"\xff\xd8" + app0 + b"\xff\xc0\0\x11\x08" + struct.pack(">HH", height, width) + b"\x03"


def send(sandbox: Sandbox, person: Person, content: bytes = PDF, **params: Any) -> dict[str, Any]:
    response = sandbox.upload(
        "sendDocument", {"document": ("счёт 7.pdf", content)}, chat_id=str(person.id), **params
    )
    body: dict[str, Any] = response.json()
    assert body["ok"], body
    found: dict[str, Any] = body["result"]
    return found


def test_a_document_arrives_with_its_caption(sandbox: Sandbox, alice: Person) -> None:
    sent = send(sandbox, alice, caption="<b>Invoice</b>", parse_mode="HTML")
    assert sent["document"]["file_name"] == "счёт 7.pdf"
    assert sent["document"]["mime_type"] == "application/pdf"
    assert sent["document"]["file_size"] == len(PDF)
    assert sent["caption"] == "Invoice"
    assert sent["caption_entities"] == [{"type": "bold", "offset": 0, "length": 7}]
    shown = alice.messages()[-1]
    assert shown["html"] == "<b>Invoice</b>"
    seen = requests.get(sandbox.base + shown["file_url"], timeout=DEADLINE)
    assert seen.content == PDF
    assert seen.headers["Content-Type"] == "application/pdf"
    assert seen.headers["Content-Disposition"] == "inline"


def test_a_file_is_sent_again_by_its_identifier(
    sandbox: Sandbox, alice: Person, bob: Person
) -> None:
    file_id = send(sandbox, alice)["document"]["file_id"]
    again = sandbox.bot("sendDocument", chat_id=bob.id, document=file_id)
    assert again["document"]["file_id"] == file_id
    assert again["document"]["file_name"] == "счёт 7.pdf"


def test_a_file_is_downloaded(sandbox: Sandbox, alice: Person) -> None:
    sent = send(sandbox, alice)["document"]
    found = sandbox.bot("getFile", file_id=sent["file_id"])
    assert found["file_unique_id"] == sent["file_unique_id"]
    url = f"{sandbox.base}/file/bot{TOKEN}/{found['file_path']}"
    assert requests.get(url, timeout=DEADLINE).content == PDF
    assert requests.get(url + "x", timeout=DEADLINE).status_code == 404
    assert requests.get(url.replace("4242", "4243"), timeout=DEADLINE).status_code == 401


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({}, "there is no document in the request"),
        ({"document": "attach://missing"}, "there is no document in the request"),
        ({"document": "nonsense"}, "wrong file identifier/HTTP URL specified"),
        (
            {"document": "BQACAgIAAxkBAAIBunknown"},
            "wrong file_id or the file is temporarily unavailable",
        ),
        ({"document": "https://example.com/a.pdf"}, "failed to get HTTP URL content"),
    ],
)
def test_a_wrong_reference_to_a_file_is_refused(
    sandbox: Sandbox, alice: Person, params: dict[str, str], description: str
) -> None:
    error = sandbox.error("sendDocument", chat_id=alice.id, **params)
    assert error == f"Bad Request: {description}"


@pytest.mark.parametrize(
    ("file_id", "description"),
    [
        ("", "file_id not specified"),
        ("nonsense", "invalid file_id"),
        (
            "BQACAgIAAxkBAAIBunknown",
            "wrong file_id or the file is temporarily unavailable",
        ),
    ],
)
def test_a_wrong_identifier_cannot_be_downloaded(
    sandbox: Sandbox, file_id: str, description: str
) -> None:
    assert sandbox.error("getFile", file_id=file_id) == f"Bad Request: {description}"


def test_an_empty_file_is_refused(sandbox: Sandbox, alice: Person) -> None:
    response = sandbox.upload(
        "sendDocument", {"document": ("a.pdf", b"")}, chat_id=str(alice.id)
    ).json()
    assert response["description"] == "Bad Request: file must be non-empty"


def test_a_caption_above_its_limit_is_refused(sandbox: Sandbox, alice: Person) -> None:
    response = sandbox.upload(
        "sendDocument", {"document": ("a.pdf", PDF)}, chat_id=str(alice.id), caption="x" * 1025
    ).json()
    assert response["description"] == "Bad Request: message caption is too long"


def test_an_upload_above_fifty_megabytes_is_refused(sandbox: Sandbox, alice: Person) -> None:
    content = b"x" * ((50 << 20) + 1)
    response = sandbox.upload(
        "sendDocument", {"document": ("a.bin", content)}, chat_id=str(alice.id)
    )
    assert response.status_code == 413
    assert response.json()["description"] == "Request Entity Too Large"


def test_a_download_above_twenty_mebibytes_is_refused(public: Sandbox) -> None:
    alice = public.person()
    file_id = send(public, alice, b"x" * ((20 << 20) + 1))["document"]["file_id"]
    assert public.error("getFile", file_id=file_id) == "Bad Request: file is too big"


@pytest.mark.parametrize("picture", [png(640, 480), jpeg(640, 480)])
def test_a_photo_has_its_size(sandbox: Sandbox, alice: Person, picture: bytes) -> None:
    sent = sandbox.upload("sendPhoto", {"photo": ("a.png", picture)}, chat_id=str(alice.id))
    largest = sent.json()["result"]["photo"][-1]
    assert (largest["width"], largest["height"]) == (640, 480)
    error = sandbox.error("sendDocument", chat_id=alice.id, document=largest["file_id"])
    assert error == "Bad Request: can't use file of type Photo as Document"


@pytest.mark.parametrize(
    ("content", "description"),
    [
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (png(9000, 2000), "PHOTO_INVALID_DIMENSIONS"),
        (png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (
            png(10, 10) + b"x" * (10 << 20),
            "file of size 10485789 bytes is too big for a photo; "
            "the maximum size is 10485760 bytes",
        ),
    ],
)
def test_a_faulty_photo_is_refused(
    sandbox: Sandbox, alice: Person, content: bytes, description: str
) -> None:
    response = sandbox.upload("sendPhoto", {"photo": ("a.png", content)}, chat_id=str(alice.id))
    assert response.json()["description"] == f"Bad Request: {description}"


def album(sandbox: Sandbox, person: Person, media: Any, **files: bytes) -> dict[str, Any]:
    uploads = {name: (f"{name}.bin", content) for name, content in files.items()}
    found: dict[str, Any] = sandbox.upload(
        "sendMediaGroup", uploads or {"x": ("x", b"x")}, chat_id=str(person.id), media=media
    ).json()
    return found


def test_an_album_is_several_messages_of_one_group(sandbox: Sandbox, alice: Person) -> None:
    known = send(sandbox, alice)["document"]["file_id"]
    media = [
        {"type": "document", "media": "attach://one", "caption": "<b>1</b>", "parse_mode": "HTML"},
        {"type": "document", "media": known},
    ]
    first, second = album(sandbox, alice, media, one=b"1")["result"]
    assert first["caption"] == "1"
    assert second["document"]["file_id"] == known
    assert first["media_group_id"] == second["media_group_id"]
    assert second["message_id"] == first["message_id"] + 1


def test_an_album_has_no_keyboard(sandbox: Sandbox, alice: Person) -> None:
    known = send(sandbox, alice)["document"]["file_id"]
    media = [{"type": "document", "media": known}] * 2
    sent = sandbox.bot(
        "sendMediaGroup",
        chat_id=alice.id,
        media=media,
        reply_markup={"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]},
    )
    assert all("reply_markup" not in message for message in sent)


@pytest.mark.parametrize(
    ("number", "description"),
    [
        (0, "there are no messages to send"),
        (1, "too few messages to send as an album"),
        (11, "too many messages to send as an album"),
    ],
)
def test_an_album_has_two_to_ten_items(
    sandbox: Sandbox, alice: Person, number: int, description: str
) -> None:
    media = [{"type": "document", "media": "attach://one"}] * number
    body = album(sandbox, alice, media, one=b"1")
    assert body["description"] == f"Bad Request: {description}"


def test_an_album_does_not_mix_kinds(sandbox: Sandbox, alice: Person) -> None:
    media = [
        {"type": "document", "media": "attach://one"},
        {"type": "photo", "media": "attach://two"},
    ]
    body = album(sandbox, alice, media, one=b"1", two=png(10, 10))
    assert body["description"] == (
        "Bad Request: can't use the media of the specified type in the album"
    )


@pytest.mark.parametrize(
    ("media", "description"),
    [
        ("{", "can't parse media JSON object"),
        ({}, "expected an Array of InputMedia"),
        (["x", "y"], "can't parse InputMedia: expected an Object"),
        ([{"media": "x"}] * 2, "can't parse InputMedia: Can't find field \"type\""),
        (
            [{"type": "photo", "media": "attach://missing"}] * 2,
            "can't parse InputMedia: media not found",
        ),
    ],
)
def test_a_faulty_album_is_refused(
    sandbox: Sandbox, alice: Person, media: Any, description: str
) -> None:
    assert album(sandbox, alice, media)["description"] == f"Bad Request: {description}"


def test_uploads_of_one_size_are_spaced(public: Sandbox) -> None:
    alice = public.person()
    content = b"x" * 200_000
    started = time.monotonic()
    for _ in range(10):
        assert upload(public, alice, content)["ok"]
    # After the first, each takes 0.2 s of a budget that begins with one second.
    assert time.monotonic() - started >= 9 * 0.2 - 1.0


def test_more_than_five_seconds_of_queued_uploads_are_refused(public: Sandbox) -> None:
    alice = public.person()
    content = b"x" * 150_000  # spaced by 0.2 s: thirty fill the five seconds
    uploads = [Later(lambda: upload(public, alice, content)) for _ in range(50)]
    refused = until(lambda: [u.found for u in uploads if u.found and not u.found["ok"]], "a 429")
    assert refused[0]["parameters"] == {"retry_after": 60}


def upload(sandbox: Sandbox, person: Person, content: bytes) -> dict[str, Any]:
    files = {"document": ("a.bin", content)}
    form = {"chat_id": str(person.id)}
    response = requests.post(sandbox.url("sendDocument"), data=form, files=files, timeout=30)
    body: dict[str, Any] = response.json()
    return body
