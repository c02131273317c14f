"""Homes, keys and certificates of the tests of a start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NOW = int(datetime.now(tz=UTC).timestamp() * 1e6)


def write_certificate(folder: Path, *, days: int = 30) -> tuple[Path, Path]:
    """Write a certificate of 127.0.0.1 that signs itself, and its key; return their files.

    Args:
        folder: Where; it is there.
        days: How long it is valid from now; negative for one that was.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    end = datetime.now(tz=UTC) + timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=60))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "tls.pem", folder / "tls.key"
    cert_file.write_bytes(made.public_bytes(Encoding.PEM))
    write_secret(
        key_file,
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    )
    return cert_file, key_file


def write_secret(path: Path, text: str, *, mode: int = 0o600) -> Path:
    """Write a file that only its owner may use, unless another mode is asked for."""
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path
