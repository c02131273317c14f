"""Judge techniques side by side: same folds, same rows, nothing seen before it is judged."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from solvent.app._differences import difference_of
from solvent.app._measuring import Measured, fit_measured, measure
from solvent.app.learning import folds_of, link_plans, training_of
from solvent.app.libraries import versions
from solvent.app.preparing import prepared
from solvent.app.selection import select_within
from solvent.app.techniques_file import write_figures
from solvent.dataset import Dataset, Split
from solvent.dataset.build import instant_text
from solvent.errors import SolventError, TechniqueError, TrainingError
from solvent.metrics import auc, calibration_curve, holm, validate
from solvent.models import Technique, Training
from solvent.models.chain import LinkPlan, first_known
from solvent.models.failing import failure_words
from solvent.models.finding import find_technique, own_technique_names, technique_names
from solvent.models.folds import FOLDS
from solvent.models.technique import BoolArray, FloatArray
from solvent.models.techniques.best import NAME as BEST
from solvent.models.tuning import Fold
from solvent.product import LoadedProduct
from solvent.progress import Progress, Silent
from solvent.report import (
    FailedTechnique,
    FoldLine,
    JudgedTechnique,
    LinkShare,
    TechniquePair,
    TechniquesRecord,
    require_place,
    write_techniques,
)

FEWEST_FOLDS: Final = 2
HALF: Final = 0.5
"""A cutoff, which the figures of a comparison do not depend on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRequest:
    """What to compare.

    Args:
        loaded: The product.
        data: The data folder.
        techniques: Their names; empty: all that come with solvent and all beside the product.
        folds: How many folds to judge on, >= 2.
        seed: Of everything random, >= 0.
        report: Where to write the page; None for none.
        output: Where to write the figures as CSV; None for none.
        created_at: ISO instant: now.
    """

    loaded: LoadedProduct
    data: Path
    techniques: tuple[str, ...] = ()
    folds: int = 5
    seed: int = 0
    report: Path | None = None
    output: Path | None = None
    created_at: str


def compare_techniques(
    request: CompareRequest, *, progress: Progress | None = None
) -> TechniquesRecord:
    """Train every technique on every fold, and tell how they stand to each other.

    Only the training side is used: the applications that `train` tests on stay unseen, so that
    the test of whatever is chosen here remains honest.

    Args:
        request: What to compare.
        progress: Told how far it is.

    Raises:
        SolventError: If the data or the gate refuse, a named technique is unknown, or none can be
            judged.
    """
    progress = progress or Silent()
    if request.folds < FEWEST_FOLDS:
        raise TrainingError(f"must be at least {FEWEST_FOLDS}", field="folds")
    learners, failed = _learners(request)
    for place in (request.report, request.output):
        if place is not None:
            require_place(place)
    product = request.loaded.product
    with prepared(
        product, request.data, seed=request.seed, created_at=request.created_at, progress=progress
    ) as ready:
        dataset = ready.dataset
        training = training_of(dataset, product, seed=request.seed)
        splits = folds_of(dataset, folds=request.folds, seed=request.seed)
        find = partial(find_technique, folder=request.loaded.folder)
        comparison = _Comparison(
            request=request, dataset=dataset, training=training, splits=splits,
            plans=link_plans(dataset, product, product.technique, find),
        )  # fmt: skip
        comparison.run(learners, progress)
        record = comparison.record(failed)
    if request.output is not None:
        write_figures(record, request.output)
    if request.report is not None:
        write_techniques(record, request.report)
    return record


def _learners(request: CompareRequest) -> tuple[list[Technique], list[FailedTechnique]]:
    """Find what to compare; of those not named, one that cannot be found is said, not fatal."""
    folder = request.loaded.folder
    if request.techniques:
        return [find_technique(name, folder) for name in dict.fromkeys(request.techniques)], []
    found, failed = [], []
    for name in dict.fromkeys((*technique_names(), *own_technique_names(folder))):
        if name == BEST:  # it is one of the others, found by the very contest shown here
            continue
        try:
            found.append(find_technique(name, folder))
        except TechniqueError as error:
            failed.append(FailedTechnique(name=name, words=error.message, hint=error.hint))
    return found, failed


@dataclass(slots=True, eq=False)
class _Entry:
    """A technique on its way through the folds.

    Args:
        technique: How it learns.
        pd: What its models say of applications they had not seen, shape (n,).
        fits: What each fit took: CPU-seconds and seconds.
        measured: What the model of the last fold costs to ask and to keep.
        failed: Why it goes no further.
    """

    technique: Technique
    pd: FloatArray
    fits: list[tuple[float, float]] = field(default_factory=list)
    measured: Measured | None = None
    failed: FailedTechnique | None = None

    def learn(self, fold: Fold, training: Training, *, last: bool) -> None:
        """Learn and judge one fold; whatever goes wrong is this technique's alone."""
        if self.failed is not None:
            return
        try:
            model, took = fit_measured(fold.part(training, folds=FOLDS), self.technique)
            frame = training.frame.take(fold.test)
            self.pd[fold.test] = model.pd(frame)
            self.fits.append(took)
            if last:
                self.measured = measure(model, frame)
        except Exception as error:  # noqa: BLE001 - a user's own file may raise anything
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Take it out."""
        words, hint = failure_words(error)
        self.failed = FailedTechnique(name=self.technique.name, words=words, hint=hint)


@dataclass(slots=True, kw_only=True, eq=False)
class _Comparison:
    """A comparison under way.

    Args:
        request: What was asked for.
        dataset: Features and outcomes.
        training: The training side.
        splits: The folds, over the training side.
        entries: The techniques.
        offered: How many features selection left, fold by fold.
        plans: The links of the product's chain; empty where it has one model.
    """

    request: CompareRequest
    dataset: Dataset
    training: Training
    splits: tuple[Split, ...]
    entries: list[_Entry] = field(default_factory=list)
    offered: list[int] = field(default_factory=list)
    plans: tuple[LinkPlan, ...] = ()

    def run(self, learners: list[Technique], progress: Progress) -> None:
        """Take every technique through every fold."""
        nothing = np.full(len(self.training.bad), np.nan)
        self.entries = [_Entry(one, nothing.copy()) for one in learners]
        count = len(self.splits)
        with ExitStack() as stack:
            steps = [
                stack.enter_context(progress.step(f"{one.title}, {count} folds", count))
                for one in learners
            ]
            for number, split in enumerate(self.splits, 1):
                fold = self._open(split)
                for entry, step in zip(self.entries, steps, strict=True):
                    entry.learn(fold, self.training, last=number == count)
                    step.advance()

    def _open(self, split: Split) -> Fold:
        """Return a fold; where features are selected, only its training part is looked at."""
        selected = select_within(
            self.dataset, split.train, self.request.loaded.product.select,
            seed=self.request.seed, progress=Silent(),
        )  # fmt: skip
        if selected is not None:
            self.offered.append(len(selected.kept))
        return Fold(
            train=split.train, test=split.test,
            features=None if selected is None else selected.kept,
        )  # fmt: skip

    def record(self, failed: list[FailedTechnique]) -> TechniquesRecord:
        """Return what was found.

        Raises:
            TrainingError: No technique could be judged.
        """
        judged = [one for one in map(self._judged, self.entries) if one is not None]
        failed = [*failed, *(one.failed for one in self.entries if one.failed is not None)]
        if not judged:
            told = "; ".join(f"{one.name}: {one.words}" for one in failed)
            hint = next((one.hint for one in failed if one.hint), "")
            raise TechniqueError(f"no technique could be judged ({told})", hint=hint)
        judged.sort(key=lambda one: (-one.validation.auc.auc, one.simplicity))
        dataset, loaded = self.dataset, self.request.loaded
        plan = dataset.open_data.plan
        return TechniquesRecord(
            product=plan.product, title=loaded.product.title or plan.product.replace("_", " "),
            created_at=self.request.created_at, seed=self.request.seed,
            bad_words=plan.bad.words if plan.bad else "", by_time=dataset.split.cut is not None,
            folds=tuple(map(self._line, self.splits)), judged=tuple(judged), failed=tuple(failed),
            pairs=self._pairs(judged), candidates=len(self.training.frame.names),
            selected=tuple(self.offered), kept_back=int(dataset.split.test.sum()),
            protected=plan.protected, versions=versions(),
            sources=tuple((f.file, f.rows, f.sha256) for f in dataset.fingerprints),
            links=tuple(self._share(plan, at) for plan, at in self._links()),
        )  # fmt: skip

    def _judged(self, entry: _Entry) -> JudgedTechnique | None:
        """Return a technique's figures; None, and said why, where it has none."""
        measured, rows = entry.measured, self._rows()
        if entry.failed is not None or measured is None:
            return None
        pd, bad, technique = entry.pd[rows], self.training.bad[rows], entry.technique
        try:
            found = validate(pd, bad, cutoff=HALF, clusters=self.training.groups[rows])
        except SolventError as error:
            entry.fail(error)
            return None
        return JudgedTechnique(
            name=technique.name, title=technique.title,
            own=(self.request.loaded.folder / f"{technique.name}.py").is_file(),
            validation=found, curve=calibration_curve(pd, bad),
            auc_by_fold=tuple(self._auc(entry.pd, split.test) for split in self.splits),
            fit_cpu=median(cpu for cpu, _ in entry.fits),
            fit_wall=median(wall for _, wall in entry.fits),
            rows_per_cpu_second=measured.rows_per_cpu_second,
            row_microseconds=measured.row_microseconds, size=measured.size,
            features=measured.features, exact=measured.exact,
            auc_by_link=tuple(self._auc(entry.pd, rows) for _, rows in self._links()),
        )  # fmt: skip

    def _rows(self) -> BoolArray:
        """Return which applications of the training side were judged."""
        judged: BoolArray = np.logical_or.reduce([split.test for split in self.splits])
        return judged

    def _auc(self, pd: FloatArray, rows: BoolArray) -> float | None:
        bad = self.training.bad[rows]
        return auc(pd[rows], bad) if bad.any() and not bad.all() else None

    def _links(self) -> tuple[tuple[LinkPlan, BoolArray], ...]:
        """Return the links of the chain, each with the judged applications it would score."""
        if not self.plans:
            return ()
        place, judged = first_known([plan.known for plan in self.plans]), self._rows()
        return tuple((plan, judged & (place == at)) for at, plan in enumerate(self.plans))

    def _share(self, plan: LinkPlan, rows: BoolArray) -> LinkShare:
        return LinkShare(
            words=plan.link.whom, technique=plan.technique.name, features=len(plan.features),
            known=int(plan.known.sum()), judged=int(rows.sum()),
            bads=int(self.training.bad[rows].sum()),
        )  # fmt: skip

    def _line(self, split: Split) -> FoldLine:
        return FoldLine(
            learnt=int(split.train.sum()), judged=int(split.test.sum()),
            bads=int(self.training.bad[split.test].sum()),
            since="" if split.cut is None else instant_text(split.cut)[:10],
        )  # fmt: skip

    def _pairs(self, judged: list[JudgedTechnique]) -> tuple[TechniquePair, ...]:
        """Return every two techniques, each with the better one first."""
        rows = self._rows()
        pd = {one.technique.name: one.pd[rows] for one in self.entries}
        bad = self.training.bad[rows]
        twos = [(a.name, b.name) for a, b in combinations(judged, 2)]
        customer = self.training.groups[rows]
        found = [difference_of(pd[a], pd[b], bad, customer) for a, b in twos]
        tested = iter(holm([one.p_value for one in found if one is not None]).tolist())
        adjusted = [1.0 if one is None else next(tested) for one in found]
        return tuple(
            TechniquePair(first=a, second=b, found=one, p_adjusted=p)
            for (a, b), one, p in zip(twos, found, adjusted, strict=True)
        )
