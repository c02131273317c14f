"""How well solvent's techniques rank and how true their PDs are, on seven real sets, against peers.

`python -m benchmarks.run quality` measures what is missing and writes the table;
`python -m benchmarks.quality --set german --learner scorecard,catboost_alone` measures a part;
`python -m benchmarks.quality --kept` shows what has been measured so far.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks.outcome import Row
from benchmarks.quality_iv import iv_row
from benchmarks.quality_learners import PEERS, Learner, kept, measure, ours
from benchmarks.quality_ours import out_of_fold
from benchmarks.quality_rows import Measured, set_rows, won_row
from benchmarks.quality_sets import (
    EXAMPLES,
    TASKS,
    QualitySet,
    data_folder,
    folds_of,
    quality_set,
    read_dataset,
)
from solvent.errors import SolventError
from solvent.features import Own
from solvent.features.aggregates import tables_of
from solvent.metrics import auc, auc_difference
from solvent.models import find_technique, technique_names
from solvent.product import load_product


def rows(*, only_kept: bool = False) -> Iterator[Row]:
    """Measure whatever is missing; say why a set is not there."""
    found: list[Measured] = []
    for task in TASKS.values():
        data = quality_set(task)
        if data is None:
            yield Row.skipped(task.name, "the data are not here (SOLVENT_REAL_DATA)")
            continue
        one = _on(data, learners(), only_kept=only_kept)
        if one.found:
            found.append(one)
            yield from set_rows(one)
        evidence = iv_row(data)
        if evidence:
            yield evidence
    yield won_row(found)
    if not only_kept:
        yield _earlier_loans()


def learners() -> tuple[Learner, ...]:
    """Return the peers and those of our techniques whose libraries are installed."""
    return (*PEERS, *ours(name for name in technique_names() if _is_here(name)))


def _is_here(technique: str) -> bool:
    try:
        find_technique(technique)
    except SolventError:
        return False
    return True


def _on(data: QualitySet, asked: Sequence[Learner], *, only_kept: bool) -> Measured:
    if not only_kept:
        measure(asked, data)
    each = {one.name: kept(one, data) for one in asked}
    return Measured(
        data=data, found={name: found for name, found in each.items() if found is not None}
    )


def _earlier_loans() -> Row:
    """What features of earlier loans, as they were known then, add to the application."""
    folder = data_folder() / "superlender"
    if not folder.is_dir():
        return Row.skipped("superlender", "the data are not here (SOLVENT_REAL_DATA)")
    plan = load_product(EXAMPLES / "repeat_loans").product.plan
    application = tuple(f for f in plan.features if isinstance(f, Own))
    history = tuple(f for f in plan.features if "earlier_loans" in tables_of(f))
    dataset = read_dataset(replace(plan, features=application + history), folder)
    bad, fold = dataset.bad, folds_of(dataset.ids)
    pd_with = out_of_fold(dataset.frame, bad, fold)
    pd_alone = out_of_fold(dataset.frame.select([f.name for f in application]), bad, fold)
    gap = auc_difference(pd_with, pd_alone, bad)
    with_history, without = auc(pd_with, bad), auc(pd_alone, bad)
    return Row(
        promise="superlender: features of earlier loans add to the application alone",
        bar="95 % lower bound > 0",
        value=f"{gap.difference:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]",
        met=gap.low > 0,
        note=(
            f"AUC {with_history:.4f} with {len(history)} features of earlier loans, "
            f"{without:.4f} without; n = {len(bad):,}"
        ),
        figures={
            "auc_with": with_history, "auc_without": without, "difference": gap.difference,
            "low": gap.low, "high": gap.high, "applications": len(bad),
        },
    )  # fmt: skip


def main() -> None:
    """Measure a part, or show what is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    by_name = {one.name: one for one in learners()}
    parser.add_argument("--set", default=",".join(TASKS), help=f"of {', '.join(TASKS)}")
    parser.add_argument("--learner", default=",".join(by_name), help=f"of {', '.join(by_name)}")
    parser.add_argument("--kept", action="store_true", help="measure nothing; show what there is")
    asked = parser.parse_args()
    if asked.kept:
        for row in rows(only_kept=True):
            print(f"{row.promise} | {row.bar} | {row.value} | {row.verdict} | {row.note}")
        return
    for name in asked.set.split(","):
        data = quality_set(TASKS[name])
        if data is None:
            print(f"{name}: the data are not here (SOLVENT_REAL_DATA)")
            continue
        one = _on(data, [by_name[name] for name in asked.learner.split(",")], only_kept=False)
        for learner in one.found:
            slope, intercept = one.calibration(learner)
            print(
                f"{name} {learner}: AUC {one.auc(learner):.4f}, slope {slope:.3f}, intercept "
                f"{intercept:+.3f}, fit {one.found[learner].fit:.1f} CPU-s", flush=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
