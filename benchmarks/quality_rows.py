"""The promises about one set, from what every learner found on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.outcome import Figure, Row
from benchmarks.quality_learners import PEERS, Found
from benchmarks.quality_sets import QualitySet
from solvent.metrics import AucDifference, auc, auc_difference, calibration
from solvent.metrics import calibration_in_the_large as in_the_large

OURS = ("blend", "best", "boosted_trees")
"""What stands for us: the first of these that there is."""
NOT_WORSE = -0.002
SLOPES = (0.95, 1.05)
MOST_INTERCEPT = 0.05
MOST_TIME = 3.0
LOGISTICS = ("onehot_logistic", "binned_logistic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A set and what was found on it.

    Args:
        data: The set.
        found: By learner.
    """

    data: QualitySet
    found: Mapping[str, Found]

    def auc(self, name: str) -> float:
        tested = self.data.tested
        return auc(self.found[name].pd[tested], self.data.bad[tested])

    def gap(self, ours: str, peer: str) -> AucDifference:
        tested = self.data.tested
        return auc_difference(
            self.found[ours].pd[tested], self.found[peer].pd[tested], self.data.bad[tested]
        )

    def calibration(self, name: str) -> tuple[float, float]:
        """Return the slope, and the shift of log-odds that mends the mean."""
        tested = self.data.tested
        pd, bad = self.found[name].pd[tested].clip(1e-9, 1 - 1e-9), self.data.bad[tested]
        return calibration(pd, bad).slope, in_the_large(pd, bad)

    def slope_error(self, name: str) -> float:
        """Return the standard error of the slope, from the information of the fitted line."""
        tested = self.data.tested
        pd = self.found[name].pd[tested].clip(1e-9, 1 - 1e-9)
        line, x = calibration(pd, self.data.bad[tested]), np.log(pd) - np.log1p(-pd)
        weight = 0.25 / np.cosh((line.intercept + line.slope * x) / 2) ** 2
        return float(1 / np.sqrt(weight @ (x - np.average(x, weights=weight)) ** 2))

    @property
    def ours(self) -> str | None:
        return next((name for name in OURS if name in self.found), None)

    def best_of(self, names: tuple[str, ...]) -> str | None:
        """Return which of the names ranks best over all folds: a choice in its favour."""
        there = [name for name in names if name in self.found]
        return max(there, key=self.auc) if there else None

    @property
    def best_peer(self) -> str | None:
        return self.best_of(tuple(peer.name for peer in PEERS))


def set_rows(one: Measured) -> Iterator[Row]:
    """Return the promises about one set."""
    yield _everybody(one)
    if one.ours and one.best_peer:
        yield _against_best(one, one.ours, one.best_peer)
    if one.ours:
        yield _calibrated(one, one.ours)
    if "scorecard" in one.found:
        yield from _card(one)
    if {"boosted_trees", "lightgbm_tuned"} <= one.found.keys():
        yield from _boosted(one)


def _everybody(one: Measured) -> Row:
    data, peers = one.data, {peer.name for peer in PEERS}
    order = sorted(one.found, key=one.auc, reverse=True)
    told = [f"{name if name in peers else f'**{name}**'} {one.auc(name):.4f}" for name in order]
    n, split = int(data.tested.sum()), "time" if data.split == "time" else "hash of the id"
    figures: dict[str, Figure] = {name: _figures(one, name) for name in order}
    return Row(
        promise=f"{data.name}: AUC of all (ours in bold)", bar="",
        value=f"{n:,} tested, {data.bad[data.tested].mean():.1%} bad", met=None,
        note=f"folds by {split}; {', '.join(told)}", figures=figures,
    )  # fmt: skip


def _figures(one: Measured, name: str) -> dict[str, Figure]:
    slope, intercept = one.calibration(name)
    found = one.found[name]
    return {
        "auc": one.auc(name), "slope": slope, "intercept": intercept, "fit_cpu_s": found.fit,
        "score_cpu_s": found.score,
    }  # fmt: skip


def _against_best(one: Measured, ours: str, peer: str) -> Row:
    gap = one.gap(ours, peer)
    row = _gap_row(
        one, (ours, peer), f"{one.data.name}: AUC of `{ours}` not below the best peer's",
        f"95 % lower bound >= {NOT_WORSE}", gap.low >= NOT_WORSE,
    )  # fmt: skip
    needed = gap.difference - gap.low + NOT_WORSE
    return replace(row, note=f"{row.note}; with so many bads it takes {needed:+.4f} to show it")


def _gap_row(one: Measured, pair: tuple[str, str], promise: str, bar: str, met: bool) -> Row:
    gap = one.gap(*pair)
    return Row(
        promise=promise, bar=bar, met=met,
        value=f"{gap.difference:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]",
        note=f"{one.auc(pair[0]):.4f} against {pair[1]} {one.auc(pair[1]):.4f}",
        figures={
            "ours": pair[0], "peer": pair[1], "difference": gap.difference, "low": gap.low,
            "high": gap.high,
        },
    )  # fmt: skip


def _calibrated(one: Measured, ours: str) -> Row:
    slope, intercept = one.calibration(ours)
    return Row(
        promise=f"{one.data.name}: PDs of `{ours}` are calibrated out of fold",
        bar=f"slope {SLOPES[0]} to {SLOPES[1]}, intercept within {MOST_INTERCEPT}",
        value=f"{slope:.3f}, {intercept:+.3f}",
        met=SLOPES[0] <= slope <= SLOPES[1] and abs(intercept) <= MOST_INTERCEPT,
        note=f"standard error of the slope {one.slope_error(ours):.3f}; the intercept is the shift "
        "of log-odds with the slope held at 1",
        figures={"slope": slope, "intercept": intercept},
    )


def _card(one: Measured) -> Iterator[Row]:
    if "optbinning_card" in one.found:
        above = one.gap("scorecard", "optbinning_card").difference > 0
        yield _gap_row(
            one, ("scorecard", "optbinning_card"),
            f"{one.data.name}: our card above optbinning's", "> 0", above,
        )  # fmt: skip
    tuned = one.best_of(LOGISTICS)
    if tuned:
        not_below = one.gap("scorecard", tuned).difference >= 0
        yield _gap_row(
            one, ("scorecard", tuned), f"{one.data.name}: our card not below the tuned logistic",
            ">= 0", not_below,
        )  # fmt: skip


def _boosted(one: Measured) -> Iterator[Row]:
    tuned = one.found["lightgbm_tuned"]
    reached = one.gap("boosted_trees", "lightgbm_tuned").difference >= 0
    yield _gap_row(
        one, ("boosted_trees", "lightgbm_tuned"),
        f"{one.data.name}: `boosted_trees` as it comes reaches the tuned LightGBM", ">= 0", reached,
    )  # fmt: skip
    alone = sum(float(told["fit_alone"]) for told in tuned.told)
    ours = one.found["boosted_trees"].fit
    yield Row(
        promise=f"{one.data.name}: `boosted_trees` fits in the time of the tuned LightGBM",
        bar=f"<= {MOST_TIME:.0f}× one fit with its settings", value=f"{ours / alone:.1f}×",
        met=ours <= MOST_TIME * alone,
        note=f"CPU-s of five folds {ours:.1f} against {alone:.1f} (its search: {tuned.fit:.1f})",
        figures={"ours": ours, "alone": alone, "search": tuned.fit},
    )  # fmt: skip


def won_row(measured: list[Measured]) -> Row:
    """Return on how many sets the point estimate is not below the best peer's."""
    judged = [
        (one, one.gap(one.ours, one.best_peer)) for one in measured if one.ours and one.best_peer
    ]
    won = [one.data.name for one, gap in judged if gap.difference >= 0]
    return Row(
        promise="ours at least as good as the best peer, point estimate", bar="on 4 of 7 sets",
        value=f"{len(won)} of {len(judged)}", met=len(won) >= 4 if len(judged) == 7 else None,
        note=", ".join(won) or "none",
    )  # fmt: skip
