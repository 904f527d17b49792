"""TLS towards a webhook, as strict as SslStream.cpp of tdlib/td, and what it says of errors."""

import contextlib
import ssl
from typing import Any

# https://github.com/openssl/openssl/blob/openssl-3.0/include/openssl/sslerr.h
_CODES = {
    "CERTIFICATE_VERIFY_FAILED": "0A000086",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "0A000410",
    "TLSV1_ALERT_PROTOCOL_VERSION": "0A00042E",
    "TLSV1_UNRECOGNIZED_NAME": "0A000458",
    "UNSUPPORTED_PROTOCOL": "0A000102",
    "WRONG_VERSION_NUMBER": "0A00010B",
}
_OF_LIBRARY = "0A000000"


def in_certificate(pem: bytes) -> ssl.SSLContext:
    """In what was uploaded alone. A file that is no certificate fails at delivery, not here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Python would look for an IP address among the addresses.
    context.check_hostname = False
    context.sslobject_class = _ForHost
    with contextlib.suppress(ssl.SSLError, ValueError):
        context.load_verify_locations(cadata=pem.decode("ascii", "replace"))
    return context


def ssl_error(error: OSError) -> str:
    reason = getattr(error, "reason", None) or "CERTIFICATE_VERIFY_FAILED"
    code = _CODES.get(reason, _OF_LIBRARY)
    return f"SSL error {{error:{code}:SSL routines::{reason.lower().replace('_', ' ')}}}"


class _ForHost(ssl.SSLObject):
    """Compares the host as a name, an IP address too."""

    def do_handshake(self) -> None:
        super().do_handshake()
        if not _is_for(self.getpeercert() or {}, self.server_hostname or ""):
            raise ssl.SSLCertVerificationError("Hostname mismatch")


def _is_for(certificate: dict[str, Any], host: str) -> bool:
    """A CN counts only beside no DNS name: X509_check_host of OpenSSL."""
    others = certificate.get("subjectAltName", ())
    subject = (pair for parts in certificate.get("subject", ()) for pair in parts)
    names = [name for kind, name in others if kind == "DNS"]
    known = names or [name for kind, name in subject if kind == "commonName"]
    parent = host.lower().partition(".")[2]
    wildcard = f"*.{parent}" if "." in parent else host
    return not {name.lower() for name in known}.isdisjoint({host.lower(), wildcard.lower()})
