"""The directory of БИК as the Bank of Russia publishes it: ED807, as XML or in its ZIP.

https://www.cbr.ru/PSystem/payment_system/ («Справочник БИК», the format is of УФЭБС).
"""

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from treasury.models import Bank
from treasury.validators import check_account_key, validate_bik

# The whole country takes two megabytes.
MAX_BYTES = 64 * 1024**2
CORRESPONDENT = "CRSA"
# Of an account and of a participant: it is about to be closed.
CLOSING = {"ACDL", "PSDL", "DLTD"}
CITY = "г"


class NotADirectory(Exception):
    """The text says what is wrong with the file, or with which entry."""


def read(content: bytes) -> list[Bank]:
    """The banks of the file, unsaved. Raises `NotADirectory`."""
    root = _parsed(_unpacked(content))
    if _plain(root.tag) != "ED807":
        raise NotADirectory("This is not the Bank of Russia's directory of BIK (ED807).")
    banks = {bank.bik: bank for bank in map(_bank, _children(root, "BICDirectoryEntry"))}
    if not banks:
        raise NotADirectory("There is no bank in the file.")
    return list(banks.values())


def _unpacked(content: bytes) -> bytes:
    if not zipfile.is_zipfile(BytesIO(content)):
        return content
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return archive.read(_only_xml(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as exc:
        raise NotADirectory("The archive cannot be read.") from exc


def _only_xml(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    inside = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".xml")]
    if len(inside) != 1:
        raise NotADirectory("The archive must hold exactly one XML file.")
    if inside[0].file_size > MAX_BYTES:
        raise NotADirectory("The file is too large for a directory.")
    return inside[0]


def _parsed(xml: bytes) -> Element:
    """What declares entities is refused: the directory has none."""
    try:
        root: Element = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError) as exc:
        raise NotADirectory("This is no XML that can be read.") from exc
    return root


def _bank(entry: Element) -> Bank:
    about = next(_children(entry, "ParticipantInfo"), None)
    bik = entry.get("BIC", "")
    if about is None or not about.get("NameP", "").strip():
        raise NotADirectory(f"The entry {bik or '?'} has no name.")
    closing = {about.get("ParticipantStatus"), entry.get("ChangeType")} & CLOSING
    bank = Bank(
        bik=bik,
        name=" ".join(about.get("NameP", "").split())[:160],
        city=_city(about)[:80],
        correspondent_account=_correspondent(entry),
        is_active=not closing,
        out_of_use_reason=_("The Bank of Russia is closing it.") if closing else "",
    )
    _check(bank)
    return bank


def _city(about: Element) -> str:
    """«Москва», but «пгт Афипский»: of a city everybody knows what it is."""
    kind, name = (about.get(key, "").strip() for key in ("Tnp", "Nnp"))
    return name if kind.rstrip(".") == CITY else " ".join(filter(None, [kind, name]))


def _correspondent(entry: Element) -> str:
    """Treasury bodies and the Bank's own units have none."""
    accounts = (
        account.get("Account", "")
        for account in _children(entry, "Accounts")
        if account.get("RegulationAccountType") == CORRESPONDENT
        and account.get("AccountStatus") not in CLOSING
    )
    return next(accounts, "")


def _check(bank: Bank) -> None:
    try:
        validate_bik(bank.bik or "")
        if bank.correspondent_account:
            check_account_key(bank.correspondent_account, bank.bik or "")
    except ValidationError as exc:
        problem = " ".join(exc.messages)
        raise NotADirectory(f"The entry {bank.bik or '?'} is wrong: {problem}") from exc


def _children(parent: Element, name: str) -> Iterator[Element]:
    return (child for child in parent if _plain(child.tag) == name)


def _plain(tag: str) -> str:
    """Without its namespace, which the Bank of Russia changes with every version."""
    return tag.rpartition("}")[2]
