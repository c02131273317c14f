"""The local model registry: one frozen bundle per version, in a folder per product."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solvent.errors import BundleError, WriteError
from solvent.models import TrainedModel, load_bundle, save_bundle

HOME_VARIABLE = "SOLVENT_HOME"
DEFAULT_HOME = ".solvent"


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
    """

    product: str
    version: int
    model: TrainedModel
    about: Mapping[str, Any]


class ModelRegistry:
    """Bundles under `root/models/<product>/<version>`.

    Args:
        root: The folder solvent keeps things in.
    """

    def __init__(self, root: Path) -> None:
        self._root = root / "models"

    def require_place(self, product: str) -> None:
        """Refuse a place no bundle can be written to, before hours are spent on a model.

        Raises:
            WriteError: The nearest folder that exists may not be written in, or is a file.
        """
        place = self._root / product
        while not place.exists() and place != place.parent:
            place = place.parent
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            raise WriteError(
                f"{place.name} is no folder one may write in",
                hint=f"set {HOME_VARIABLE} to a folder you may write in", field=HOME_VARIABLE,
            )  # fmt: skip

    def add(self, product: str, model: TrainedModel, about: Mapping[str, Any]) -> int:
        """Save a bundle under the next free version and return that version.

        Raises:
            WriteError: If it cannot be written; nothing half-written is left.
        """
        version = max(self.versions(product), default=0) + 1
        folder = self.path(product, version)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WriteError(
                f"the registry cannot be made: {error.strerror}",
                hint=f"set {HOME_VARIABLE} to a folder you may write in", field=HOME_VARIABLE,
            ) from error  # fmt: skip
        save_bundle(folder, model, {**about, "version": version})
        return version

    def versions(self, product: str) -> tuple[int, ...]:
        """Return the versions of a product, oldest first."""
        folder = self._root / product
        if not folder.is_dir():
            return ()
        return tuple(sorted(int(p.name) for p in folder.iterdir() if p.name.isdecimal()))

    def path(self, product: str, version: int) -> Path:
        """Return the folder of one version."""
        return self._root / product / str(version)

    def load(self, product: str, version: int | None = None) -> RegisteredModel:
        """Return one version, the newest by default, after checking every byte of it.

        Raises:
            BundleError: If there is none, or it was changed since it was saved.
        """
        known = self.versions(product)
        if not known:
            raise BundleError(
                "no model of this product is registered",
                hint="train one first: solvent train DIR", field=product,
            )  # fmt: skip
        chosen = known[-1] if version is None else version
        if chosen not in known:
            raise BundleError(
                f"there is no version {chosen}",
                hint=f"versions: {', '.join(map(str, known))}", field=product,
            )  # fmt: skip
        model, about = load_bundle(self.path(product, chosen))
        return RegisteredModel(product=product, version=chosen, model=model, about=about)
