"""The frozen bundle: a trained model in native files, and a manifest that vouches for each.

A bundle is a folder, written once and never changed. Nothing in it is code. The manifest carries
the SHA-256 of every file and of itself, and a signature vouches for the manifest; nothing is parsed
before that was looked at, and no other file before its digest was.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Final

from solvent.errors import BundleError, TechniqueError, WriteError
from solvent.models.calibration import Calibration
from solvent.models.documents import Document, Json, to_bytes
from solvent.models.finding import load_scorer
from solvent.models.plain_files import (
    MOST_BYTES,
    RESTORE,
    listed,
    opened_folder,
    read_plain,
)
from solvent.models.population import Population
from solvent.models.selected import SELECTION_FILE, Selected
from solvent.models.technique import FittedModel
from solvent.models.trained import TrainedModel

FORMAT: Final = 2
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
CALIBRATION: Final = "calibration.json"
POPULATIONS: Final = {"test": "population_test.zip", "train": "population_train.zip"}
LIBRARIES: Final = ("lightgbm", "numpy", "scikit-learn")
DIGEST: Final = "manifest_sha256"
OWN_FOLDER: Final = 0o700
OWN_FILE: Final = 0o600
MOST_MANIFEST: Final = 1 << 26
MOST_SIGNATURE: Final = 256
"""Bytes of the two files that are read before anybody has vouched for the others."""
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_UNREADABLE: Final = (
    ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError,
    ValueError,
)  # fmt: skip
"""What files that are no model make those who read them raise."""
Vouch = Callable[[bytes, bytes | None], None]


def save_bundle(
    folder: Path,
    trained: TrainedModel,
    about: Mapping[str, Json],
    populations: Mapping[str, Population] = MappingProxyType({}),
    sign: Callable[[bytes], bytes] | None = None,
) -> str:
    """Write a bundle: all of it, or nothing.

    Args:
        folder: Where; must not exist yet, its parent must.
        trained: The model.
        about: What else to keep with it: product, data, program, metrics, seed, times. JSON only.
        populations: Applications to compare others with, of the sides "test" and "train".
        sign: Returns a signature of the manifest's bytes; None leaves the bundle unsigned.

    Returns:
        The manifest's SHA-256, 64 hex digits: it names the bundle's whole content.

    Raises:
        WriteError: The folder exists, cannot be written, or `about` is not JSON.
        TechniqueError: The model has no native scorer.
    """
    if not trained.model.scorer:
        raise TechniqueError(
            f"{trained.technique} has no native scorer: it can be compared, not kept",
            hint="let its fit() return a model of one of models/scorers", field="technique",
        )  # fmt: skip
    if folder.exists():
        raise WriteError(
            "a bundle is written once, and something is there",
            hint="choose a new folder, or remove the old one",
            field=folder.name,
        )
    files = {**trained.model.save(), CALIBRATION: to_bytes(trained.calibration.document())}
    if trained.selected is not None:
        files[SELECTION_FILE] = trained.selected.to_bytes()
    files |= {POPULATIONS[side]: found.to_bytes() for side, found in populations.items()}
    manifest = _manifest(trained.model, files, about)
    files[MANIFEST] = to_bytes(manifest)
    if sign is not None:
        files[SIGNATURE] = sign(files[MANIFEST])
    try:
        _write_together(folder, files)
    except OSError as error:
        raise WriteError(
            f"the bundle could not be written: {error.strerror}",
            hint="is the disk full, may you write in the folder above it?",
            field=f"{folder.parent.name}/{folder.name}",
        ) from error
    return str(manifest[DIGEST])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bundle:
    """A bundle's bytes, every one of them checked; what is parsed is what was checked.

    Args:
        manifest: The manifest.
        files: Every other file, by name.
    """

    manifest: Document
    files: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """The SHA-256 that names its whole content, 64 hex digits."""
        return self.manifest.text(DIGEST)

    @property
    def about(self) -> dict[str, Json]:
        """What was kept beside the model."""
        return self.manifest.document("about").entries()

    def model(self) -> TrainedModel:
        """Return the model, with no out-of-fold PDs.

        Raises:
            BundleError: The files are those that were saved, and yet no model.
        """
        files = dict(self.files)
        raw = files.pop(CALIBRATION, b"")
        for name in (*POPULATIONS.values(), SELECTION_FILE):
            files.pop(name, None)
        technique, scorer = self.manifest.text("technique"), self.manifest.text("scorer")
        try:
            calibration = Calibration.read(Document.parse(raw, CALIBRATION))
            model = load_scorer(scorer, files, technique)
        except _UNREADABLE as error:
            raise BundleError(
                f"is no model that can be read: {type(error).__name__}",
                hint="restore the bundle, or train again", field=scorer,
            ) from error  # fmt: skip
        return TrainedModel(model=model, calibration=calibration)

    def population(self, side: str) -> Population:
        """Return the applications it keeps for comparison.

        Args:
            side: "test" or "train".

        Raises:
            BundleError: It keeps none.
        """
        name = POPULATIONS[side]
        if name not in self.files:
            raise BundleError(
                "keeps no applications to compare others with", hint="train again", field=name
            )
        return Population.from_bytes(self.files[name], name)

    def selection(self) -> Selected | None:
        """Return how its features were selected; None where every candidate was kept."""
        raw = self.files.get(SELECTION_FILE)
        return None if raw is None else Selected.from_bytes(raw)


def open_bundle(folder: Path, vouch: Vouch) -> Bundle:
    """Read a bundle's bytes once, and check every one of them.

    Nothing is parsed before `vouch` has seen the manifest's bytes and the signature's, and no
    file but the manifest before all of them are those it lists.

    Args:
        folder: The bundle.
        vouch: Told the manifest's bytes and those of its signature, None where there is none;
            raises where nobody who is trusted vouches for them.

    Raises:
        BundleError: A file is missing, changed, cut, too large, a link or not the bundle's; the
            format is another; or nobody vouches for it.
    """
    with opened_folder(folder, MANIFEST) as descriptor:
        present = listed(descriptor)
        raw = read_plain(MANIFEST, MOST_MANIFEST, folder=descriptor)
        signature = None
        if SIGNATURE in present:
            signature = read_plain(SIGNATURE, MOST_SIGNATURE, folder=descriptor)
        vouch(raw, signature)
        manifest = _read_manifest(raw)
        entries = manifest.document("files")
        names = _names(entries, present)
        files, left = {}, MOST_BYTES
        for name in names:
            files[name] = read_plain(name, left, folder=descriptor)
            left -= len(files[name])
    for name, content in files.items():
        if _sha256(content) != entries.document(name).text("sha256"):
            raise BundleError("was changed after it was written", hint=RESTORE, field=name)
    return Bundle(manifest=manifest, files=files)


def load_bundle(folder: Path) -> tuple[TrainedModel, dict[str, Json]]:
    """Read a bundle, after checking every byte of it, whoever wrote it.

    Returns:
        The model, with no out-of-fold PDs, and what was kept `about` it.

    Raises:
        BundleError: A file is missing, changed, cut or not the bundle's; or the format is another.
    """
    bundle = open_bundle(folder, whoever)
    return bundle.model(), bundle.about


def load_population(folder: Path, side: str) -> Population:
    """Read the applications a bundle keeps for comparison; see `load_bundle`.

    Args:
        folder: The bundle.
        side: "test" or "train".
    """
    return open_bundle(folder, whoever).population(side)


def load_selection(folder: Path) -> Selected | None:
    """Read how a bundle's features were selected; see `load_bundle`."""
    return open_bundle(folder, whoever).selection()


def bundle_digest(folder: Path) -> str:
    """Return the SHA-256 that names a bundle's whole content; see `load_bundle`."""
    return open_bundle(folder, whoever).digest


def whoever(manifest: bytes, signature: bytes | None) -> None:
    """Vouch for any bundle: its digests are looked at, not who made it."""
    del manifest, signature


def _manifest(
    model: FittedModel, files: Mapping[str, bytes], about: Mapping[str, Json]
) -> dict[str, Json]:
    manifest: dict[str, Json] = {
        "format": FORMAT,
        "technique": model.technique,
        "scorer": model.scorer,
        "libraries": {name: _version(name) for name in LIBRARIES},
        "files": {name: {"sha256": _sha256(raw), "bytes": len(raw)} for name, raw in files.items()},
        "about": dict(about),
    }
    try:
        return {**manifest, DIGEST: _sha256(to_bytes(manifest))}
    except (TypeError, ValueError) as error:
        raise WriteError(f"is not JSON: {error}", field="about") from error


def _read_manifest(raw: bytes) -> Document:
    manifest = Document.parse(raw, MANIFEST)
    if manifest.number("format") != FORMAT:
        raise BundleError(
            f"is of format {manifest.number('format'):g}; this version reads {FORMAT}",
            hint="use the version of solvent that wrote it, or train again",
            field=MANIFEST,
        )
    content = manifest.entries()
    claimed = content.pop(DIGEST, None)
    # Canonical bytes alone: no key twice, no other order, no other spelling.
    if claimed != _sha256(to_bytes(content)) or to_bytes(manifest.entries()) != raw:
        raise BundleError("was changed after it was written", hint=RESTORE, field=MANIFEST)
    return manifest


def _names(entries: Document, present: frozenset[str]) -> list[str]:
    """Return the files a manifest lists, where each is a name of the folder and no other is there.

    A path out of the folder is no name.
    """
    names = sorted(entries.entries())
    for name in names:
        if _NAME.fullmatch(name) is None or name in {MANIFEST, SIGNATURE}:
            raise BundleError("lists a file that can be none of its own", field=MANIFEST)
    strangers = sorted(present - {MANIFEST, SIGNATURE} - set(names))
    if strangers:
        raise BundleError(
            "is not part of the bundle", hint="remove what was added", field=strangers[0]
        )
    return names


def _write_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write beside, flush to disk, then rename: readers see all or nothing; nobody else sees it."""
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, raw in files.items():
            descriptor = os.open(partial / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN_FILE)
            with os.fdopen(descriptor, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
        partial.chmod(OWN_FOLDER)
        _flush_folder(partial)
        partial.rename(folder)
        _flush_folder(folder.parent)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
