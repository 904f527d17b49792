"""What the code for payment on an invoice tells, and what hostile ones do not do."""

import resource
import signal
import subprocess
import sys
import zlib
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from treasury import qr_codes
from treasury.invoice_qr import LONGEST, Invoice, read

FACTS = (
    "Name=АО «Северсталь»|PersonalAcc=40702810200000000001|BankName=ПАО Сбербанк|BIC=044525225|"
    "CorrespAcc=30101810400000000225|PayeeINN=3528000597|KPP=997550001|Sum=12500050|"
    "Purpose=Оплата по счёту № 45"
)
CODE = f"ST00012|{FACTS}".encode()
WHOLE = Invoice(
    name="АО «Северсталь»",
    inn="3528000597",
    kpp="997550001",
    account="40702810200000000001",
    bik="044525225",
    amount=Decimal("125000.50"),
    purpose="Оплата по счёту № 45",
)


def drawn(code: bytes, kind: str = "PNG", scale: int = 4) -> bytes:
    barcode = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode)
    view = memoryview(zxingcpp.write_barcode_to_image(barcode, scale=scale))  # type: ignore[arg-type]
    height, width = view.shape or (0, 0)
    buffer = BytesIO()
    Image.frombytes("L", (width, height), view.tobytes()).save(buffer, kind)
    return buffer.getvalue()


def on_page(code: bytes, page: int = 1, size: tuple[float, float] = A4, **how: Any) -> bytes:
    """A PDF with the code on this page of it."""
    buffer = BytesIO()
    paper = Canvas(buffer, pagesize=size, **how)
    for _empty in range(page - 1):
        paper.showPage()
    paper.drawImage(ImageReader(BytesIO(drawn(code))), 60, size[1] - 200, 110, 110)
    paper.showPage()
    paper.save()
    return buffer.getvalue()


def code(**changes: str) -> bytes:
    facts = dict(part.split("=") for part in FACTS.split("|"))
    return ("ST00012|" + "|".join(f"{k}={v}" for k, v in {**facts, **changes}.items())).encode()


@pytest.mark.parametrize(("number", "encoding"), [("1", "cp1251"), ("2", "utf-8"), ("3", "koi8-r")])
@pytest.mark.parametrize("sign", ["|", "~", ";"])
def test_all_its_facts_are_read_in_each_encoding(number: str, encoding: str, sign: str) -> None:
    facts = FACTS if encoding != "koi8-r" else FACTS.translate({ord(c): '"' for c in "«»№"})
    written = f"ST0001{number}{sign}{facts.replace('|', sign)}".encode(encoding)
    found = read(written)
    assert found
    assert "Северсталь" in found.name
    assert found.inn == WHOLE.inn
    assert found.amount == WHOLE.amount
    assert found.wrong == ()


def test_it_is_all_that_a_request_needs_of_it() -> None:
    assert read(CODE) == WHOLE


def test_names_are_read_in_any_case_and_unknown_ones_passed_over() -> None:
    found = read("ST00012|payeeinn=3528000597|SUM=100|ChildFio=Иванов|Name".encode())
    assert found == Invoice(inn="3528000597", amount=Decimal("1.00"))


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"PayeeINN": "3528000598"}, "inn"),
        ({"KPP": "1"}, "kpp"),
        ({"PersonalAcc": "40702810300000000001"}, "account"),
        ({"BIC": "044525226"}, "account"),
        ({"BIC": ""}, "account"),
        ({"Sum": "12,50"}, "amount"),
        ({"Sum": "0"}, "amount"),
        ({"Sum": "9" * 19}, "amount"),
        ({"Purpose": "x" * 211}, "purpose"),
    ],
)
def test_a_fact_that_cannot_be_is_named_and_not_taken(changes: dict[str, str], wrong: str) -> None:
    found = read(code(**changes))
    assert found
    assert found.wrong == (wrong,)
    assert getattr(found, wrong) in ("", None)
    if wrong == "account":
        assert found.bik == ""


@pytest.mark.parametrize(
    "other",
    [
        b"", b"ST00012", b"ST00012|", b"ST00014|Name=x", b"https://example.com", b"ST00012|Foo=1",
        b"\xff" * 100, b"ST00012|Name=\xff\xfe", b"ST00012|Name=" + b"x" * LONGEST,
    ],
)  # fmt: skip
def test_what_is_no_code_for_payment_tells_nothing(other: bytes) -> None:
    assert read(other) is None


@given(st.binary(max_size=3000) | st.binary(max_size=300).map(lambda rest: b"ST00012|" + rest))
def test_no_bytes_break_it(code: bytes) -> None:
    read(code)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Name", "PersonalAcc", "BIC", "PayeeINN", "KPP", "Sum", "Purpose"]),
            st.text(st.characters(codec="utf-8", exclude_characters="|"), max_size=250),
        ),
        max_size=10,
    )
)
def test_whatever_it_tells_may_be_stored(pairs: list[tuple[str, str]]) -> None:
    found = read(("ST00012|" + "|".join(f"{k}={v}" for k, v in pairs)).encode())
    if found is None:
        return
    assert len(found.name) <= 160
    assert len(found.purpose) <= 210
    assert found.inn == "" or len(found.inn) in (10, 12)
    assert found.amount is None or 0 < found.amount < Decimal(10) ** 16
    assert bool(found.account) == bool(found.bik)


@pytest.mark.parametrize(
    ("page", "size", "found"),
    [(1, A4, [CODE]), (2, A4, [CODE]), (3, A4, []), (1, (1200.0, 300.0), [CODE])],
)
def test_it_is_found_on_the_first_pages_of_a_pdf(
    page: int, size: tuple[float, float], found: list[bytes]
) -> None:
    file = BytesIO(on_page(CODE, page, size))
    assert qr_codes.read(file) == found
    assert file.tell() == 0


def test_a_pdf_that_nobody_can_open_holds_none() -> None:
    whole = on_page(CODE)
    for file in (whole[:-400], whole[:40], b"%PDF-1.7", on_page(CODE, encrypt="secret")):
        qr_codes.read(BytesIO(file))
    assert qr_codes.read(BytesIO(on_page(CODE, encrypt="secret"))) == []


def written(*objects: bytes) -> bytes:
    """A PDF of these, its catalog first."""
    content, at = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, start=1):
        at.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % each for each in at)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(at) + 1)
    trailer = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n"
    return content + head + table + trailer % (len(at) + 1, len(content))


def stream(facts: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (facts, len(content), content)


def page_of(drawing: bytes, *further: bytes) -> bytes:
    return written(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Pattern<</P 5 0 R>>>>>>",
        drawing,
        *further,
    )


ENDLESS = page_of(
    stream(b"", b"/Pattern cs /P scn 0 0 600 800 re f"),
    # Each of some billion tiles covers the whole page.
    stream(
        b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 600 800]"
        b"/XStep .01/YStep .01/Resources<<>>",
        b"0 0 m 600 800 l 0 800 600 0 300 400 c f*",
    ),
)


def test_a_pdf_that_is_drawn_for_ever_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "treasury.qr_codes")
    monkeypatch.setattr(qr_codes, "_SECONDS", 2)
    assert qr_codes.read(BytesIO(ENDLESS)) == []
    assert "timed out after 2 seconds" in caplog.text or "SIGKILL" in caplog.text


def test_its_drawing_ends_also_when_nobody_waits_for_it() -> None:
    drawn = subprocess.run(
        [sys.executable, "-I", str(qr_codes._DRAWN), "2400", "1", str(qr_codes._MEMORY)],
        input=ENDLESS, capture_output=True, timeout=120, check=False, env={},
    )  # fmt: skip
    assert drawn.returncode in (-signal.SIGKILL, -signal.SIGXCPU)


def test_a_pdf_that_needs_more_memory_than_there_is_for_it_holds_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It ends the process that draws it, and no other."""
    file = BytesIO(on_page(CODE))
    with monkeypatch.context() as patch:
        patch.setattr(qr_codes, "_MEMORY", 1024**2)
        assert qr_codes.read(file) == []
    assert qr_codes.read(file) == [CODE]


def test_what_a_pdf_brings_down_leaves_no_copy_of_its_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A container mostly limits no cores, and they land where the process was started."""
    caplog.set_level("INFO", "treasury.qr_codes")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(qr_codes, "_MEMORY", 200 * 1024**2)
    monkeypatch.setattr(qr_codes, "_SECONDS", 60)
    content = page_of(stream(b"/Filter/FlateDecode", zlib.compress(b"0 0 m 9 9 l S\n" * 10**6)))
    of_cores = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (of_cores[1], of_cores[1]))
    try:
        assert qr_codes.read(BytesIO(content)) == []
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, of_cores)
    assert "SIGABRT" in caplog.text
    assert not list(tmp_path.iterdir())


def test_a_pdf_that_is_too_large_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    content = on_page(CODE)
    monkeypatch.setattr(qr_codes, "_MOST_BYTES", len(content) - 1)
    assert qr_codes.read(BytesIO(content)) == []


def test_a_page_as_large_as_a_hall_is_drawn_as_a_small_one() -> None:
    assert qr_codes.read(BytesIO(on_page(CODE, size=(14_000.0, 14_000.0)))) == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_it_is_found_in_a_picture(kind: str) -> None:
    file = BytesIO(drawn(CODE, kind))
    assert qr_codes.read(file) == [CODE]
    assert file.tell() == 0


def test_it_is_found_in_a_large_photo_that_lies_on_its_side() -> None:
    with Image.open(BytesIO(drawn(CODE, scale=6))) as code:
        photo = Image.new("RGB", (4000, 3000), "white")
        photo.paste(code.rotate(90), (2000, 1200))
    buffer = BytesIO()
    photo.save(buffer, "JPEG", quality=80)
    assert qr_codes.read(BytesIO(buffer.getvalue())) == [CODE]


def test_a_picture_that_would_fill_the_machine_is_not_unpacked() -> None:
    """A few kilobytes that are 40,000 pixels wide and high."""
    header = (40_000).to_bytes(4, "big") * 2 + b"\1\0\0\0\0"
    chunks = (
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
        for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(5001) * 100)))
    )
    assert qr_codes.read(BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))) == []


@pytest.mark.parametrize(("side", "found"), [(6000, [CODE]), (8000, [])])
def test_a_larger_picture_than_a_camera_takes_is_not_unpacked(
    side: int, found: list[bytes]
) -> None:
    photo = Image.new("1", (side, side), 1)
    with Image.open(BytesIO(drawn(CODE, scale=40))) as code:
        photo.paste(code, (100, 100))
    buffer = BytesIO()
    photo.save(buffer, "PNG")
    assert qr_codes.read(BytesIO(buffer.getvalue())) == found


@given(st.binary(max_size=300), st.integers(0, 400))
def test_a_broken_picture_holds_none(noise: bytes, at: int) -> None:
    whole = drawn(b"x")
    qr_codes.read(BytesIO(whole[:at] + noise))
    assert qr_codes.read(BytesIO(noise)) == []
