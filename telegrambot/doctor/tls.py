"""What is served by TLS where Telegram is to call."""

import socket
import ssl
import warnings
from dataclasses import dataclass
from ipaddress import ip_address

from cryptography import x509
from cryptography.x509.oid import NameOID

from telegrambot import webhook
from telegrambot.doctor.address import Address

# For each step of a connection.
SECONDS = 5.0


@dataclass(frozen=True)
class Served:
    """Of the first of the addresses. `distrust` is OpenSSL's code, 0 for what would be trusted."""

    version: str
    certificate: x509.Certificate
    distrust: int
    reason: str
    takes_old: bool

    def matching(self, host: str) -> str:
        """The name in the certificate by which it is the host's, as Telegram looks for it."""
        return matching(self.certificate, host, as_name=webhook.has_own_certificate())

    def is_trusted_for(self, host: str) -> bool:
        return not self.distrust and bool(self.matching(host))


def certificate_at(address: Address) -> x509.Certificate | None:
    """None if nothing is served."""
    try:
        _version, certificate = _shake_hands(address, _context(ssl.CERT_NONE))
    except OSError:
        return None
    return certificate


def uploaded() -> x509.Certificate | None:
    """The one that Telegram is given; None if there is none that could be read."""
    try:
        own = webhook.own_certificate()
        return x509.load_pem_x509_certificate(own) if own else None
    except (webhook.Unusable, ValueError):
        return None


def look_at(address: Address) -> Served | str:
    """In words if nothing is served: of the system, or of OpenSSL."""
    try:
        version, certificate = _shake_hands(address, _context(ssl.CERT_NONE))
    except ssl.SSLError as exc:
        # As Telegram has it too: OpenSSL's own words.
        return f"SSL error: {(exc.reason or str(exc)).replace('_', ' ').lower()}"
    except OSError as exc:
        return said_by(exc)
    distrust, reason = _distrust(address)
    return Served(version, certificate, distrust, reason, _takes_old(address))


def connect(address: Address, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Raises OSError."""
    raw = socket.create_connection((address.ips[0], address.port), SECONDS)
    try:
        return context.wrap_socket(raw, server_hostname=address.host)
    except BaseException:
        raw.close()
        raise


def trusting() -> ssl.SSLContext:
    """As Telegram does: what this system trusts, or the certificate that was uploaded alone.

    Whether the host is in the certificate is compared apart. Raises OSError.
    """
    context = _context(ssl.CERT_REQUIRED)
    try:
        own = webhook.own_certificate()
    except webhook.Unusable as exc:
        raise OSError(str(exc)) from exc
    if own:
        context.load_verify_locations(cadata=own.decode(errors="replace"))
    else:
        context.load_default_certs()
    return context


def said_by(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "Connection timed out"
    return error.strerror or str(error)


def matching(certificate: x509.Certificate, host: str, *, as_name: bool) -> str:
    """The name in it by which it is the host's; empty if it is not.

    With `as_name` also an IP address is compared as if it were a name, as Telegram does with a
    certificate that was uploaded. A CN counts only beside no DNS names.
    """
    names, ips = _alternative_names(certificate)
    if not as_name and _is_ip(host):
        return host if host in ips else ""
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    known = {name.lower(): name for name in names or [str(attribute.value) for attribute in common]}
    parent = host.lower().partition(".")[2]
    by_wildcard = "" if _is_ip(host) else known.get(f"*.{parent}", "")
    return known.get(host.lower(), by_wildcard)


def _context(mode: ssl.VerifyMode) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = mode
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _shake_hands(address: Address, context: ssl.SSLContext) -> tuple[str, x509.Certificate]:
    with connect(address, context) as connection:
        certificate = connection.getpeercert(binary_form=True) or b""
        return connection.version() or "", x509.load_der_x509_certificate(certificate)


def _distrust(address: Address) -> tuple[int, str]:
    try:
        _shake_hands(address, trusting())
    except ssl.SSLCertVerificationError as exc:
        return exc.verify_code, exc.verify_message
    except OSError as exc:
        # It is no certificate, or the connection broke: there is no trust either way.
        return -1, said_by(exc)
    return 0, ""


def _takes_old(address: Address) -> bool:
    """Whether it answers who speaks no better. Where OpenSSL is built without, nobody can ask."""
    context = _context(ssl.CERT_NONE)
    with warnings.catch_warnings():
        # That it is broken is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        connect(address, context).close()
    except OSError:
        return False
    return True


def _alternative_names(certificate: x509.Certificate) -> tuple[list[str], list[str]]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [], []
    ips = [str(ip) for ip in names.get_values_for_type(x509.IPAddress)]
    return names.get_values_for_type(x509.DNSName), ips


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
