"""The local registry of policies: one signed JSON file per version, in a folder per product.

The signature is the last entry of the file, so that the file is written at once; it vouches for the
bytes of all that comes before it, and is looked at before anything is parsed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from solvent.errors import BundleError, StoreError, WriteError
from solvent.models.documents import Document, Json, to_bytes
from solvent.models.plain_files import read_plain
from solvent.store.keyring import Keyring
from solvent.store.writing import own_folder, whole_file

SUFFIX: Final = ".json"
MOST_BYTES: Final = 1 << 24
"""Bytes of a policy's file at most."""
_TRIES: Final = 100
_SIGNED: Final = re.compile(rb'(.*),"signature":"(ed25519 [^"\\]{1,200})"}', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredPolicy:
    """One version in the registry.

    Args:
        product: Name of the product.
        version: Number of the version, from 1.
        digest: SHA-256 of the document's canonical JSON, 64 hex digits.
        document: The policy, as JSON.
    """

    product: str
    version: int
    digest: str
    document: Mapping[str, Json]


class PolicyRegistry:
    """Policies as `root/policies/<product>/<version>.json`; a version is written once.

    Args:
        root: The folder solvent keeps things in.
        keyring: Signs what is added, and vouches for what is loaded; that of `root` by default.
    """

    def __init__(self, root: Path, keyring: Keyring | None = None) -> None:
        self._home, self._root = root, root / "policies"
        self._keyring = keyring or Keyring(root)

    def add(self, product: str, document: Mapping[str, Json]) -> RegisteredPolicy:
        """Keep a policy under the next version; the newest is returned where it says the same.

        Args:
            product: Name of the product.
            document: The policy, as JSON.

        Raises:
            StoreError: The newest version was changed since it was kept, or `product` is no name.
            TypeError, ValueError: The document is not JSON.
            WriteError: It cannot be written; nothing half-written is left.
        """
        digest = _digest(document)
        for _ in range(_TRIES):
            known = self.versions(product)
            if known:
                newest = self.load(product, known[-1])
                if newest.digest == digest:
                    return newest
            version = max(known, default=0) + 1
            try:
                raw = self._signed(_subject(product, version), document, digest)
                self._write(self._path(product, version), raw)
            except FileExistsError:
                continue  # another process was quicker
            return self.load(product, version)
        raise WriteError(
            f"{_TRIES} versions were taken by others meanwhile",
            hint="try again when fewer policies are kept at once", field=product,
        )  # fmt: skip

    def versions(self, product: str) -> tuple[int, ...]:
        """Return the versions of a product, oldest first."""
        folder = self._folder(product)
        if not folder.is_dir():
            return ()
        numbers = (path.stem for path in folder.iterdir() if path.suffix == SUFFIX)
        return tuple(sorted(int(number) for number in numbers if number.isdecimal()))

    def load(self, product: str, version: int | None = None) -> RegisteredPolicy:
        """Return one version, the newest by default, after checking who vouches for it.

        Raises:
            StoreError: There is none, it was changed since it was kept, or nobody who is trusted
                signed it as this version of this product.
        """
        known = self.versions(product)
        if not known:
            raise StoreError(
                f"no policy of this product is kept in {self._root}",
                hint="keep one first", field=product,
            )  # fmt: skip
        chosen = known[-1] if version is None else version
        if chosen not in known:
            raise StoreError(
                f"there is no version {chosen} of its policy",
                hint=f"versions: {', '.join(map(str, known))}", field=product,
            )  # fmt: skip
        path = self._path(product, chosen)
        content, signature = _parted(_read(path, product))
        fault = self._keyring.fault(_subject(product, chosen), content, signature)
        if fault is not None:
            raise StoreError(
                f"{path} {fault.message}: it was changed since it was kept, or kept by another",
                hint=fault.hint, field=product,
            )  # fmt: skip
        digest, document = _checked(content, path, product)
        return RegisteredPolicy(product=product, version=chosen, digest=digest, document=document)

    def sign(self, product: str, version: int) -> bool:
        """Vouch for a version nobody has signed; False where somebody trusted has.

        Raises:
            StoreError: It is not whole, or bears a signature that is not believed.
            WriteError: The signature cannot be written.
        """
        path = self._path(product, version)
        content, signature = _parted(_read(path, product))
        fault = self._keyring.fault(_subject(product, version), content, signature)
        if fault is None:
            return False
        if fault.signed:
            raise StoreError(f"{path} {fault.message}", hint=fault.hint, field=product)
        digest, document = _checked(content, path, product)
        try:
            with whole_file(path) as file:
                file.write(self._signed(_subject(product, version), document, digest))
        except OSError as error:
            raise _unwritable(path, error) from error
        return True

    def _signed(self, subject: str, document: Mapping[str, Json], digest: str) -> bytes:
        """Return a policy's file: canonical JSON, and last in it the signature of all before it."""
        content = to_bytes({"digest": digest, "document": document})
        signature = self._keyring.sign(subject, content).rstrip(b"\n")
        return content[:-1] + b',"signature":"' + signature + b'"}'

    def _folder(self, product: str) -> Path:
        if not product.isidentifier():  # it may come from an address, and must not climb out
            raise StoreError(
                "no product can be called that",
                hint="use letters, digits and underscores, starting with a letter", field="product",
            )  # fmt: skip
        return self._root / product

    def _path(self, product: str, version: int) -> Path:
        return self._folder(product) / f"{version}{SUFFIX}"

    def _write(self, path: Path, raw: bytes) -> None:
        try:
            own_folder(self._home)  # nobody else looks into it, whoever made it first
            own_folder(path.parent)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            with whole_file(path, new=True) as file:
                file.write(raw)
        except FileExistsError:
            raise
        except OSError as error:
            raise _unwritable(path, error) from error


def _digest(document: Mapping[str, Json]) -> str:
    return hashlib.sha256(to_bytes(document)).hexdigest()


def _subject(product: str, version: int) -> str:
    """Return what a policy's signature says it is: one version of one product, and no other."""
    return f"policy {product} {version}"


def _read(path: Path, product: str) -> bytes:
    try:
        return read_plain(path, MOST_BYTES)
    except BundleError as error:
        raise StoreError(
            f"{path} {error.message}", hint="is it there, may you read it?", field=product
        ) from error


def _parted(raw: bytes) -> tuple[bytes, bytes | None]:
    """Return what is signed and its signature, by their places alone; None where there is none."""
    found = _SIGNED.fullmatch(raw)
    return (raw, None) if found is None else (found[1] + b"}", found[2] + b"\n")


def _checked(content: bytes, path: Path, product: str) -> tuple[str, Mapping[str, Json]]:
    """Return the digest and the document of bytes that somebody vouches for.

    Raises:
        StoreError: The two do not fit.
    """
    try:
        envelope = Document.parse(content, path.name)
        digest, document = envelope.text("digest"), envelope.document("document").entries()
        whole = _digest(document) == digest
    except (BundleError, ValueError):
        digest, document, whole = "", {}, False
    if not whole:
        raise StoreError(
            f"{path} was changed since it was kept",
            hint="restore it from a backup, or keep the policy anew as another version",
            field=product,
        )
    return digest, document


def _unwritable(path: Path, error: OSError) -> WriteError:
    return WriteError(
        f"{path} could not be written: {error.strerror}",
        hint="is the disk full, may you write in the folder above it?", field=path.parent.name,
    )  # fmt: skip
