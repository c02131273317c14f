"""Deciding which candidates a model is given, on training rows alone.

1. Columns without a value, without difference, or equal to another are set aside.
2. Each candidate is judged alone on rows held out. Where more than `FIRST_CUT` are left, those that
   say least are set aside: a cheap first cut, which can lose what works only together with others.
3. Of candidates that rank applications alike, the one that says most stays; a cheaper one that
   says as much is preferred.
4. Trees grow on all the rest together with copies shuffled between customers. A candidate stays if
   its splits gain more on rows held out than any shuffled copy's, in nearly every fold, and in
   both halves of the time.
5. The weakest are taken away step by step, each set judged on rows held out; the smallest set whose
   AUC is within one standard error of the best one's, paired, is kept, or the `most` best.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from solvent.errors import ShapeError, TrainingError
from solvent.features import FeatureFrame
from solvent.metrics import auc, auc_difference
from solvent.models._coding import Coded, code_frame, is_empty, late_half, signature, with_shuffled
from solvent.models._judge import Verdict, judge, judge_sets
from solvent.models._screen import Alone, find_doubles, judge_alone
from solvent.models.folds import FOLDS, check_labels, deal_folds
from solvent.models.plans import AnyColumn
from solvent.models.selected import Candidate, Fate, Selected, SizeTried
from solvent.models.selection import Selection
from solvent.models.technique import BoolArray, FloatArray, IntArray
from solvent.progress import Progress

FIRST_CUT: Final = 3000
"""Candidates judged together at most."""
SIEVES: Final = 3
"""Times candidates are judged together, the losers taken away in between."""
LEAST_COPIES, MOST_COPIES = 100, 300
"""Shuffled copies: as many as candidates, within these."""
CHANCE: Final = 0.2
"""Share of the candidates above the line that may be there by chance."""
UNLIKELY: Final = 0.005
"""Chance below which a finding is not taken for luck."""
SHRINK: Final = 0.8
"""Each set of the path is this part of the one before."""
HALVE: Final = 0.6
"""The same above those that hold, where sets are large."""
LARGE: Final = 100
SMALLEST: Final = 5
LUCKY: Final = 10
"""Candidates kept where none beats chance: a model must read something, and says so."""
MILLI: Final = 1000.0
_NO_COSTS: Final[Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """What is known of the training rows.

    Args:
        bad: True where the account met the bad definition, shape (n,).
        groups: The customer of each row, shape (n,): one customer's rows share a fold.
        as_of: Instants, microseconds, shape (n,); None where there are no times.
    """

    bad: BoolArray
    groups: IntArray
    as_of: IntArray | None = None


@dataclass(slots=True)
class _Notes:
    """What has been found of each candidate so far, by name."""

    found: dict[str, Candidate] = field(default_factory=dict)
    by_fold: dict[str, FloatArray] = field(default_factory=dict)

    def settle(self, name: str, fate: Fate, like: str = "") -> None:
        """Say what became of a candidate."""
        self.found[name] = replace(self.found[name], fate=fate, like=like)

    def weigh(self, name: str, alone: Alone) -> None:
        """Note what a candidate says alone."""
        self.found[name] = replace(
            self.found[name], alone=_rounded(alone.gain), psi=None if alone.psi is None
            else round(alone.psi, 4),
        )  # fmt: skip

    def gains(self, name: str, gain: FloatArray, halves: bool) -> None:
        """Note what a candidate gains among others; gain has shape (folds, 2)."""
        self.by_fold[name] = gain
        early, late = (_rounded(float(value)) for value in gain.sum(axis=0))
        self.found[name] = replace(
            self.found[name], gain=_rounded(float(gain.sum())),
            folds=int((gain.sum(axis=1) > 0.0).sum()), halves=(early, late) if halves else None,
        )  # fmt: skip


def select_features(
    frame: FeatureFrame, known: Known, selection: Selection, *, seed: int, progress: Progress,
    costs: Mapping[str, float] = _NO_COSTS,
) -> Selected:  # fmt: skip
    """Select features on training rows.

    The same rows, in whatever order, and the same columns, in whatever order, give the same set.

    Args:
        frame: The candidates, n training rows: no row of the test may be among them.
        known: Outcomes, customers and times of these rows.
        selection: What is asked for.
        seed: Of folds, copies and trees, >= 0.
        progress: Told how far it is.
        costs: What each candidate costs to compute, by name: of two that say the same the cheaper
            stays.

    Raises:
        OneClassError: `bad` is all true or all false.
        TrainingError: One customer holds every bad or every good; no candidate differs between
            rows; or the seed is negative.
        ShapeError: The lengths differ.
        DataError: A number is infinite.
    """
    check_labels(known.bad, known.groups)
    if frame.rows != len(known.bad):
        raise ShapeError(f"has {len(known.bad)} labels for {frame.rows} rows", field="bad")
    if seed < 0:
        raise TrainingError("must not be negative", field="seed")
    notes = _Notes({c.name: Candidate(name=c.name, fate=Fate.SURPLUS) for c in frame})
    columns = _distinct(frame, selection, costs, notes, progress)
    if not columns:
        raise TrainingError(
            "no candidate differs between training applications, so none can rank them",
            hint="check the features and the data they read", field="features",
        )  # fmt: skip
    coded = _coded(columns, known, seed)
    coded = _screened(coded, selection, costs, notes, progress)
    found = _judged(coded, selection, notes, seed, progress)
    chosen, sizes = _shrink(found, selection, seed, progress)
    for name in chosen:
        notes.settle(name, Fate.ASKED if notes.found[name].fate is Fate.ASKED else Fate.KEPT)
    return Selected(
        kept=tuple(name for name in frame.names if notes.found[name].fate.kept),
        candidates=tuple(notes.found[name] for name in frame.names), sizes=sizes,
        line=_rounded(found.line), shuffled=found.copies, folds=coded.folds, rows=frame.rows,
        by_chance=found.by_chance,
    )  # fmt: skip


def _rounded(nats: float) -> float:
    return round(nats * MILLI, 6)


def _distinct(
    frame: FeatureFrame, selection: Selection, costs: Mapping[str, float], notes: _Notes,
    progress: Progress,
) -> list[AnyColumn]:  # fmt: skip
    """Return columns that differ between rows and from each other, by name."""
    stays: dict[bytes, AnyColumn] = {}
    cheapest = sorted(
        frame, key=lambda c: (not selection.keeps(c.name), costs.get(c.name, 0.0), c.name)
    )
    with progress.step("comparing candidates", len(cheapest)) as step:
        for column in cheapest:
            said = signature(column)
            if said is None:
                notes.settle(column.name, Fate.EMPTY if is_empty(column) else Fate.CONSTANT)
            elif said in stays:
                notes.settle(column.name, Fate.COPY, stays[said].name)
            else:
                stays[said] = column
            step.advance()
    return sorted(stays.values(), key=lambda column: column.name)


def _coded(columns: list[AnyColumn], known: Known, seed: int) -> Coded:
    fold = deal_folds(known.bad, known.groups, seed=seed, folds=FOLDS)
    late = None if known.as_of is None else late_half(known.as_of)
    return code_frame(columns, known.bad, fold, late, known.groups)


def _screened(
    coded: Coded, selection: Selection, costs: Mapping[str, float], notes: _Notes,
    progress: Progress,
) -> Coded:  # fmt: skip
    """Return candidates worth judging together."""
    gains, stays = np.empty(len(coded.names)), []
    with progress.step("judging each candidate alone", len(coded.names)) as step:
        for place, name in enumerate(coded.names):
            alone = judge_alone(coded, place)
            gains[place] = alone.gain
            notes.weigh(name, alone)
            drifts = selection.drift is not None and (alone.psi or 0.0) > selection.drift
            if selection.keeps(name):
                notes.settle(name, Fate.ASKED)
                stays.append(place)
            elif drifts or alone.turns:
                notes.settle(name, Fate.DRIFT if drifts else Fate.TURNS)
            else:
                stays.append(place)
            step.advance()
    asked = [place for place in stays if selection.keeps(coded.names[place])]
    rest = [place for place in stays if place not in set(asked)]
    rest.sort(key=lambda place: (-gains[place], coded.names[place]))
    for place in rest[FIRST_CUT:]:
        notes.settle(coded.names[place], Fate.FIRST_CUT)
    stays = sorted((*asked, *rest[:FIRST_CUT]))
    coded, gains = coded.select(stays), gains[stays]
    doubles = find_doubles(coded, gains.tolist(), costs, selection.alike)
    gone = {p: like for p, like in doubles.items() if not selection.keeps(coded.names[p])}
    for place, like in gone.items():
        notes.settle(coded.names[place], Fate.ALIKE, coded.names[like])
    return coded.select([place for place in range(len(coded.names)) if place not in gone])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judged:
    """Candidates judged together, and which of them hold.

    Args:
        pool: Candidates but those that work in one half of the time only.
        gains: What each gained when it was last judged, by fold and half, shape (k, folds, 2).
        held: Places of those that hold.
        line: The gain they had to beat.
        copies: Number of shuffled copies.
        by_chance: True where nothing is beyond chance.
    """

    pool: Coded
    gains: FloatArray
    held: list[int]
    line: float
    copies: int
    by_chance: bool


def _judged(
    coded: Coded, selection: Selection, notes: _Notes, seed: int, progress: Progress
) -> _Judged:
    """Judge candidates together with shuffled copies and keep those that hold.

    What gains nothing is taken away and the rest judged again, copies and candidates alike: among
    fewer columns weak ones show better.
    """
    pool, count = coded, len(coded.names)
    copies = min(max(count, LEAST_COPIES), MOST_COPIES)
    order = np.random.default_rng(seed).permutation(count)
    coded = with_shuffled(coded, np.resize(order, copies).tolist(), seed)
    with progress.step("judging candidates together", SIEVES * coded.folds) as step:
        verdict = judge(coded, seed=seed, step=step)
        _note_gains(coded, verdict, notes)
        for _ in range(1, SIEVES):
            asked = np.array([selection.keeps(name) for name in coded.names])
            stays = np.flatnonzero((verdict.total > 0.0) | asked)
            if not len(stays):
                break
            coded = coded.select(stays.tolist())
            verdict = judge(coded, seed=seed, step=step)
            _note_gains(coded, verdict, notes)
    line = draw_line(verdict.total, coded.copies, count / copies)
    held = _holding(coded, verdict, line, notes)
    in_both_halves = {name for name in pool.names if notes.found[name].fate is not Fate.HALF}
    pool = pool.select([p for p, n in enumerate(pool.names) if n in held | in_both_halves])
    return _Judged(
        pool=pool, gains=np.array([notes.by_fold[name] for name in pool.names]),
        held=[place for place, name in enumerate(pool.names) if name in held], line=line,
        copies=copies,
        by_chance=not any(notes.found[name].fate is Fate.SURPLUS for name in held)
        or not beats_luck(verdict.total, coded.copies, count / copies),
    )  # fmt: skip


def draw_line(gain: FloatArray, copy: BoolArray, per_copy: float) -> float:
    """Return the gain above which chance is kept within bounds; never below 0.

    It is the highest that a shuffled copy reaches, and lower as long as at most `CHANCE` of the
    candidates above it are expected to be there by chance: one for every copy above it, times
    the candidates there are for each copy.

    Args:
        gain: Of candidates and copies, shape (k,).
        copy: Which are copies, shape (k,).
        per_copy: Candidates judged for each copy.

    Source: false discoveries counted by decoys, as in Barber and Candès (2015).

    >>> draw_line(np.array([9.0, 8.0, 7.0, 6.0, 4.0, 5.0]), np.arange(6) == 5, 0.5)
    0.0
    """
    line = float(gain[copy].max(initial=0.0))
    for lower in sorted({0.0, *gain[copy & (gain < line) & (gain > 0.0)].tolist()}, reverse=True):
        expected = per_copy * int((copy & (gain > lower)).sum())
        if expected > CHANCE * int((~copy & (gain > lower)).sum()):
            break
        line = lower
    return line


def beats_luck(gain: FloatArray, copy: BoolArray, per_copy: float) -> bool:
    """True where the best candidate, or their number, is beyond what copies let expect.

    The upper half of the copies' gains is drawn out as an exponential tail, to where fewer than
    `UNLIKELY` candidates would lie by chance.
    """
    luck, real = np.sort(gain[copy & (gain > 0.0)]), gain[~copy]
    if not len(luck):
        return bool((real > 0.0).any())
    most, tail = float(luck[-1]), luck[len(luck) // 2 :]
    spread = float((tail - tail[0]).mean())
    furthest = float(tail[0]) + spread * float(np.log(max(per_copy * len(tail), 1.0) / UNLIKELY))
    furthest = max(furthest, most)
    # each of the columns above the luckiest copy is a candidate with this chance, were all alike
    above, share = int((real > most).sum()), per_copy / (1.0 + per_copy)
    return bool((real > furthest).any()) or share**above < UNLIKELY


def _note_gains(coded: Coded, verdict: Verdict, notes: _Notes) -> None:
    for name, gain, copy in zip(coded.names, verdict.gain, coded.copies, strict=True):
        if not copy:
            notes.gains(name, gain, coded.late is not None)
            if notes.found[name].fate is not Fate.ASKED:
                notes.settle(name, Fate.CHANCE)


def _holding(coded: Coded, verdict: Verdict, line: float, notes: _Notes) -> set[str]:
    """Return the candidates that beat the line and hold, the luckiest where too few do."""
    held = set()
    for place in np.flatnonzero(~coded.copies).tolist():
        name, fate = coded.names[place], _fate(verdict.gain[place], line, coded)
        if notes.found[name].fate is Fate.ASKED:
            held.add(name)
            continue
        notes.settle(name, Fate.SURPLUS if fate is Fate.KEPT else fate)
        if fate is Fate.KEPT:
            held.add(name)
    if not held:
        names = [name for name, one in notes.found.items() if one.gain is not None]
        names.sort(key=lambda name: (-(notes.found[name].gain or 0.0), name))
        held = {*names[:LUCKY]}
    return held


def _fate(gain: FloatArray, line: float, coded: Coded) -> Fate:
    """Return whether a candidate holds; gain has shape (folds, 2)."""
    if float(gain.sum()) <= line:
        return Fate.CHANCE
    if int((gain.sum(axis=1) > 0.0).sum()) <= coded.folds // 2:
        return Fate.FOLDS
    if coded.late is not None and not (gain.sum(axis=0) > 0.0).all():
        return Fate.HALF
    return Fate.KEPT


def _shrink(
    found: _Judged, selection: Selection, seed: int, progress: Progress
) -> tuple[tuple[str, ...], tuple[SizeTried, ...]]:
    """Return the set chosen, and the sizes tried, largest first.

    For each size a fold is judged by the candidates that the *other* folds rank highest, so that
    the ranking never saw the rows it is judged by; which candidates stand in it was settled on all
    of them, which is why figures out of fold are a little hopeful.

    All candidates are judged, too: where those that hold rank worse than all by more than one
    standard error, the line asked too much of weak ones, and sizes between the two are tried.
    """
    pool, asked = found.pool, sum(selection.keeps(name) for name in found.pool.names)
    orders = [_order(found, selection, held) for held in range(pool.folds)]
    down = [max(size, asked) for size in _sizes(len(found.held), selection.most)]
    tried: dict[int, FloatArray] = {}

    def attempt(size: int) -> None:
        if size not in tried:
            sets = [pool.select(sorted(order[:size])) for order in orders]
            tried[size] = judge_sets(sets, seed=seed, step=step)

    with progress.step("looking for the smallest set", (len(down) + 1) * pool.folds) as step:
        for size in (len(pool.names), *down):
            attempt(size)
        if not found.by_chance and _lags(tried, down[0], pool.bad):
            for size in _between(len(pool.names), down[0]):
                attempt(size)
    path = _path(tried, pool.bad)
    best = _order(found, selection, None)[: _choose(path, found, selection, asked)]
    return tuple(pool.names[place] for place in best), path


def _order(found: _Judged, selection: Selection, without: int | None) -> list[int]:
    """Return the places of candidates, first those asked for, then by gain.

    Args:
        found: The candidates.
        selection: What is asked for.
        without: The fold whose gains do not count; None counts all, and puts those that hold first.
    """
    gains = found.gains.sum(axis=(1, 2))
    if without is not None:
        gains = gains - found.gains[:, without].sum(axis=1)
    names, held = found.pool.names, set(found.held) if without is None else set[int]()
    return sorted(
        range(len(names)),
        key=lambda p: (not selection.keeps(names[p]), p not in held, -gains[p], names[p]),
    )


def _choose(path: tuple[SizeTried, ...], found: _Judged, selection: Selection, asked: int) -> int:
    """Return the size to keep."""
    if found.by_chance:
        most = min(len(found.held), max(LUCKY, asked))
        return max(1, min(most, selection.most or most))
    good = [one.size for one in path if one.behind <= one.error]
    if selection.most is not None:
        few = [one.size for one in path if one.size <= max(selection.most, asked)]
        good = [size for size in good if size in few] or few[:1]
    return min(good)


def _lags(tried: Mapping[int, FloatArray], size: int, bad: BoolArray) -> bool:
    """True where a size ranks worse than all candidates by more than one standard error."""
    gap = auc_difference(tried[max(tried)], tried[size], bad)
    return gap.difference > gap.standard_error


def _between(most: int, least: int) -> Iterator[int]:
    """Yield sizes between all candidates and those that hold, largest first."""
    size = _below(most)
    while size > least:
        yield size
        size = _below(size)


def _below(size: int) -> int:
    """Return the next smaller size above those that hold: the larger, the coarser."""
    return min(size - 1, int(size * (HALVE if size > LARGE else SHRINK)))


def _sizes(most: int, wished: int | None) -> list[int]:
    """Return sizes to try, largest first, the wished one among them."""
    sizes, size = {most}, most
    while size > SMALLEST:
        size = max(SMALLEST, int(size * SHRINK))
        sizes.add(size)
    if wished is not None and wished < most:
        sizes.add(wished)
    return sorted(sizes, reverse=True)


def _path(tried: Mapping[int, FloatArray], bad: BoolArray) -> tuple[SizeTried, ...]:
    """Compare each size with the best one on the same rows."""
    reach = {size: auc(tried[size], bad) for size in sorted(tried, reverse=True)}
    best = tried[max(reach, key=lambda size: (reach[size], -size))]
    path = []
    for size, own in reach.items():
        gap = auc_difference(best, tried[size], bad)
        path.append(
            SizeTried(size=size, auc=own, behind=max(gap.difference, 0.0), error=gap.standard_error)
        )
    return tuple(path)
