"""The local registry of policies: one JSON file per version, in a folder per product."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from solvent.errors import StoreError, WriteError
from solvent.models.documents import Json, to_bytes
from solvent.store.writing import own_folder, whole_file

SUFFIX: Final = ".json"
_TRIES: Final = 100


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
    """

    def __init__(self, root: Path) -> None:
        self._home, self._root = root, root / "policies"

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
                self._write(self._path(product, version), document, digest)
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
        """Return one version, the newest by default, after checking its digest.

        Raises:
            StoreError: There is none, or it was changed since it was kept.
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
        digest, document = _checked(self._path(product, chosen), product)
        return RegisteredPolicy(product=product, version=chosen, digest=digest, document=document)

    def _folder(self, product: str) -> Path:
        if not product.isidentifier():  # it may come from an address, and must not climb out
            raise StoreError(
                "no product can be called that",
                hint="use letters, digits and underscores, starting with a letter", field="product",
            )  # fmt: skip
        return self._root / product

    def _path(self, product: str, version: int) -> Path:
        return self._folder(product) / f"{version}{SUFFIX}"

    def _write(self, path: Path, document: Mapping[str, Json], digest: str) -> None:
        try:
            own_folder(self._home)  # nobody else looks into it, whoever made it first
            own_folder(path.parent)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            with whole_file(path, new=True) as file:
                file.write(to_bytes({"digest": digest, "document": document}))
        except FileExistsError:
            raise
        except OSError as error:
            raise _unwritable(path, error) from error


def _digest(document: Mapping[str, Json]) -> str:
    return hashlib.sha256(to_bytes(document)).hexdigest()


def _checked(path: Path, product: str) -> tuple[str, Mapping[str, Json]]:
    """Return a file's digest and document.

    Raises:
        StoreError: It cannot be read, or the two do not fit.
    """
    try:
        envelope = json.loads(path.read_bytes())
        digest, document = envelope["digest"], envelope["document"]
        whole = isinstance(document, dict) and _digest(document) == digest
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read: {error.strerror}",
            hint="may you read it?", field=product,
        ) from error  # fmt: skip
    except (ValueError, KeyError, TypeError, RecursionError):
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
