"""A self-signed certificate for the webhook, as Telegram accepts one.

With a certificate that was uploaded it compares the host as a string, also where that is an IP
address: that one is to be the CN, with no DNS name beside it, for any of those disables the CN.
https://core.telegram.org/bots/self-signed
"""

import re
import secrets
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BITS = 2048
# Characters of a CN: https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1
LONGEST_NAME = 64
NAME = "webhook"
IPV4 = re.compile(r"[\d.]+", re.ASCII)
# In ASCII, as name servers have it too.
DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9-]+")


class Refused(ValueError):
    """Telegram would not call such a host."""


@dataclass(frozen=True)
class Pair:
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def pfx(self, password: str) -> bytes:
        """Both in one, as IIS takes them."""
        encryption = serialization.BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(
            NAME.encode(), self.key, self.certificate, None, encryption
        )


def make(host: str, days: int) -> Pair:
    """For a domain or an IPv4 address. Raises `Refused`."""
    name = _subject(host)
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    public, now = key.public_key(), datetime.now(UTC)
    # A host that is too long for a CN stands in the other name alone.
    attributes = (
        [x509.NameAttribute(NameOID.COMMON_NAME, host)] if len(host) <= LONGEST_NAME else []
    )
    subject = x509.Name(attributes)
    usage = x509.KeyUsage(
        digital_signature=True, key_encipherment=True, key_cert_sign=True, crl_sign=False,
        content_commitment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # Telegram's clock may be behind ours.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([name]), critical=not attributes)
        # It vouches for itself, as `openssl req -x509` has it.
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Pair(key, certificate)


def new_password() -> str:
    return secrets.token_urlsafe(12)


def write(folder: Path, files: dict[str, bytes], *, force: bool) -> None:
    """Readable for nobody else. Raises FileExistsError, unless they may be replaced, or OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not force and (there := [name for name in files if (folder / name).exists()]):
        raise FileExistsError(", ".join(str(folder / name) for name in there))
    # Whole beside their places, so that no half of one ever stands there.
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        for name, content in files.items():
            written = Path(aside) / name
            written.touch(mode=0o600)
            written.write_bytes(content)
        for name in files:
            (Path(aside) / name).replace(folder / name)


def _subject(host: str) -> x509.GeneralName:
    if IPV4.fullmatch(host):
        try:
            return x509.IPAddress(IPv4Address(host))
        except ValueError as exc:
            raise Refused(host) from exc
    if not DOMAIN.fullmatch(host):
        raise Refused(host)
    return x509.DNSName(host)
