"""What a study finds of each feature by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from solvent.app.study.sample import BoolArray, FloatArray, IntArray, Sample
from solvent.binning import (
    Chance,
    LevelBins,
    NumberBins,
    Shape,
    bin_counts,
    chance,
    iv_interval,
    level_bins,
    quantile_bins,
    shape,
)
from solvent.binning.rules import FEWEST_ROWS
from solvent.features import CategoryColumn, Feature, NumberColumn
from solvent.features.expressions import Type
from solvent.metrics import AucInterval, auc_interval, psi, wilson_interval
from solvent.models.quick import QuickFit
from solvent.progress import Progress
from solvent.report.study_record import Held, StudyBin, StudyLine, StudyPeriod

AnyColumn = NumberColumn | CategoryColumn
Bins = NumberBins | LevelBins

FEW = 20
"""Goods, and bads, a period needs for an AUC."""
SMALLEST_GROUP = 15
"""Rows of a group where the whole sample is small."""
FEW_ROWS = 200
"""Applications a period, or a side, needs for a PSI."""
CELLS = 400_000_000
"""Rows x features x shuffles that take a few seconds; more of them get fewer shuffles."""
_TAKEN_AS_IT_IS = {"", "attribute", "last"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binned:
    """A feature in bins.

    Attributes:
        column: Its values.
        bins: Made on the training side.
        place: Each row's bin, both sides, shape (n,).
        risk: Each row's bad rate as known from bins of other customers: of other folds on the
            training side, of the whole training side on the test side; in (0, 1), shape (n,).
    """

    column: AnyColumn
    bins: Bins
    place: IntArray
    risk: FloatArray


def bin_features(sample: Sample, progress: Progress) -> tuple[Binned, ...]:
    """Cut every feature into bins on the training side.

    Args:
        sample: The applications.
        progress: Told of every feature.
    """
    found = []
    with progress.step("cutting features into bins", len(sample.frame.columns)) as step:
        for column in sample.frame:
            bins = _bins(column, sample.train)
            place = _place(column, bins)
            found.append(
                Binned(column=column, bins=bins, place=place, risk=_risk(sample, place, bins.size))
            )
            step.advance()
    return tuple(found)


def by_chance(
    sample: Sample, binned: tuple[Binned, ...], *, seed: int, progress: Progress
) -> Chance:
    """Return how strong the features look on shuffled outcomes of the training side.

    Args:
        sample: The applications.
        binned: Their features in bins.
        seed: Of the shuffles.
        progress: Told of every shuffle.
    """
    side = sample.train
    places = np.column_stack([one.place[side] for one in binned]).astype(np.int16)
    bads = max(1, int(sample.bad[side].sum()))
    rounds = int(np.clip(CELLS // (bads * len(binned)), 40, 200))
    return chance(
        places, sample.bad[side], sample.customer[side], seed=seed, rounds=rounds,
        progress=progress,
    )  # fmt: skip


def study_lines(
    sample: Sample,
    binned: tuple[Binned, ...],
    luck: Chance,
    quick: QuickFit,
    themes: Mapping[str, str],
    progress: Progress,
) -> tuple[StudyLine, ...]:
    """Return every feature and what was found of it, strongest above chance first.

    Args:
        sample: The applications.
        binned: Their features in bins.
        luck: What chance does.
        quick: The quick model of all features.
        themes: The theme of each feature, by name.
        progress: Told of every feature.
    """
    lines = []
    with progress.step("judging features one by one", len(binned)) as step:
        for place, (feature, one) in enumerate(zip(sample.features, binned, strict=True)):
            share = quick.gain[:, place]
            gain = (float(share.mean()), float(share.min()), float(share.max()))
            strength = (float(luck.line[place]), float(luck.as_strong[place]), gain)
            lines.append((_line(sample, feature, one, strength, themes[feature.name]), place))
            step.advance()
    above = luck.iv - luck.mean
    lines.sort(key=lambda told: (-above[told[1]], told[0].name))
    return tuple(line for line, _ in lines)


def _bins(column: AnyColumn, train: BoolArray) -> Bins:
    fewest = int(np.clip(int(train.sum()) // 10, SMALLEST_GROUP, FEWEST_ROWS))
    if isinstance(column, CategoryColumn):
        return level_bins(column.codes[train], column.levels, fewest=fewest)
    return quantile_bins(column.values[train], fewest=fewest)


def _place(column: AnyColumn, bins: Bins) -> IntArray:
    if isinstance(column, CategoryColumn) and isinstance(bins, LevelBins):
        return bins.place(column.codes, column.levels)
    if isinstance(column, NumberColumn) and isinstance(bins, NumberBins):
        return bins.place(column.values)
    raise TypeError(column.name)  # unreachable: `_bins` made them of this column


def _risk(sample: Sample, place: IntArray, size: int) -> FloatArray:
    """Return each row's bad rate as known from other customers; see `Binned`.

    A fold whose customers went bad more often is told by folds where fewer did, so each fold's
    log-odds are moved to one mean: else a column that says nothing would seem to err.
    """
    told = np.empty(len(place))
    whole = float(sample.bad[sample.train].mean())
    for fold in range(-1, int(sample.fold.max()) + 1):
        apply = sample.fold == fold
        learn = sample.train & ~apply
        goods, bads = bin_counts(place[learn], sample.bad[learn], size)
        log_odds = np.log((bads + whole) / (goods + 1.0 - whole))[place[apply]]
        told[apply] = log_odds if fold < 0 else log_odds - log_odds.mean()
    odds = math.log(whole / (1.0 - whole))
    told[sample.train] += odds
    return np.clip(1.0 / (1.0 + np.exp(-told)), 1e-9, 1.0 - 1e-9)


def _line(
    sample: Sample,
    feature: Feature,
    one: Binned,
    strength: tuple[float, float, tuple[float, float, float]],
    theme: str,
) -> StudyLine:
    side, test, bad = sample.train, ~sample.train, sample.bad
    size, last = one.bins.size, one.bins.known
    missing = one.place == last
    alone = auc_interval(one.risk[side], bad[side])
    later = auc_interval(one.risk[test], bad[test]) if _enough(bad[test], 2) else None
    some = 0.0 < float(missing[side].mean()) < 1.0
    goods, bads = bin_counts(one.place[side], bad[side], size)
    category = isinstance(one.column, CategoryColumn)
    line, as_strong, gain = strength
    return StudyLine(
        name=feature.name, title=feature.title, unit=feature.unit,
        description=feature.describe(), theme=theme, op=op_of(feature), category=category,
        flag=_is_flag(feature), whole=not category and _whole(one.column, side),
        iv=iv_interval(one.place[side], bad[side], size, groups=sample.customer[side]),
        chance_line=line, as_strong=as_strong, auc=alone, auc_test=later, held=held(alone, later),
        shape=None if category else _shape(goods, bads, last), missing=float(missing[side].mean()),
        missing_auc=auc_interval(missing[side].astype(float), bad[side]) if some else None,
        psi=_psi(one.place[side], one.place[test], size), gain=gain,
        bins=_study_bins(sample, one), periods=_study_periods(sample, one),
    )  # fmt: skip


def held(alone: AucInterval, later: AucInterval | None) -> Held:
    """Return what the test side says of a finding of the training side.

    Args:
        alone: AUC on the training side, out of fold.
        later: AUC on the test side; None where it has too few of a kind.
    """
    if later is None:
        return Held.UNTESTED
    if later.high < 0.5:
        return Held.TURNED
    if later.low <= 0.5:
        return Held.OPEN
    return Held.WEAKER if later.high < alone.low else Held.HELD


def op_of(feature: Feature) -> str:
    """Return how a feature is computed, where it says so.

    Args:
        feature: Of any kind.
    """
    return str(getattr(feature, "op", ""))


def _is_flag(feature: Feature) -> bool:
    """Return True where the feature's value is a yes or no, taken as it is."""
    value = getattr(feature, "value", None)
    return getattr(value, "type", None) is Type.TRUTH and op_of(feature) in _TAKEN_AS_IT_IS


def _whole(column: AnyColumn, side: BoolArray) -> bool:
    if isinstance(column, CategoryColumn):
        return False
    values = column.values[side]
    values = values[~np.isnan(values)]
    return bool(len(values)) and bool((values == np.floor(values)).all())


def _shape(goods: IntArray, bads: IntArray, known: int) -> Shape | None:
    n = (goods + bads)[:known]
    return shape(n, bads[:known]) if n.any() else None


def _psi(before: IntArray, after: IntArray, size: int) -> float | None:
    if min(len(before), len(after)) < FEW_ROWS:
        return None
    return psi(np.bincount(before, minlength=size), np.bincount(after, minlength=size))


def _enough(bad: BoolArray, few: int) -> bool:
    return few <= int(bad.sum()) <= len(bad) - few


def _study_bins(sample: Sample, one: Binned) -> tuple[StudyBin, ...]:
    side, bad = sample.train, sample.bad
    goods, bads = bin_counts(one.place[side], bad[side], one.bins.size)
    goods_test, bads_test = bin_counts(one.place[~side], bad[~side], one.bins.size)
    found = []
    for number in range(one.bins.size):
        n, b = int(goods[number] + bads[number]), int(bads[number])
        if n == 0 and goods_test[number] + bads_test[number] == 0:
            continue
        low, high = wilson_interval(b, n) if n else (0.0, 1.0)
        above, up_to = _ends(one.bins, number)
        found.append(
            StudyBin(
                above=above,
                up_to=up_to,
                value=_only_value(one, number, side),
                level=_level(one.bins, number),
                unknown=number == one.bins.known,
                others=isinstance(one.bins, LevelBins) and number == len(one.bins.groups),
                n=n,
                bads=b,
                low=low,
                high=high,
                n_test=int(goods_test[number] + bads_test[number]),
                bads_test=int(bads_test[number]),
            )
        )
    return tuple(found)


def _ends(bins: Bins, number: int) -> tuple[float | None, float | None]:
    if isinstance(bins, LevelBins) or number == bins.known:
        return None, None
    return bins.ends(number)


def _level(bins: Bins, number: int) -> str:
    own = isinstance(bins, LevelBins) and number < len(bins.groups)
    return bins.groups[number][0] if own and isinstance(bins, LevelBins) else ""


def _only_value(one: Binned, number: int, side: BoolArray) -> float | None:
    if isinstance(one.column, CategoryColumn) or number == one.bins.known:
        return None
    values = one.column.values[(one.place == number) & side]
    same = len(values) > 0 and float(values.min()) == float(values.max())
    return float(values[0]) if same else None


def _study_periods(sample: Sample, one: Binned) -> tuple[StudyPeriod, ...]:
    if sample.period is None:
        return ()
    found = []
    size, last = one.bins.size, one.bins.known
    for label in np.unique(sample.period).tolist():
        mask = sample.period == label
        bad = sample.bad[mask]
        found.append(
            StudyPeriod(
                period=label,
                n=len(bad),
                auc=auc_interval(one.risk[mask], bad) if _enough(bad, FEW) else None,
                psi=_psi(one.place[sample.train], one.place[mask], size),
                missing=float((one.place[mask] == last).mean()),
            )
        )
    return tuple(found)
