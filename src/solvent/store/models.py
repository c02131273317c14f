"""The local model registry: one frozen, signed bundle per version, in a folder per product."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from solvent.errors import BundleError, WriteError
from solvent.models import (
    Bundle,
    Population,
    Selected,
    TrainedModel,
    open_bundle,
    save_bundle,
)
from solvent.models.bundle import MANIFEST, SIGNATURE
from solvent.scoring import Scale
from solvent.store.keyring import Fault, Keyring
from solvent.store.writing import own_folder, whole_file

HOME_VARIABLE = "SOLVENT_HOME"
DEFAULT_HOME = ".solvent"
LATEST = "latest"
"""Holds the highest version ever given out, in the folder of a product."""
_TRIES = 100


def home(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder solvent keeps things in: `SOLVENT_HOME`, else `./.solvent`."""
    return Path(environment.get(HOME_VARIABLE) or DEFAULT_HOME)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModel:
    """One version in the registry.

    Args:
        product: Name of the product.
        version: Number of the version, from 1.
        model: The trained model.
        about: What the training wrote beside it: plan, data, metrics, splits, seed.
        digest: SHA-256 that names the bundle's whole content.
    """

    product: str
    version: int
    model: TrainedModel
    about: Mapping[str, Any]
    digest: str = ""

    @property
    def scale(self) -> Scale:
        """Where its scores stand: the scale the product declared for its card, else the usual."""
        return Scale(**self.about.get("scale", {}))


class ModelRegistry:
    """Bundles under `root/models/<product>/<version>`.

    Args:
        root: The folder solvent keeps things in.
        keyring: Signs what is added, and vouches for what is loaded; that of `root` by default.
    """

    def __init__(self, root: Path, keyring: Keyring | None = None) -> None:
        self._home, self._root = root, root / "models"
        self._keyring = keyring or Keyring(root)

    def require_place(self, product: str) -> None:
        """Refuse a place no bundle can be written to, before hours are spent on a model.

        Raises:
            WriteError: The nearest folder that exists may not be written in, or is a file; or the
                note of the newest version is damaged.
        """
        self._latest(product)
        place = self._root / product
        while not place.exists() and place != place.parent:
            place = place.parent
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            raise WriteError(
                f"{place} is no folder one may write in",
                hint=f"set {HOME_VARIABLE} to a folder you may write in", field=HOME_VARIABLE,
            )  # fmt: skip

    def add(
        self,
        product: str,
        model: TrainedModel,
        about: Mapping[str, Any],
        populations: Mapping[str, Population] = MappingProxyType({}),
    ) -> int:
        """Save a bundle under the next free version and return that version.

        A version is given out once: where another training takes it first the next one is tried,
        and one that was removed does not come back.

        Raises:
            WriteError: If it cannot be written; nothing half-written is left.
        """
        folder = self._root / product
        try:
            own_folder(self._home)  # nobody else looks into it, whoever made it first
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WriteError(
                f"the registry cannot be made: {error.strerror}",
                hint=f"set {HOME_VARIABLE} to a folder you may write in", field=HOME_VARIABLE,
            ) from error  # fmt: skip
        for _ in range(_TRIES):
            version = max((self._latest(product), *self.versions(product))) + 1
            try:
                save_bundle(
                    self.path(product, version), model, {**about, "version": version}, populations,
                    partial(self._keyring.sign, _subject(product, version)),
                )  # fmt: skip
            except WriteError:
                if not self.path(product, version).exists():
                    raise
                continue  # another training was quicker
            self._note_latest(product, version)
            return version
        raise WriteError(
            f"{_TRIES} versions were taken by other trainings meanwhile",
            hint="train again when fewer trainings run at once", field=product,
        )  # fmt: skip

    def versions(self, product: str) -> tuple[int, ...]:
        """Return the versions of a product, oldest first."""
        folder = self._root / product
        if not folder.is_dir():
            return ()
        return tuple(sorted(int(p.name) for p in folder.iterdir() if p.name.isdecimal()))

    def _latest(self, product: str) -> int:
        """Return the highest version ever given out, 0 where none is noted."""
        try:
            text = (self._root / product / LATEST).read_text(encoding="ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            return 0  # what stands there instead of a folder is told by require_place and add
        except (OSError, ValueError):
            text = ""
        if not text.isdecimal():
            raise WriteError(
                f"{self._root / product / LATEST} does not hold a version",
                hint="write the number of the newest version ever made into it", field=product,
            )  # fmt: skip
        return int(text)

    def _note_latest(self, product: str, version: int) -> None:
        """Keep the highest version given out, so that its number is not given again."""
        folder = self._root / product
        latest = max((version, self._latest(product), *self.versions(product)))
        try:
            with whole_file(folder / LATEST) as file:
                file.write(f"{latest}\n".encode("ascii"))
        except OSError as error:
            raise WriteError(
                f"version {version} is registered, but its number could not be noted: "
                f"{error.strerror}",
                hint="is the disk full? the model can be used", field=product,
            ) from error  # fmt: skip

    def path(self, product: str, version: int) -> Path:
        """Return the folder of one version."""
        return self._root / product / str(version)

    def load(self, product: str, version: int | None = None) -> RegisteredModel:
        """Return one version, the newest by default, after checking who vouches for every byte.

        Raises:
            BundleError: If there is none, it was changed since it was saved, or nobody who is
                trusted signed it as this version of this product.
        """
        chosen = self._chosen(product, version)
        bundle = self._opened(product, chosen)
        return RegisteredModel(
            product=product, version=chosen, model=bundle.model(), about=bundle.about,
            digest=bundle.digest,
        )  # fmt: skip

    def check(self, product: str, version: int) -> str:
        """Return the digest of a version that is whole and vouched for; nothing of it is loaded.

        Raises:
            BundleError: It is not.
        """
        return self._opened(product, self._chosen(product, version)).digest

    def sign(self, product: str, version: int) -> bool:
        """Vouch for a version nobody has signed; False where somebody trusted has.

        Raises:
            BundleError: It is not whole, was made as another version, or bears a signature that
                is not believed.
            WriteError: The signature cannot be written.
        """
        path = self.path(product, self._chosen(product, version))
        seen: list[tuple[bytes, bytes | None]] = []
        bundle = open_bundle(path, lambda manifest, found: seen.append((manifest, found)))
        ((manifest, signature),) = seen
        subject = _subject(product, version)
        fault = self._keyring.fault(subject, manifest, signature)
        if fault is None:
            return False
        if fault.signed:
            raise _refused(fault)
        if bundle.about.get("version") != version:
            raise BundleError(
                f"was made as version {bundle.about.get('version')}, and lies in the folder of "
                f"version {version}", hint="move it to the folder of its own number",
                field=MANIFEST,
            )  # fmt: skip
        try:
            with whole_file(path / SIGNATURE, new=True) as file:
                file.write(self._keyring.sign(subject, manifest))
        except OSError as error:
            raise WriteError(
                f"the signature could not be written: {error.strerror}",
                hint="is the disk full, may you write in the bundle's folder?", field=product,
            ) from error  # fmt: skip
        return True

    def _opened(self, product: str, version: int) -> Bundle:
        """Return a version's bytes, after asking who vouches for them."""

        def vouch(manifest: bytes, signature: bytes | None) -> None:
            fault = self._keyring.fault(_subject(product, version), manifest, signature)
            if fault is not None:
                raise _refused(fault)

        return open_bundle(self.path(product, version), vouch)

    def _chosen(self, product: str, version: int | None) -> int:
        """Return the version asked for, the newest where none is."""
        known = self.versions(product)
        if not known:
            raise BundleError(
                f"no model of this product is registered in {self._root}",
                hint="train one first: solvent train DIR; or name the folder models are kept in: "
                f"{HOME_VARIABLE}",
                field=product,
            )  # fmt: skip
        chosen = known[-1] if version is None else version
        if chosen not in known:
            raise BundleError(
                f"there is no version {chosen}",
                hint=f"versions: {', '.join(map(str, known))}", field=product,
            )  # fmt: skip
        return chosen

    def population(self, product: str, version: int, side: str) -> Population:
        """Return the applications a version keeps for comparison.

        Args:
            product: Name of the product.
            version: The version.
            side: "test" or "train".

        Raises:
            BundleError: It keeps none, or was changed since it was saved.
        """
        return self._opened(product, version).population(side)

    def selection(self, product: str, version: int | None = None) -> Selected | None:
        """Return how the features of a version, the newest by default, were selected.

        Raises:
            BundleError: If there is none, or it was changed since it was saved.
        """
        return self._opened(product, self._chosen(product, version)).selection()

    def products(self) -> tuple[str, ...]:
        """Return the products that have a registered model, by name."""
        if not self._root.is_dir():
            return ()
        return tuple(sorted(p.name for p in self._root.iterdir() if self.versions(p.name)))


def _refused(fault: Fault) -> BundleError:
    """Return why a bundle is refused, by the file that is to blame."""
    field = MANIFEST if fault.changed else SIGNATURE
    return BundleError(fault.message, hint=fault.hint, field=field)


def _subject(product: str, version: int) -> str:
    """Return what a bundle's signature says it is: one version of one product, and no other."""
    return f"model {product} {version}"
