# ruff: noqa: S608 - every name comes quoted from `sources`
"""The leakage gate: what a model must not have seen, proved on the data before it is registered.

Rebuilt values must not move when everything unknown at `as_of` is rewritten, removed or added;
no visible row may hold a later timestamp; no column may tell the outcome by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from solvent.dataset.build import Dataset
from solvent.dataset.matching import by_customer
from solvent.dataset.plan import Plan
from solvent.dataset.rebuild import Evaluate, rebuild_trials
from solvent.dataset.telling import telling_auc
from solvent.errors import LeakageError
from solvent.features import NULL, Attributes, Events, FeatureFrame
from solvent.features.evaluate import evaluate
from solvent.progress import Progress, Silent

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

TELLING_AUC = 0.95
"""A column that reaches this alone tells the outcome rather than predicting it."""
_APPLICATIONS = "solvent_gate_applications"
_FEW = 30
"""Below so many bads an AUC of 0.95 can be luck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One finding of the gate.

    Args:
        name: What waivers name: "loans.closed: later than the application".
        words: What was found, for a person.
        passed: False where it is a leak.
        hint: What to do about it.
        waived: The lender's written reason, where the failure is accepted.
    """

    name: str
    words: str
    passed: bool
    hint: str = ""
    waived: str = ""

    @property
    def blocks(self) -> bool:
        """True where the failure stops registration."""
        return not self.passed and not self.waived


def run_gate(
    dataset: Dataset, *, seed: int, rebuild: Evaluate = evaluate, progress: Progress | None = None
) -> tuple[Check, ...]:
    """Check a dataset for leaks.

    Args:
        dataset: The dataset as it would be trained on.
        seed: Decides the sample and the noise.
        rebuild: The evaluator; tests plant broken ones.
        progress: Told how far it is.

    Returns:
        Every check, failed ones included; `require_no_leak` turns those into an error. A waiver
        that waives nothing is told as a passed check, "unused waiver: ...".
    """
    with (progress or Silent()).step("leakage gate", 6) as step:
        checks: list[Check] = []
        for part in (_time_checks, _attribute_checks, _outcome_checks, _telling_checks):
            checks += part(dataset)
            step.advance()
        checks += _rebuild_checks(dataset, seed, rebuild)
        step.advance(2)
    return (*_waived(checks, dataset.open_data.plan), *_unused(checks, dataset.open_data.plan))


def _waived(checks: Sequence[Check], plan: Plan) -> Iterator[Check]:
    """Yield every check, failed ones with the reason they are waived for."""
    reasons = {waiver.check: waiver.reason for waiver in plan.waivers}
    for check in checks:
        yield check if check.passed else replace(check, waived=reasons.get(check.name, ""))


def _unused(checks: Sequence[Check], plan: Plan) -> Iterator[Check]:
    """Tell of waivers that waive nothing: a slip of the pen, or a fault that is gone."""
    passed = {check.name: check.passed for check in checks}
    for name in dict.fromkeys(waiver.check for waiver in plan.waivers):
        if passed.get(name, True):
            yield Check(
                name=f"unused waiver: {name}", passed=True,
                words="this check passed, so there is nothing to waive" if name in passed
                else "no check of this name failed: is it spelt as the gate prints it?",
                hint="take the waiver out" if name in passed
                else "write the name as the gate prints it, or take the waiver out",
            )  # fmt: skip


def require_no_leak(checks: Sequence[Check]) -> None:
    """Raise where a check failed and is not waived.

    Raises:
        LeakageError: Naming every failed check with its hint.
    """
    failed = [check for check in checks if check.blocks]
    if failed:
        lines = "\n".join(f"  - {check.name}: {check.words}\n    {check.hint}" for check in failed)
        raise LeakageError(
            f"the leakage gate refused {len(failed)} thing(s):\n{lines}",
            hint="mend them, or accept one by name in product.py: "
            f'waivers=(Waiver(check="{failed[0].name}", reason="why it is no leak here"),)',
        )


def _rebuild_checks(dataset: Dataset, seed: int, rebuild: Evaluate) -> Iterator[Check]:
    for trial in rebuild_trials(dataset, seed=seed, rebuild=rebuild):
        yield Check(
            name=trial.name, passed=not trial.moved,
            words=f"{trial.fault}: {', '.join(trial.moved[:5])}" if trial.moved
            else f"no value of {trial.applications} rebuilt applications moved",
            hint="the evaluator reads what was not known: report this as a bug",
        )  # fmt: skip


def _attribute_checks(dataset: Dataset) -> Iterator[Check]:
    plan = dataset.open_data.plan
    if not plan.has_times:
        return
    for source in dataset.open_data.program.sources:
        table = source.table
        if isinstance(table, Attributes):
            passed = table.valid_from is not None
            yield Check(
                name=f"{table.name}: no valid_from", passed=passed,
                words="each row says from when it holds" if passed
                else "nothing says that these facts were known at the application",
                hint="declare valid_from=..., or waive it where the facts cannot change",
            )  # fmt: skip


def _outcome_checks(dataset: Dataset) -> Iterator[Check]:
    """Find outcomes of earlier loans that nothing keeps from being read before they were known."""
    plan = dataset.open_data.plan
    outcomes = set(plan.bad.columns) if plan.bad is not None else set()
    for table in _same_file(dataset):
        named = outcomes & table.columns.keys()
        for column in sorted(named - {table.time_column, table.available}):
            late = table.columns[column].known_at
            yield Check(
                name=f"{table.name}.{column}: outcome of an earlier loan", passed=late is not None,
                words=f"it counts as known from {late}" if late is not None
                else "it decides who is bad, and nothing says from when it was known",
                hint="name the time column from which it was known: known_at=...",
            )  # fmt: skip


def _same_file(dataset: Dataset) -> Iterator[Events | Attributes]:
    """Yield sources read from a file of the applications, or from a copy of one."""
    data = dataset.open_data
    applications = data.plan.applications
    digests: dict[str, set[str]] = {}
    for file in dataset.fingerprints:
        digests.setdefault(file.table, set()).add(file.sha256)
    own = digests.get(applications.name, set())
    for name, opened in data.sources.items():
        table = opened.table
        named = {*table.paths} & {*applications.paths}
        if isinstance(table, Events | Attributes) and (named or own & digests.get(name, set())):
            yield table


def _time_checks(dataset: Dataset) -> Iterator[Check]:
    """Find declared times that lie after the application in rows it could see."""
    plan = dataset.open_data.plan
    if not plan.has_times:
        return
    for name, count, total in (*_source_times(dataset), *_own_times(dataset)):
        yield Check(
            name=f"{name}: later than the application", passed=count == 0,
            words=f"{count} of {total} visible rows hold a later time" if count
            else "no visible row holds a later time",
            hint="declare known_at on the column (and on every column written with it)",
        )  # fmt: skip


def _source_times(dataset: Dataset) -> Iterator[tuple[str, int, int]]:
    data = dataset.open_data
    cursor = data.connection.cursor()
    cursor.register(_APPLICATIONS, _keys_and_instants(dataset))
    for name, opened in data.sources.items():
        table = opened.table
        if not isinstance(table, Events | Attributes):
            continue
        times = [
            column for column, declared in table.columns.items()
            if declared.kind.is_time and declared.known_at is None
            and column not in {table.time_column, table.available}
        ]  # fmt: skip
        if not times:
            continue
        strict = "<" if isinstance(table, Events) else "<="
        counts = ", ".join(f"count(*) FILTER (s.{opened.column(c)} > a.as_of)" for c in times)
        rows, _ = by_customer(data, opened)
        found = cursor.execute(
            f"SELECT count(*), {counts} FROM ({rows}) s JOIN {_APPLICATIONS} a"
            f" ON CAST(s.key AS VARCHAR) = a.key"
            f" WHERE s.event_time {strict} a.as_of AND s.available_time <= a.as_of"
        ).fetchone()
        if found is None:
            continue
        for column, count in zip(times, found[1:], strict=True):
            yield f"{name}.{column}", int(count), int(found[0])


def _keys_and_instants(dataset: Dataset) -> pa.Table:
    keys = dataset.applications.keys.cast(pa.string())
    return pa.table({"key": keys, "as_of": pa.array(dataset.applications.as_of)})


def _own_times(dataset: Dataset) -> Iterator[tuple[str, int, int]]:
    plan = dataset.open_data.plan
    declared = plan.applications.columns
    as_of = dataset.applications.as_of
    for name, values in dataset.applications.columns.items():
        if name in declared and declared[name].kind.is_time and not declared[name].known_at:
            later = (values.array != NULL) & (values.array > as_of)
            yield f"{plan.applications.name}.{name}", int(later.sum()), len(as_of)


def _telling_checks(dataset: Dataset) -> Iterator[Check]:
    """Find columns whose value, or whose absence, tells the outcome."""
    bad = dataset.bad
    enough = int(bad.sum()) >= _FEW and int((~bad).sum()) >= _FEW
    told: list[Check] = []
    if enough:
        for feature in model_frame(dataset.open_data.plan, dataset.frame):
            reach = telling_auc(feature, bad)
            if reach >= TELLING_AUC:
                told.append(
                    Check(
                        name=f"{feature.name}: tells the outcome",
                        passed=False,
                        words=f"alone it reaches an AUC of {reach:.3f}",
                        hint="is it written after the decision? leave it out or declare known_at",
                    )
                )
    yield from told
    if not told:
        yield Check(
            name="columns that tell the outcome", passed=True,
            words=f"none reaches an AUC of {TELLING_AUC} alone" if enough
            else f"not judged: fewer than {_FEW} goods or bads",
        )  # fmt: skip


def model_frame(plan: Plan, frame: FeatureFrame) -> FeatureFrame:
    """Return the columns a model may be given."""
    return frame.select([feature.name for feature in plan.model_features])


def scored_frame(plan: Plan, frame: FeatureFrame) -> FeatureFrame:
    """Return the columns that scoring needs: those of a model, and what a chain asks."""
    return frame.select([feature.name for feature in plan.scored_features])
