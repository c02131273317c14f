"""Who vouches for what is kept: the key that signs, and the public keys that are believed."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from solvent.errors import StoreError
from solvent.store.secret import read_own
from solvent.store.writing import own_folder, whole_file

SIGNING_FILE: Final = "signing.key"
TRUSTED: Final = "trusted"
PEM: Final = ".pem"
LONGEST_SIGNATURE: Final = 256
"""Bytes of a signature's file at most."""
_LONGEST_KEYS: Final = 65_536
_SIGNING, _BELIEVED = "SOLVENT_SIGNING_KEY_FILE", "SOLVENT_TRUSTED_KEYS_FILE"
_SIGNATURE: Final = re.compile(rb"ed25519 ([0-9a-f]{16}) ([A-Za-z0-9+/]{85}[AQgw]==)\n")
_BLOCK: Final = re.compile(
    rb"-----BEGIN PUBLIC KEY-----\r?\n[A-Za-z0-9+/=\r\n]{1,500}-----END PUBLIC KEY-----"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a signature is not believed.

    Args:
        message: What is wrong.
        hint: What to do about it.
        signed: False where there is no signature at all.
        changed: True where a trusted key signed, and something else.
    """

    message: str
    hint: str
    signed: bool = True
    changed: bool = False


class Keyring:
    """The keys of an installation; nothing is read or made before it is asked for.

    Args:
        home: The folder solvent keeps things in.
        environment: May name other files: `SOLVENT_SIGNING_KEY_FILE`, `SOLVENT_TRUSTED_KEYS_FILE`.
    """

    def __init__(self, home: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._home = home
        self._given = environment.get(_SIGNING)
        self._believed = environment.get(_BELIEVED)

    @property
    def signing_file(self) -> Path:
        """The file of the key that signs."""
        return Path(self._given) if self._given else self._home / SIGNING_FILE

    def sign(self, subject: str, content: bytes) -> bytes:
        """Return a signature of content as the one of a subject; the key is made at first use.

        Args:
            subject: What the content is to be taken for: "model shop 7".
            content: The bytes that are vouched for.

        Raises:
            StoreError: The key cannot be made or read, is none, or others may read it.
        """
        key = self._signing_key()
        signature = base64.b64encode(key.sign(_signed(subject, content)))
        return b"ed25519 %s %s\n" % (key_id(key.public_key()).encode(), signature)

    def fault(self, subject: str, content: bytes, signature: bytes | None) -> Fault | None:
        """Return why a signature does not vouch for content as the one of a subject, or None.

        Raises:
            StoreError: The trusted keys cannot be read, or others may change them.
        """
        if signature is None:
            return Fault(
                message="is not signed, so nobody vouches for it", signed=False,
                hint="where it was made on this machine and you trust it: solvent models sign "
                f"{subject.split()[1]}; otherwise get it anew from where it was made",
            )  # fmt: skip
        found = _SIGNATURE.fullmatch(signature)
        if found is None:
            return Fault(
                message="is no signature", hint="restore it from where it was made, with its folder"
            )
        name = found[1].decode()
        key = self.trusted().get(name)
        if key is None:
            return Fault(
                message=f"is signed with the key {name}, which is not trusted here",
                hint="on the machine that made it: solvent models key KEY.pem; carry the file "
                "here by a way you trust, then: solvent models trust KEY.pem",
            )
        try:
            key.verify(base64.b64decode(found[2]), _signed(subject, content))
        except InvalidSignature:
            return Fault(
                message=f"is not what was signed as {subject}",
                changed=True,
                hint="it was changed or is another one's: restore it from where it was made, or "
                "train again",
            )
        return None

    def public_pem(self) -> bytes:
        """Return the public half of the key that signs, as PEM; the key is made at first use.

        Raises:
            StoreError: The key cannot be made or read.
        """
        return _pem(self._signing_key().public_key())

    def trusted(self) -> dict[str, Ed25519PublicKey]:
        """Return the keys that are believed, by id.

        Those of the file `SOLVENT_TRUSTED_KEYS_FILE` names; without it those in `trusted` of the
        home and the own one.

        Raises:
            StoreError: They cannot be read, or others may change them.
        """
        if self._believed:
            return public_keys(_read_believed(Path(self._believed)), self._believed)
        found: dict[str, Ed25519PublicKey] = {}
        folder = self._home / TRUSTED
        if folder.is_dir():
            _require_own(folder)
            for path in sorted(folder.glob(f"*{PEM}")):
                found |= public_keys(_read_believed(path), str(path))
        if self.signing_file.exists():
            own = self._signing_key().public_key()
            found[key_id(own)] = own
        return found

    def trust(self, path: Path) -> tuple[str, ...]:
        """Believe the public keys in a file from now on; return their ids.

        Raises:
            StoreError: It holds none, or they cannot be kept.
        """
        if self._believed:
            raise StoreError(
                f"the keys that are believed are those in {self._believed}",
                hint="add the key to that file, or unset the variable", field=_BELIEVED,
            )  # fmt: skip
        try:
            with path.open("rb") as file:
                keys = public_keys(file.read(_LONGEST_KEYS + 1), str(path))
            folder = own_folder(own_folder(self._home) / TRUSTED)
            _require_own(folder)
            for name, key in keys.items():
                with whole_file(folder / f"{name}{PEM}") as kept:
                    kept.write(_pem(key))
        except OSError as error:
            raise StoreError(
                f"the key cannot be read or kept: {error.strerror}",
                hint="is the file there, is SOLVENT_HOME yours?", field=path.name,
            ) from error  # fmt: skip
        return tuple(keys)

    def _signing_key(self) -> Ed25519PrivateKey:
        path = self.signing_file
        try:
            if not self._given and not path.exists():
                _make(path)
            raw = read_own(path, _LONGEST_KEYS, "the signing key")
        except OSError as error:
            raise StoreError(
                f"the signing key {path} cannot be made or read: {error.strerror}",
                hint="is the folder yours, is the disk full?",
                field=_SIGNING if self._given else SIGNING_FILE,
            ) from error  # fmt: skip
        try:
            key = load_pem_private_key(raw, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise StoreError(
                f"{path} is no ed25519 key in PEM without a password",
                hint="restore it from a backup, or make one: openssl genpkey -algorithm ed25519",
                field=_SIGNING if self._given else SIGNING_FILE,
            )  # fmt: skip
        return key


def key_id(key: Ed25519PublicKey) -> str:
    """Return what a key is called: the first 16 hex digits of its SHA-256."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def public_keys(raw: bytes, place: str) -> dict[str, Ed25519PublicKey]:
    """Return the public keys of a PEM file, by id.

    Args:
        raw: The file's content.
        place: What it is called in errors.

    Raises:
        StoreError: It holds none, or one of another kind.
    """
    found: dict[str, Ed25519PublicKey] = {}
    blocks = _BLOCK.findall(raw) if len(raw) <= _LONGEST_KEYS else []
    try:
        for block in blocks:
            key = load_pem_public_key(block)
            if not isinstance(key, Ed25519PublicKey):
                raise TypeError
            found[key_id(key)] = key
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = {}
    if not found:
        raise StoreError(
            f"{place} holds no ed25519 public key",
            hint="on the machine that signs: solvent models key KEY.pem", field=_BELIEVED,
        )  # fmt: skip
    return found


def _signed(subject: str, content: bytes) -> bytes:
    """Return what is signed: content as that of a subject, and of nothing else."""
    told = subject.encode()
    return b"solvent signature 1\n%d %s\n" % (len(told), told) + content


def _make(path: Path) -> None:
    raw = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    try:
        with whole_file(own_folder(path.parent) / path.name, new=True) as file:
            file.write(raw)
    except FileExistsError:
        if not path.exists():  # the home is a file
            raise


def _pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _read_believed(path: Path) -> bytes:
    _require_own(path)
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST_KEYS + 1)
    except OSError as error:
        raise StoreError(
            f"the trusted keys {path} cannot be read: {error.strerror}",
            hint="is the file there, may you read it?", field=_BELIEVED,
        ) from error  # fmt: skip


def _require_own(path: Path) -> None:
    """Refuse what others may change: they could make themselves trusted."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return  # whoever reads it says so
    if mode & 0o022:
        raise StoreError(
            f"others may change {path}, whose keys are trusted (its mode is {mode:o})",
            hint=f"chmod go-w {path}, after a look at what is in it", field=_BELIEVED,
        )  # fmt: skip
