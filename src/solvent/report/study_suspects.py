"""What a study finds suspicious: features that may tell the outcome, or that do not last."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from solvent.dataset import Check
from solvent.report.figures import count, counted, decimal, percent
from solvent.report.page import Cell, Column, Section, Table, Tone
from solvent.report.study_record import Held, StudyLine, StudyPeriod, StudyRecord
from solvent.report.study_words import heading

TELLING_AUC: Final = 0.9
STRONG_IV: Final = 0.5
MISSING_TELLS: Final = 0.7
MOVED: Final = 0.25
FLIPPED: Final = 3.5
"""Standard errors below 0.5 from which a period speaks the other way beyond chance."""
APART: Final = 2.5
"""Standard errors by which one period must stand above the others."""
FEWEST_PERIODS: Final = 3
MOST_ROWS: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """Something a person should look at before they trust a feature.

    Attributes:
        name: The feature, or the check of the gate.
        title: What a person calls it.
        what: What was seen.
        advice: What it may mean, and what to do.
        leak: True where it may tell the outcome, False where it does not last.
    """

    name: str
    title: str
    what: str
    advice: str
    leak: bool


def suspicions(record: StudyRecord) -> tuple[Suspicion, ...]:
    """Return everything suspicious: the gate's findings, then features, strongest first.

    Args:
        record: The study.
    """
    found = [one for check in record.gate for one in _of_gate(check)]
    told = {one.name.partition(":")[0] for one in found}
    gaps: set[tuple[float, float]] = set()
    for line in record.lines:
        if line.name not in told:
            found += _too_good(line)
            found += _telling_gap(line, gaps)
        found += _unstable(line, record.period_word)
    return tuple(found)


def suspicious(record: StudyRecord) -> Section:
    """The chapter on leaks and on what does not last."""
    found = suspicions(record)
    leaks = [one for one in found if one.leak]
    passing = [one for one in found if not one.leak]
    return Section(
        anchor="suspicious",
        heading="What looks suspicious",
        lead=(
            (
                "A feature that knows the outcome looks brilliant in a study and is worthless on "
                "the day of the decision. One that worked for a month is a habit of that month. "
                "Look at these before any of them enters a score."
            ),
            _gate_words(record.gate),
        ),
        tables=(
            _table(
                "May know the outcome",
                leaks,
                "Nothing: no check of the leakage gate failed, no feature is stronger than "
                f"honest ones are (IV above {STRONG_IV}, AUC above {TELLING_AUC} alone), and no "
                "gap in the data tells the outcome.",
            ),
            _table(
                "Does not last",
                passing,
                "Nothing: no feature turns round, moves far or lives on one period alone."
                if record.period_word
                else "Nothing moved between the two sides; without times nothing more can be told.",
            ),
        ),
    )


def _gate_words(gate: Sequence[Check]) -> str:
    failed = sum(not check.passed and not check.waived for check in gate)
    waived = sum(not check.passed and bool(check.waived) for check in gate)
    passed = len(gate) - failed - waived
    words = f"The leakage gate made {counted(len(gate), 'check')}: {count(passed)} passed"
    words += f", {count(waived)} waived in writing" if waived else ""
    return f"{words}, {count(failed)} failed." if failed else f"{words}."


def _table(title: str, found: Sequence[Suspicion], empty: str) -> Table:
    left = len(found) - MOST_ROWS
    return Table(
        title=title,
        columns=(
            Column(title="Feature or check", width=30),
            Column(title="What was seen", width=30),
            Column(title="What it may mean, and what to do"),
        ),
        rows=tuple(
            (
                Cell(text=one.title, small=one.name if one.name != one.title else "", code=True),
                Cell(text=one.what),
                Cell(text=one.advice),
            )
            for one in found[:MOST_ROWS]
        ),
        empty=empty,
        note=f"{counted(left, 'more finding')} on weaker features." if left > 0 else "",
    )


def _of_gate(check: Check) -> Iterator[Suspicion]:
    if check.passed:
        return
    waived = f" The lender waived it: {check.waived}" if check.waived else ""
    yield Suspicion(
        name=check.name, title=check.name, what=f"{check.words}.",
        advice=f"The leakage gate says: {check.hint}.{waived}", leak=True,
    )  # fmt: skip


def _too_good(line: StudyLine) -> Iterator[Suspicion]:
    title = heading(line)
    if line.auc.auc >= TELLING_AUC or line.iv.iv > STRONG_IV:
        yield Suspicion(
            name=line.name, title=title, leak=True,
            what=f"IV {decimal(line.iv.iv, 2)}, AUC {decimal(line.auc.auc)} alone: stronger than "
            "behaviour known before a loan usually is.",
            advice="Is any column it reads written, or corrected, after the decision? Ask who "
            "fills it and when; declare known_at, or leave it out. If it is honest, keep it.",
        )  # fmt: skip


def _telling_gap(line: StudyLine, seen: set[tuple[float, float]]) -> Iterator[Suspicion]:
    """Tell of a gap that tells the outcome, once for all features that share it."""
    gap = line.missing_auc
    if gap is None or (line.missing, gap.auc) in seen:
        return
    seen.add((line.missing, gap.auc))
    if gap.low >= MISSING_TELLS or gap.high <= 1.0 - MISSING_TELLS:
        worse = "go bad more often" if gap.auc > 0.5 else "repay more often"
        yield Suspicion(
            name=line.name, title=heading(line), leak=True,
            what=f"Missing in {percent(line.missing)}; those without a value {worse} "
            f"(AUC {decimal(max(gap.auc, 1 - gap.auc))} by that alone).",
            advice="Is it filled in only once a loan has run? Then the gap is the outcome. If it "
            "means “never did this”, it is a finding, not a fault.",
        )  # fmt: skip


def _unstable(line: StudyLine, word: str) -> Iterator[Suspicion]:
    for what, advice in _passing(line, word):
        yield Suspicion(name=line.name, title=heading(line), what=what, advice=advice, leak=False)


def _passing(line: StudyLine, word: str) -> Iterator[tuple[str, str]]:
    if line.held is Held.TURNED and line.auc_test is not None:
        yield (
            f"On the test side it points the other way: AUC {decimal(line.auc_test.auc)}.",
            "What was learnt there would be wrong later. Find out what changed, or leave it out.",
        )
    flips = flipped(line.periods)
    if flips:
        yield (
            f"It points the other way in {counted(len(flips), word)}: {', '.join(flips[:4])}.",
            (
                "A promotion, a change of system or of the rules? What it means depends on the "
                "time: leave it out until that is understood."
            ),
        )
    only = only_period(line.periods) if line.real else ""
    if only:
        yield (
            f"Its strength comes from one {word}, {only}; in the others it tells nothing.",
            f"Ask what happened in {only}. A score built on it would live on a memory.",
        )
    moved = [one for one in line.periods if one.psi is not None and one.psi >= MOVED]
    if line.real and (moved or (line.psi or 0.0) >= MOVED):
        yield _moved_words(line, moved, word)


def _moved_words(line: StudyLine, moved: Sequence[StudyPeriod], word: str) -> tuple[str, str]:
    if (line.psi or 0.0) >= MOVED:
        what = f"Its values moved between the sides (PSI {decimal(line.psi, 2)})."
    else:
        worst = max(moved, key=lambda one: one.psi or 0.0)
        what = (
            f"In {counted(len(moved), word)} its values lie far from the training side's, most in "
            f"{worst.period} (PSI {decimal(worst.psi, 2)})."
        )
    return what, (
        "The applicants, or how this is recorded, changed. Prefer a form that does not grow with "
        "time (a share, a rate, a window) and watch it once it is live."
    )


def flipped(periods: Sequence[StudyPeriod]) -> tuple[str, ...]:
    """Return the periods in which a feature points the other way, beyond chance.

    Args:
        periods: Of the feature.
    """
    return tuple(
        one.period
        for one in periods
        if one.auc is not None and one.auc.auc + FLIPPED * one.auc.standard_error < 0.5
    )


def only_period(periods: Sequence[StudyPeriod]) -> str:
    """Return the one period a feature's strength comes from; empty where it has more.

    Exactly one of at least three periods is above 0.5 beyond chance; the others taken together
    (weighted by their precision) are not, and lie below it by more than chance.

    Args:
        periods: Of the feature.
    """
    judged = [(one.period, one.auc) for one in periods if one.auc is not None]
    strong = [(period, auc) for period, auc in judged if auc.low > 0.5]
    if len(judged) < FEWEST_PERIODS or len(strong) != 1:
        return ""
    only, height = strong[0]
    others = [auc for period, auc in judged if period != only and auc.standard_error > 0.0]
    if not others:
        return ""
    weights = [1.0 / auc.standard_error**2 for auc in others]
    mean = sum(w * auc.auc for w, auc in zip(weights, others, strict=True)) / sum(weights)
    variance = 1.0 / sum(weights)
    apart = (height.auc - mean) / math.sqrt(height.standard_error**2 + variance)
    return only if mean - 1.96 * math.sqrt(variance) <= 0.5 and apart > APART else ""


HELD_TONES = {
    Held.HELD: Tone.GOOD, Held.WEAKER: Tone.WARN, Held.OPEN: Tone.WARN, Held.TURNED: Tone.WARN,
    Held.UNTESTED: Tone.PLAIN,
}  # fmt: skip
