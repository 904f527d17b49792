"""`manage.py load_banks`: the Bank of Russia's directory of БИК comes in whole, or not at all."""

import zipfile
from io import StringIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from django.core.management import CommandError, call_command

from tests.company import Company
from treasury.models import Bank

SBER = ("044525225", 'ПАО "СБЕРБАНК РОССИИ"', "Москва", "30101810400000000225")
ALFA = ("044525593", 'АО "АЛЬФА-БАНК"', "Москва", "30101810200000000593")
pytestmark = pytest.mark.django_db


def entry(bik: str, name: str, city: str, account: str, **more: str) -> str:
    status, kind = more.get("status", "PSAC"), more.get("kind", "г")
    return (
        f"<BICDirectoryEntry BIC={quoteattr(bik)}>"
        f"<ParticipantInfo NameP={quoteattr(name)} Tnp={quoteattr(kind)} Nnp={quoteattr(city)} "
        f'ParticipantStatus="{status}"/>'
        f'<Accounts Account="40102810545370000003" RegulationAccountType="UTRA" '
        f'AccountStatus="ACAC"/>'
        f'<Accounts Account="{account}" RegulationAccountType="CRSA" AccountStatus="ACAC"/>'
        "</BICDirectoryEntry>"
    )


def directory(*entries: str, root: str = "ED807") -> bytes:
    head = '<?xml version="1.0" encoding="windows-1251"?>'
    body = f'<{root} xmlns="urn:cbr-ru:ed:v2.0" EDNo="1">{"".join(entries)}</{root}>'
    return f"{head}{body}".encode("windows-1251")


@pytest.fixture
def load(tmp_path: Path) -> Any:
    def run(content: bytes, *options: str, name: str = "20261127_ED807_full.xml") -> str:
        path, said = tmp_path / name, StringIO()
        path.write_bytes(content)
        call_command("load_banks", str(path), *options, stdout=said)
        return said.getvalue()

    return run


def zipped(tmp_path: Path, *contents: bytes) -> bytes:
    path = tmp_path / "bik.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"2026112{number}_ED807_full.xml", content)
    return path.read_bytes()


def test_banks_are_added_and_those_known_updated_once(company: Company, load: Any) -> None:
    content = directory(entry(*SBER), entry(*ALFA))
    said = load(content)
    assert "1 added, 1 changed, 0 as before, 0 out of use" in said
    # It holds the company's accounts.
    assert 'has accounts and a new name: ПАО Сбербанк → ПАО "СБЕРБАНК РОССИИ"' in said
    company.account.bank.refresh_from_db()
    assert company.account.bank.name == 'ПАО "СБЕРБАНК РОССИИ"'
    alfa = Bank.objects.get(bik="044525593")
    assert (alfa.city, alfa.correspondent_account) == ("Москва", "30101810200000000593")
    before = list(Bank.objects.order_by("pk").values())
    assert "0 added, 0 changed, 2 as before" in load(content)
    assert list(Bank.objects.order_by("pk").values()) == before


def test_the_zip_is_taken_as_it_was_downloaded(load: Any, tmp_path: Path) -> None:
    assert "1 added" in load(zipped(tmp_path, directory(entry(*ALFA))), name="20261127.zip")
    with pytest.raises(CommandError, match="exactly one XML"):
        load(zipped(tmp_path, directory(entry(*ALFA)), directory(entry(*SBER))))


@pytest.mark.parametrize("part", ["contents", "directory"])
def test_a_damaged_archive_is_said_to_be_one(load: Any, tmp_path: Path, part: str) -> None:
    damaged = bytearray(zipped(tmp_path, directory(entry(*ALFA))))
    at = damaged.rindex(b"PK\x01\x02") if part == "directory" else 60
    damaged[at : at + 8] = b"\xff" * 8
    with pytest.raises(CommandError, match="cannot be read"):
        load(bytes(damaged))


def test_a_place_that_is_no_city_says_what_it_is(load: Any) -> None:
    load(directory(entry(*ALFA[:2], "Афипский", ALFA[3], kind="пгт")))
    assert Bank.objects.get().city == "пгт Афипский"


def test_a_bank_that_is_gone_is_out_of_use_and_comes_back(company: Company, load: Any) -> None:
    only_alfa = directory(entry(*ALFA))
    # Part of a directory says nothing of the others.
    assert "0 out of use" in load(only_alfa)
    said = load(only_alfa, "--whole")
    assert "044525225 has accounts and is not in the file: out of use" in said
    assert not Bank.objects.get(bik="044525225").is_active
    assert "0 out of use" in load(only_alfa, "--whole")
    load(directory(entry(*SBER)))
    assert Bank.objects.get(bik="044525225").is_active
    load(directory(entry(*SBER, status="PSDL")))
    assert not Bank.objects.get(bik="044525225").is_active


@pytest.mark.usefixtures("english")
def test_why_a_bank_is_out_of_use_is_kept_until_it_comes_back(company: Company, load: Any) -> None:
    def reason() -> str:
        return Bank.objects.get(bik="044525225").out_of_use_reason

    load(directory(entry(*ALFA)), "--whole")
    assert reason() == "It has left the Bank of Russia's directory."
    load(directory(entry(*SBER, status="PSDL")))
    assert reason() == "The Bank of Russia is closing it."
    load(directory(entry(*SBER)))
    assert reason() == ""


def test_a_correspondent_account_stays_once_requests_rely_on_it(
    company: Company, load: Any
) -> None:
    moved = (*SBER[:3], "30101810700000000226")
    company.draft()
    load(directory(entry(*moved)))
    assert Bank.objects.get().correspondent_account == "30101810700000000226"
    company.submitted()
    said = load(directory(entry(*SBER), entry(*ALFA)))
    assert "044525225 keeps its correspondent account 30101810700000000226" in said
    assert Bank.objects.get(bik="044525225").correspondent_account == "30101810700000000226"
    assert Bank.objects.get(bik="044525593").is_active


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<html>404</html>", "not the Bank of Russia's directory"),
        (b"\x00\x01", "no XML that can be read"),
        (directory(root="ED808"), "not the Bank of Russia's directory"),
        (directory(), "no bank in the file"),
        (directory(entry(*ALFA), entry("04452522", *SBER[1:])), "04452522 is wrong"),
        (directory(entry(*ALFA), entry(*SBER[:3], "30101810500000000225")), "044525225 is wrong"),
        (directory(entry(*ALFA), entry(SBER[0], " ", *SBER[2:])), "044525225 has no name"),
        (
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><ED807>&b;</ED807>',
            "no XML that can be read",
        ),
    ],
)
def test_a_wrong_file_is_refused_and_changes_nothing(
    load: Any, content: bytes, problem: str
) -> None:
    with pytest.raises(CommandError, match=problem):
        load(content)
    assert not Bank.objects.exists()


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.xml: No such file"):
        call_command("load_banks", str(tmp_path / "none.xml"))
