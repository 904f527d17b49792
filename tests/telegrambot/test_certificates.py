"""`manage.py telegram certificate`: what it makes is what Telegram and IIS take."""

import io
import re
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from cryptography.x509.oid import NameOID
from django.conf import LazySettings
from django.core.management import CommandError, call_command

FILES = {"webhook.pem", "webhook.key"}


def make(folder: Path, *arguments: str) -> str:
    out = io.StringIO()
    call_command(
        "telegram", "certificate", "--language", "en", "--folder", str(folder), *arguments,
        stdout=out,
    )  # fmt: skip
    return out.getvalue()


def made(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "webhook.pem").read_bytes())


def common_name(certificate: x509.Certificate) -> list[str]:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return [str(name.value) for name in names]


def other_names(certificate: x509.Certificate) -> list[x509.GeneralName]:
    return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


def accepts(folder: Path, *asked: str) -> bool:
    """Whether OpenSSL, by whom Telegram asks, trusts it for the host."""
    file = str(folder / "webhook.pem")
    command = ["openssl", "verify", "-x509_strict", "-CAfile", file, *asked, file]
    return not subprocess.run(command, capture_output=True, check=False).returncode


def test_a_domain_stands_in_both_names(tmp_path: Path) -> None:
    said = make(tmp_path, "treasury.example.com", "--days", "400")
    certificate = made(tmp_path)
    assert common_name(certificate) == ["treasury.example.com"]
    assert other_names(certificate) == [x509.DNSName("treasury.example.com")]
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=399) < left <= timedelta(days=400)
    assert certificate.not_valid_before_utc < datetime.now(UTC)
    assert accepts(tmp_path, "-verify_hostname", "treasury.example.com")
    assert not accepts(tmp_path, "-verify_hostname", "other.example.com")
    assert f"TELEGRAM_CERTIFICATE={tmp_path / 'webhook.pem'}" in said


def test_an_ip_address_is_accepted_as_a_name_and_as_an_address(tmp_path: Path) -> None:
    make(tmp_path, "203.0.113.5")
    certificate = made(tmp_path)
    assert common_name(certificate) == ["203.0.113.5"]
    # A DNS name beside it would disable the CN.
    assert not any(isinstance(name, x509.DNSName) for name in other_names(certificate))
    assert accepts(tmp_path, "-verify_hostname", "203.0.113.5")
    assert accepts(tmp_path, "-verify_ip", "203.0.113.5")


def test_without_a_host_it_is_that_of_the_webhook(tmp_path: Path, settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://pay.example.com:8443"
    make(tmp_path)
    assert common_name(made(tmp_path)) == ["pay.example.com"]
    settings.TELEGRAM_WEBHOOK_URL = "https://user:word@203.0.113.5:8443/first/telegram/webhook/"
    make(tmp_path, "--force")
    assert common_name(made(tmp_path)) == ["203.0.113.5"]


def test_a_host_too_long_for_a_common_name_is_in_the_other(tmp_path: Path) -> None:
    host = f"{'a' * 60}.{'b' * 20}.example.com"
    make(tmp_path, host)
    assert common_name(made(tmp_path)) == []
    # https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6
    names = made(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.critical
    assert accepts(tmp_path, "-verify_hostname", host)


@pytest.mark.parametrize("host", ["2001:db8::1", "*.example.com", "казна.рф", ".", "1.2.3.400"])
def test_a_host_that_telegram_would_not_call_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(CommandError, match="Neither a domain nor an IPv4"):
        make(tmp_path, host)
    with pytest.raises(CommandError, match="a day at least"):
        make(tmp_path, "example.com", "--days", "0")
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_strong_and_its_own(tmp_path: Path) -> None:
    make(tmp_path, "example.com")
    key = load_pem_private_key((tmp_path / "webhook.key").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size >= 2048
    assert key.public_key() == made(tmp_path).public_key()
    assert b"PRIVATE" not in (tmp_path / "webhook.pem").read_bytes()


def test_nobody_else_reads_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    make(folder, "example.com")
    assert {path.name for path in folder.iterdir()} == FILES
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("there", sorted(FILES))
def test_what_is_there_is_replaced_only_by_force(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("precious")
    with pytest.raises(CommandError, match=f"{there}; --force"):
        make(tmp_path, "example.com")
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "precious"

    make(tmp_path, "example.com", "--force")
    assert {path.name for path in tmp_path.iterdir()} == FILES
    assert made(tmp_path)
    assert stat.S_IMODE((tmp_path / there).stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="file"):
        make(tmp_path / "file", "example.com")


def test_both_in_one_file_open_with_the_password_that_is_said(tmp_path: Path) -> None:
    said = make(tmp_path, "example.com", "--pfx")
    found = re.search(r"password of webhook.pfx: (\S+)", said)
    assert found
    content = (tmp_path / "webhook.pfx").read_bytes()
    both = pkcs12.load_pkcs12(content, found[1].encode())
    assert both.cert
    assert both.cert.certificate == made(tmp_path)
    assert both.key
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_pkcs12(content, b"another")
