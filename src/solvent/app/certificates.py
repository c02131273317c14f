"""Whether a certificate and its key can be served with."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from solvent.errors import Refusal

_CERT, _KEY = "SOLVENT_TLS_CERT", "SOLVENT_TLS_KEY"


def certificate_fault(cert: Path, key: Path, now: int) -> Refusal | None:
    """Return what is wrong with a certificate and its key; None where they can be served with.

    Args:
        cert: PEM file of the certificate and its chain.
        key: PEM file of its private key, without a password.
        now: The clock, int UTC microseconds.
    """
    for field, path in ((_CERT, cert), (_KEY, key)):
        try:
            path.read_bytes()
        except OSError as error:
            return Refusal(
                field=field, message=f"{path} cannot be read: {error.strerror}",
                fix="name a PEM file that is there and that you may read",
            )  # fmt: skip
    try:
        # an empty password: OpenSSL would ask for one on the terminal
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
        found = x509.load_pem_x509_certificate(cert.read_bytes())
    except (ssl.SSLError, ValueError, OSError):
        return Refusal(
            field=_CERT, message=f"{cert} and {key} are no certificate and its key",
            fix="give the certificate (with its chain) and its own key, both PEM, the key without "
            "a password",
        )  # fmt: skip
    if found.not_valid_after_utc < datetime.fromtimestamp(now / 1e6, tz=UTC):
        return Refusal(
            field=_CERT, message=f"{cert} was valid until {found.not_valid_after_utc:%Y-%m-%d}",
            fix="renew the certificate",
        )  # fmt: skip
    return None
