"""What the doctor says of a server: real certificates on a real port, asked as Telegram asks."""

import ipaddress
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from django.conf import LazySettings
from django.core.management import call_command
from django.utils import translation

from telegrambot.doctor import tls
from telegrambot.doctor.checks import tls as check
from telegrambot.doctor.results import Level, Result
from telegrambot.doctor.visit import Visit
from tests.silence import silent_redis
from tests.telegrambot.front import ADDRESS, Front, Signed, serving, sign, tls_of

IP = x509.IPAddress(ipaddress.ip_address(ADDRESS))
Found = dict[str, Result]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Signed:
    """Of one that this system trusts."""
    root = sign("The root", is_authority=True)
    bundle = tmp_path / "trusted.pem"
    bundle.write_bytes(root.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def looked_at(settings: LazySettings, port: int, host: str = ADDRESS) -> list[Result]:
    settings.PUBLIC_URL = f"https://{host}:{port}"
    return list(check.check(Visit()))


@contextmanager
def served(file: Path) -> Iterator[int]:
    with serving(Front(), tls_of(file)) as port:
        yield port


def worst(results: list[Result]) -> list[str]:
    """What is not as it should be."""
    return [f"{found.level}: {found.said}" for found in results if found.level != Level.OK]


def test_a_whole_chain_is_trusted(settings: LazySettings, authority: Signed, folder: Path) -> None:
    between = sign("Between", by=authority, is_authority=True)
    leaf = sign(ADDRESS, IP, by=between)
    with served(leaf.write(folder, between)) as port:
        results = looked_at(settings, port)
    assert worst(results) == []
    assert [found.said for found in results[:2]] == [
        "TLSv1.3",
        "The chain is complete, and trusted.",
    ]


def test_a_missing_intermediate_is_a_failure(
    settings: LazySettings, authority: Signed, folder: Path
) -> None:
    between = sign("Between", by=authority, is_authority=True)
    with served(sign(ADDRESS, IP, by=between).write(folder)) as port:
        [found] = worst(looked_at(settings, port))
    assert found.startswith("failure: An intermediate certificate is missing")


def test_an_unknown_root_becomes_known_when_it_is_uploaded(
    settings: LazySettings, authority: Signed, folder: Path
) -> None:
    own = sign("Our own", is_authority=True)
    with served(sign(ADDRESS, IP, by=own).write(folder)) as port:
        assert worst(looked_at(settings, port))
        (folder / "root.pem").write_bytes(own.pem)
        settings.TELEGRAM_CERTIFICATE = str(folder / "root.pem")
        results = looked_at(settings, port)
    assert worst(results) == []
    assert "signed by the certificate that Telegram is given" in results[1].said


def test_a_self_signed_certificate_has_to_be_uploaded(
    settings: LazySettings, authority: Signed, folder: Path
) -> None:
    mine = sign(ADDRESS, IP)
    with served(mine.write(folder)) as port:
        [found] = worst(looked_at(settings, port))
        assert found.startswith("failure: The certificate is self-signed")
        (folder / "mine.pem").write_bytes(mine.pem)
        settings.TELEGRAM_CERTIFICATE = str(folder / "mine.pem")
        results = looked_at(settings, port)
        assert worst(results) == []
        assert (
            results[1].said == "The certificate that Telegram is given is the one that is served."
        )

        (folder / "mine.pem").write_bytes(sign(ADDRESS, IP).pem)
        [found] = worst(looked_at(settings, port))
        assert found == "failure: Another certificate is served than TELEGRAM_CERTIFICATE."
        for content in (b"nothing", b""):
            (folder / "mine.pem").write_bytes(content)
            [found] = worst(looked_at(settings, port))
            assert found.startswith("failure: TELEGRAM_CERTIFICATE: ")


def test_what_the_product_makes_is_trusted_when_it_is_uploaded(
    settings: LazySettings, folder: Path
) -> None:
    call_command("telegram", "certificate", ADDRESS, "--folder", str(folder), verbosity=0)
    both = folder / "both.pem"
    both.write_bytes((folder / "webhook.key").read_bytes() + (folder / "webhook.pem").read_bytes())
    settings.TELEGRAM_CERTIFICATE = str(folder / "webhook.pem")
    with served(both) as port:
        assert worst(looked_at(settings, port)) == []


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (15.0, None),
        (13.0, "warning: The certificate expires soon"),
        (-1.0, "failure: The certificate has expired"),
    ],
)
def test_days_are_told_in_time(
    settings: LazySettings, authority: Signed, folder: Path, days: float, said: str | None
) -> None:
    with served(sign(ADDRESS, IP, by=authority, days=days).write(folder)) as port:
        found = worst(looked_at(settings, port))
    assert [text.partition(":")[0] for text in found] == ([said.partition(":")[0]] if said else [])
    assert not said or found[0].startswith(said)


def test_a_certificate_of_tomorrow_is_a_failure(
    settings: LazySettings, authority: Signed, folder: Path
) -> None:
    leaf = sign(ADDRESS, IP, by=authority, begins=timedelta(days=1))
    with served(leaf.write(folder)) as port:
        [found] = worst(looked_at(settings, port))
    assert found.startswith("failure: The certificate is not valid yet")


def test_a_certificate_of_another_host_is_a_failure(
    settings: LazySettings, authority: Signed, folder: Path
) -> None:
    leaf = sign("other.example.com", x509.DNSName("other.example.com"), by=authority)
    with served(leaf.write(folder)) as port:
        assert worst(looked_at(settings, port)) == [
            f"failure: The certificate is not for {ADDRESS}."
        ]
        [found] = worst(looked_at(settings, port, "localhost"))
        assert found == "failure: The certificate is not for localhost."


DNS = x509.DNSName


@pytest.mark.parametrize(
    ("common", "names", "host", "as_name", "expected"),
    [
        ("a.example.com", [], "a.example.com", False, "a.example.com"),
        ("A.Example.com", [], "a.example.com", False, "A.Example.com"),
        ("x", [DNS("a.example.com")], "a.example.com", False, "a.example.com"),
        ("a.example.com", [DNS("b.example.com")], "a.example.com", False, ""),
        ("x", [DNS("*.example.com")], "a.example.com", False, "*.example.com"),
        ("x", [DNS("*.example.com")], "a.b.example.com", False, ""),
        ("x", [DNS("*.example.com")], "example.com", False, ""),
        ("x", [DNS("*.b.org"), DNS("a.b.org")], "a.b.org", False, "a.b.org"),
        # As OpenSSL compares, with a certificate that was uploaded.
        (ADDRESS, [], ADDRESS, True, ADDRESS),
        (ADDRESS, [IP], ADDRESS, True, ADDRESS),
        ("x", [DNS(ADDRESS)], ADDRESS, True, ADDRESS),
        ("x", [IP], ADDRESS, True, ""),
        (ADDRESS, [DNS("other")], ADDRESS, True, ""),
        # … and without one.
        (ADDRESS, [], ADDRESS, False, ""),
        ("x", [IP], ADDRESS, False, ADDRESS),
    ],
)  # fmt: skip
def test_a_host_is_looked_for_where_telegram_looks(
    common: str, names: list[x509.GeneralName], host: str, as_name: bool, expected: str
) -> None:
    assert tls.matching(sign(common, *names).certificate, host, as_name=as_name) == expected


def test_a_wildcard_alone_is_a_warning(
    settings: LazySettings, authority: Signed, folder: Path
) -> None:
    """“127.1” leads to this machine, and is no IP address to a certificate."""
    with served(sign("x", DNS("*.1"), by=authority).write(folder)) as port:
        [found] = worst(looked_at(settings, port, "127.1"))
    assert found.startswith("warning: 127.1 is in the certificate only as *.1")


def test_old_tls_beside_new_is_a_warning(
    settings: LazySettings, authority: Signed, folder: Path
) -> None:
    def old(context: ssl.SSLContext) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")

    context = tls_of(sign(ADDRESS, IP, by=authority).write(folder), old)
    with serving(Front(), context) as port:
        [found] = worst(looked_at(settings, port))
    assert found.startswith("warning: The server also speaks TLS 1.1")


def test_only_old_tls_is_a_failure(settings: LazySettings, authority: Signed, folder: Path) -> None:
    def old(context: ssl.SSLContext) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")

    context = tls_of(sign(ADDRESS, IP, by=authority).write(folder), old)
    with serving(Front(), context) as port:
        [found] = looked_at(settings, port)
    assert found.level == Level.FAILURE
    assert "1.2 or newer" in found.said


def test_what_is_no_tls_at_all_is_a_failure(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Front()) as port:
        [found] = looked_at(settings, port)
    assert found.level == Level.FAILURE
    assert "speaks no TLS" in found.said
    # The port is nobody's by now.
    [found] = looked_at(settings, port)
    assert "Connection refused" in found.said
    monkeypatch.setattr(tls, "SECONDS", 0.2)
    with silent_redis() as url:
        [found] = looked_at(settings, int(url.rpartition(":")[2].partition("/")[0]))
    assert "Connection timed out" in found.said


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "https://no-such-host.invalid", "https://127.0.0.1:port"]
)
def test_what_is_wrong_with_the_address_is_not_told_again(settings: LazySettings, url: str) -> None:
    settings.PUBLIC_URL = url
    assert worst(list(check.check(Visit()))) == ["warning: There is no certificate to look at."]
