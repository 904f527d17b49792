"""File names as clients write them into ``multipart/form-data``."""

import pytest
import requests

from .harness import DEADLINE, Json, Person, Sandbox

BOUNDARY = "frontier"


def post(sandbox: Sandbox, chat_id: int, disposition: str) -> Json:
    """Send a document under a header of its own making."""
    chat = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n{chat_id}\r\n'
    file = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\ncontent\r\n"
    answer: Json = requests.post(
        sandbox.url("sendDocument"),
        data=f"{chat}{file}--{BOUNDARY}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
        timeout=DEADLINE,
    ).json()
    return answer


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('filename="a.pdf"', "a.pdf"),
        ('filename="счёт 45.pdf"', "счёт 45.pdf"),
        ("filename=счёт 45.pdf", "счёт 45.pdf"),
        ("filename=a.pdf; other=1", "a.pdf"),
        (r'filename="a \"b\" \c.pdf"', 'a "b" c.pdf'),
        ('filename="%D1%8F.pdf"', "я.pdf"),
        ("filename=\"a.pdf\"; filename*=UTF-8''%D1%8F.pdf", "a.pdf"),
        ("filename*=UTF-8''%D1%8F.pdf; filename=a.pdf", "a.pdf"),
    ],
)
def test_a_file_is_named_as_its_sender_wrote(
    sandbox: Sandbox, alice: Person, written: str, name: str
) -> None:
    answer = post(sandbox, alice.id, f'form-data; name="document"; {written}')
    assert answer["ok"], answer
    assert answer["result"]["document"]["file_name"] == name


@pytest.mark.parametrize("name", ["document", '"document"'])
def test_a_field_is_named_with_quotes_or_without(
    sandbox: Sandbox, alice: Person, name: str
) -> None:
    assert post(sandbox, alice.id, f"form-data; name={name}; filename=a.pdf")["ok"]


@pytest.mark.parametrize(
    ("disposition", "description"),
    [
        # Telegram does not know RFC 5987: without a plain name it is a parameter like others.
        (
            "form-data; name=\"document\"; filename*=UTF-8''a.pdf",
            "wrong file identifier/HTTP URL specified",
        ),
        ('attachment; name="document"; filename="a"', "expected form-data content disposition"),
        ('form-data; filename="a"', "field name in multipart/form-data not found"),
        (
            'form-data; name="document"; filename="a',
            "unclosed quoted string in Content-Disposition header",
        ),
        (
            'form-data; name="document" filename="a"',
            "expected ';' in Content-Disposition header",
        ),
    ],
)
def test_a_faulty_part_is_refused(
    sandbox: Sandbox, alice: Person, disposition: str, description: str
) -> None:
    answer = post(sandbox, alice.id, disposition)
    assert answer["description"] == f"Bad Request: {description}"
