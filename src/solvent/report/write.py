"""Writing the page: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from solvent.errors import WriteError
from solvent.report.build import build
from solvent.report.page import Page
from solvent.report.render import render
from solvent.report.simulation import build_simulation
from solvent.report.simulation_record import SimulationRecord
from solvent.report.study import build_study
from solvent.report.study_record import StudyRecord
from solvent.report.techniques import build_techniques
from solvent.report.techniques_record import TechniquesRecord
from solvent.report.training import TrainingRecord


def write_report(record: TrainingRecord, path: Path | str) -> Path:
    """Write the report of one training run as one HTML file that needs no other.

    The file appears under its name when it is complete; a file of that name is replaced.

    Args:
        record: The training run.
        path: Where to; its folder must exist.

    Returns:
        Where the page is.

    Raises:
        MissingExtraError: the `train` extra is not installed.
        WriteError: the folder is not there, or the file cannot be written.
        MetricError: a figure cannot be computed from the test rows.
    """
    return _write(path, lambda: build(record))


def write_simulation(record: SimulationRecord, path: Path | str) -> Path:
    """Write the report of one simulation as one HTML file that needs no other.

    The file appears under its name when it is complete; a file of that name is replaced.

    Args:
        record: The simulation.
        path: Where to; its folder must exist.

    Returns:
        Where the page is.

    Raises:
        MissingExtraError: the `train` extra is not installed.
        WriteError: the folder is not there, or the file cannot be written.
        MetricError: a figure cannot be computed from the applications.
    """
    return _write(path, lambda: build_simulation(record))


def write_study(record: StudyRecord, path: Path | str) -> Path:
    """Write a feature study as one HTML file that needs no other.

    The file appears under its name when it is complete; a file of that name is replaced.

    Args:
        record: The study.
        path: Where to; its folder must exist.

    Returns:
        Where the page is.

    Raises:
        MissingExtraError: the `train` extra is not installed.
        WriteError: the folder is not there, or the file cannot be written.
    """
    return _write(path, lambda: build_study(record))


def write_techniques(record: TechniquesRecord, path: Path | str) -> Path:
    """Write a comparison of techniques as one HTML file that needs no other.

    The file appears under its name when it is complete; a file of that name is replaced.

    Args:
        record: The comparison.
        path: Where to; its folder must exist.

    Returns:
        Where the page is.

    Raises:
        MissingExtraError: the `train` extra is not installed.
        WriteError: the folder is not there, or the file cannot be written.
    """
    return _write(path, lambda: build_techniques(record))


def _write(path: Path | str, page: Callable[[], Page]) -> Path:
    """Write a page; the place is refused before the page is built."""
    target = Path(path)
    require_place(target)
    replace_whole(target, render(page()))
    return target


def require_place(target: Path) -> None:
    """Refuse a place no page can be written to, before hours are spent on what it would show.

    Args:
        target: Where the page is to be.

    Raises:
        WriteError: Its folder is not there, or it is itself a folder.
    """
    if not target.parent.is_dir():
        raise WriteError(
            f"the folder of {target.name} is not there",
            hint="make the folder first, or choose one that exists",
            field="report",
        )
    if target.is_dir():
        raise WriteError(
            f"{target.name} is a folder", hint="name a file, such as report.html", field="report"
        )


def replace_whole(target: Path, text: str) -> None:
    """Put a text in place of a file, whole or not at all.

    Args:
        target: The file; its folder is there.
        text: Written as UTF-8.

    Raises:
        WriteError: It cannot be written; nothing half-written is left.
    """
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise WriteError(
            f"{target.name} could not be written ({error.strerror})",
            hint="see whether the disk is full and the folder may be written to",
            field="report",
        ) from error
