"""The frozen bundle: a trained model in native files, and a manifest that vouches for each.

A bundle is a folder, written once and never changed. Nothing in it is code. The manifest carries
the SHA-256 of every file and of itself; no file is parsed before its digest has been checked.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Final

from solvent.errors import BundleError, TechniqueError, WriteError
from solvent.models.calibration import Calibration
from solvent.models.documents import Document, Json, to_bytes
from solvent.models.finding import load_scorer
from solvent.models.population import Population
from solvent.models.selected import SELECTION_FILE, Selected
from solvent.models.technique import FittedModel
from solvent.models.trained import TrainedModel

FORMAT: Final = 2
MANIFEST: Final = "manifest.json"
CALIBRATION: Final = "calibration.json"
POPULATIONS: Final = {"test": "population_test.zip", "train": "population_train.zip"}
LIBRARIES: Final = ("lightgbm", "numpy", "scikit-learn")
DIGEST: Final = "manifest_sha256"
OWN_FOLDER: Final = 0o700
OWN_FILE: Final = 0o600
RESTORE: Final = "restore the bundle from where it was stored, or train again"


def save_bundle(
    folder: Path,
    trained: TrainedModel,
    about: Mapping[str, Json],
    populations: Mapping[str, Population] = MappingProxyType({}),
) -> str:
    """Write a bundle: all of it, or nothing.

    Args:
        folder: Where; must not exist yet, its parent must.
        trained: The model.
        about: What else to keep with it: product, data, program, metrics, seed, times. JSON only.
        populations: Applications to compare others with, of the sides "test" and "train".

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
    try:
        _write_together(folder, {**files, MANIFEST: to_bytes(manifest)})
    except OSError as error:
        raise WriteError(
            f"the bundle could not be written: {error.strerror}",
            hint="is the disk full, may you write in the folder above it?",
            field=f"{folder.parent.name}/{folder.name}",
        ) from error
    return str(manifest[DIGEST])


def load_bundle(folder: Path) -> tuple[TrainedModel, dict[str, Json]]:
    """Read a bundle, after checking every byte of it.

    Returns:
        The model, with no out-of-fold PDs, and what was kept `about` it.

    Raises:
        BundleError: A file is missing, changed, cut or not the bundle's; or the format is another.
    """
    manifest = _read_manifest(folder)
    files = _read_files(folder, manifest)
    technique = manifest.text("technique")
    calibration = Document.parse(files.pop(CALIBRATION, b""), CALIBRATION)
    for name in (*POPULATIONS.values(), SELECTION_FILE):
        files.pop(name, None)
    model = load_scorer(manifest.text("scorer"), files, technique)
    trained = TrainedModel(model=model, calibration=Calibration.read(calibration))
    return trained, manifest.document("about").entries()


def load_population(folder: Path, side: str) -> Population:
    """Read the applications a bundle keeps for comparison, after checking every byte of it.

    Args:
        folder: The bundle.
        side: "test" or "train".

    Raises:
        BundleError: It keeps none, or was changed since it was written.
    """
    name = POPULATIONS[side]
    files = _read_files(folder, _read_manifest(folder))
    if name not in files:
        raise BundleError(
            "keeps no applications to compare others with", hint="train again", field=folder.name
        )
    return Population.from_bytes(files[name], name)


def load_selection(folder: Path) -> Selected | None:
    """Read how a bundle's features were selected, after checking every byte of it.

    Returns:
        What was found; None where every candidate was kept.

    Raises:
        BundleError: It was changed since it was written.
    """
    raw = _read_files(folder, _read_manifest(folder)).get(SELECTION_FILE)
    return None if raw is None else Selected.from_bytes(raw)


def bundle_digest(folder: Path) -> str:
    """Return the SHA-256 that names a bundle's whole content, 64 hex digits.

    Raises:
        BundleError: The manifest is missing, changed or of another format.
    """
    return _read_manifest(folder).text(DIGEST)


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


def _read_manifest(folder: Path) -> Document:
    raw = _read(folder / MANIFEST)
    manifest = Document.parse(raw, MANIFEST)
    if manifest.number("format") != FORMAT:
        raise BundleError(
            f"is of format {manifest.number('format'):g}; this version reads {FORMAT}",
            hint="use the version of solvent that wrote it, or train again",
            field=MANIFEST,
        )
    content = manifest.entries()
    claimed = content.pop(DIGEST, None)
    if claimed != _sha256(to_bytes(content)) or to_bytes(manifest.entries()) != raw:
        raise BundleError("was changed after it was written", hint=RESTORE, field=MANIFEST)
    return manifest


def _read_files(folder: Path, manifest: Document) -> dict[str, bytes]:
    listed = manifest.document("files")
    present = {path.name for path in folder.iterdir()} - {MANIFEST}
    strangers = sorted(present - listed.entries().keys())
    if strangers:
        raise BundleError(
            "is not part of the bundle", hint="remove what was added", field=strangers[0]
        )
    files = {name: _read(folder / name) for name in sorted(listed.entries())}
    for name, raw in files.items():
        if _sha256(raw) != listed.document(name).text("sha256"):
            raise BundleError("was changed after it was written", hint=RESTORE, field=name)
    return files


def _read(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise BundleError("is missing from the bundle", hint=RESTORE, field=path.name)
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"cannot be read: {error.strerror}", field=path.name) from error


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
