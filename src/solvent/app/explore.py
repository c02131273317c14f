"""Explore: which features drive repayment, as a page to read and a notebook to go on with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from solvent.app._targets import Inputs, kept_files, require_apart
from solvent.app.check import require_enough, require_usable, table_checks
from solvent.app.libraries import versions
from solvent.app.study.drivers import choose_drivers
from solvent.app.study.lines import bin_features, by_chance, study_lines
from solvent.app.study.notebook import NotebookPlace, write_notebook
from solvent.app.study.sample import Sample, sample_of
from solvent.app.study.themes import (
    cut_lines,
    fit_names,
    short_list,
    study_themes,
    themes_of,
)
from solvent.dataset import Check, Dataset, build_dataset, open_data, run_gate
from solvent.dataset.alike import alike_groups
from solvent.dataset.build import instant_text, random_words
from solvent.dataset.matching import match_sources, require_matches
from solvent.errors import DeclarationError, RangeError, WriteError
from solvent.metrics import auc_interval
from solvent.product import LoadedProduct
from solvent.progress import Progress, Silent
from solvent.report import StudyRecord, require_place, write_study
from solvent.sources import refusals

TOP = 20
SHORT_LIST = 10
"""Features a first, short score could be made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploreRequest:
    """What to study.

    Args:
        loaded: The product.
        data: The data folder.
        now: Today's instant, UTC microseconds.
        home: Folder solvent keeps things in: nothing is written there.
        command: What repeats the study, as it shall be printed.
        seed: Same seed and data, same study.
        top: How many features get a card of their own.
        output: Where to write the HTML page; None for none.
        notebook: Where to write the notebook; None for none.
    """

    loaded: LoadedProduct
    data: Path
    now: int
    home: Path
    command: str = "solvent explore DIR"
    seed: int = 0
    top: int = TOP
    output: Path | None = None
    notebook: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """What was found, and the applications it was found on.

    Args:
        record: Everything the page says.
        sample: Features, outcomes, sides and periods, to go on with.
    """

    record: StudyRecord
    sample: Sample


def explore(request: ExploreRequest, *, progress: Progress | None = None) -> Study:
    """Study which features drive repayment; write the page and the notebook where asked for.

    Every figure of a feature is found on the training side and confirmed on the test side. A
    failed check of the leakage gate does not stop a study: it is part of what is found.

    Args:
        request: What to study.
        progress: Told how far it is.

    Raises:
        DataError: A table cannot be read, or too little of it can be used.
        DeclarationError: No feature is left to look at.
        OneClassError: There are too few bads or goods.
        WriteError: A result cannot be written; nothing half-written is left.
    """
    progress = progress or Silent()
    _require_places(request)
    with open_data(request.loaded.product.plan, request.data, progress=progress) as data:
        require_usable(table_checks(data)[0], refusals(data.applications).reasons)
        require_matches(match_sources(data, progress=progress))
        dataset = build_dataset(data, seed=request.seed, now=request.now, progress=progress)
        require_enough(dataset)
        if not data.plan.model_features:
            raise DeclarationError(
                "every feature reads a protected column, so there is nothing to study",
                hint="declare features that read other columns", field="features",
            )  # fmt: skip
        checks = run_gate(dataset, seed=request.seed, progress=progress)
        study = _study(request, dataset, checks, progress)
    if request.output is not None:
        write_study(study.record, request.output)
    if request.notebook is not None:
        product = request.loaded.product
        place = NotebookPlace(
            title=study.record.title, product=request.loaded.folder, data=request.data,
            seed=request.seed, first=study.record.represented[0].name, dated=product.plan.has_times,
        )  # fmt: skip
        write_notebook(place, request.notebook)
    return study


def _require_suffix(path: Path, field: str) -> None:
    suffixes = {"output": (".html", ".htm"), "notebook": (".ipynb",)}[field]
    if path.suffix.lower() not in suffixes:
        raise RangeError(
            f"cannot write {path.suffix or 'a file without an ending'}",
            hint=f"end the name in {suffixes[0]}", field=field,
        )  # fmt: skip


def _require_places(request: ExploreRequest) -> None:
    """Refuse at once what would otherwise fail when the work is done."""
    product, folder = request.loaded.product, request.loaded.folder
    if request.top < 1:
        raise RangeError(f"must be at least 1, found {request.top}", field="top")
    inputs = Inputs(
        applications=request.data / product.applications.paths[0], data=request.data,
        tables=(product.applications, *product.sources), registry=request.home / "models",
        kept=kept_files(folder, request.home),
    )  # fmt: skip
    for field, path in (("output", request.output), ("notebook", request.notebook)):
        if path is not None:
            require_place(path)
            require_apart(path, inputs, field=field)
    wanted = [path.resolve() for path in (request.output, request.notebook) if path is not None]
    if len(wanted) > len(set(wanted)):
        raise WriteError(
            "the page and the notebook cannot go to one file", hint="name two", field="notebook"
        )
    for field, path in (("output", request.output), ("notebook", request.notebook)):
        if path is not None:
            _require_suffix(path, field)


def _study(
    request: ExploreRequest, dataset: Dataset, checks: tuple[Check, ...], progress: Progress
) -> Study:
    sample, seed = sample_of(dataset, seed=request.seed), request.seed
    binned = bin_features(sample, progress)
    luck = by_chance(sample, binned, seed=seed, progress=progress)
    with progress.step("one quick model of all features") as step:
        quick = fit_names(sample, sample.frame.names, seed)
        step.advance()
    themes = themes_of(request.loaded.product, sample.features)
    lines = study_lines(sample, binned, luck, quick, themes, progress)
    bad, reach = sample.bad[sample.train], auc_interval(quick.pd, sample.bad[sample.some])
    record = StudyRecord(
        **_about(request, dataset), gate=checks, lines=lines,
        customers=len(np.unique(sample.customer)),
        n_train=len(bad), n_test=int((~sample.train).sum()), bad_rate=float(bad.mean()),
        bad_rate_test=float(sample.bad[~sample.train].mean()),
        themes=study_themes(sample, lines, quick, seed=seed, progress=progress),
        together=reach, short=(reach, ()), cuts=cut_lines(quick.pd, sample.bad[sample.some]),
        groups=alike_groups(sample.train_frame, [line.name for line in lines]),
        different=choose_drivers(sample, binned, lines),
        chance_iv=float(luck.line.max()), shuffles=luck.rounds, top=request.top,
        period_word=sample.period_word,
    )  # fmt: skip
    best = record.drivers or record.represented
    short = short_list(sample, best, most=SHORT_LIST, seed=seed)
    return Study(record=replace(record, short=short), sample=sample)


def _about(request: ExploreRequest, dataset: Dataset) -> dict[str, Any]:
    """Return what the page says of the product, the data and the run."""
    plan, product = dataset.open_data.plan, request.loaded.product
    observed, as_of = dataset.observed_until, dataset.applications.as_of
    dated = plan.has_times and len(as_of) > 0
    return {
        "product": plan.product,
        "title": product.title or plan.product.replace("_", " ").capitalize(),
        "created_at": instant_text(request.now),
        "seed": request.seed,
        "command": request.command,
        "bad_words": "" if plan.bad is None else plan.bad.words,
        "split_words": _split_words(dataset),
        "test_is_later": dataset.split.cut is not None,
        "observed_until": None if observed is None else instant_text(observed),
        "first": instant_text(int(as_of.min()))[:10] if dated else "",
        "last": instant_text(int(as_of.max()))[:10] if dated else "",
        "usable": len(dataset.bad),
        "immature": dataset.immature,
        "funnel": dataset.funnel,
        "refusals": tuple((r.table, r.reason, r.rows) for r in dataset.refusals),
        "protected": plan.protected,
        "left_out": _left_out(dataset),
        "sources": tuple((f.file, f.rows, f.sha256) for f in dataset.fingerprints),
        "product_digest": request.loaded.digest,
        "versions": versions(),
    }


def _split_words(dataset: Dataset) -> str:
    split = dataset.split
    if split.cut is None:
        return f"at random by customer ({random_words(dataset.open_data.plan)})"
    return f"by time: found on applications until {instant_text(split.cut)[:10]}, confirmed later"


def _left_out(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    plan = dataset.open_data.plan
    kept = {feature.name for feature in plan.scored_features}
    closed = [
        (feature.title, "reads a protected column")
        for feature in plan.features
        if feature.name not in kept
    ]
    return (*closed, *((name, "optional source, absent") for name in dataset.open_data.absent))
