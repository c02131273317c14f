"""The summary: the figures and the plain words a risk manager reads first.

The words follow fixed rules of thumb, stated here and on the page. They sort the reader's
attention; they approve nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from solvent.dataset import Check
from solvent.dataset.build import APART, USABLE
from solvent.metrics import Validation
from solvent.report import maturity
from solvent.report.fairness import opening
from solvent.report.fairness_record import CentralTendency
from solvent.report.figures import (
    confidence,
    count,
    counted,
    decimal,
    joined,
    percent,
)
from solvent.report.page import Answer, Tile, Tone
from solvent.report.training import TrainingRecord

# AUC below the number: the words. Rules of thumb of retail credit, no regulation.
STRENGTHS = (
    (0.55, "hardly better than chance"),
    (0.65, "weakly"),
    (0.75, "fairly well"),
    (0.85, "well"),
    (0.95, "very well"),
)
WEAK_AUC, SUSPICIOUS_AUC = 0.65, 0.95
SLOPES = (0.9, 1.1)
MOST_RELATIVE_GAP = 0.10
FEW_BADS = 100
SMALL_TEST, MUCH_SET_ASIDE = 0.10, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whether PDs can be taken as stated.

    Attributes:
        slope: Whether the calibration slope lies in 0.9 to 1.1.
        level: Whether the mean PD lies within 10 % of the bad rate.
        words: Why, in sentences.
    """

    slope: bool
    level: bool
    words: str

    @property
    def whole(self) -> bool:
        """Whether both hold."""
        return self.slope and self.level


def tiles(record: TrainingRecord) -> tuple[Tile, ...]:
    """The five or six figures on top."""
    found = record.validation
    trusted = trust(found, record.calibration.central)
    ranks = _ranking(record).tone is Tone.GOOD
    shown = [
        Tile(
            label="AUC",
            value=decimal(found.auc.auc),
            note=f"from {decimal(found.auc.low)} to {decimal(found.auc.high)}",
            tone=Tone.PLAIN if ranks else Tone.WARN,
        ),
        Tile(
            label="Gini",
            value=percent(found.gini.gini),
            note=f"from {percent(found.gini.low)} to {percent(found.gini.high)}",
            tone=Tone.PLAIN if ranks else Tone.WARN,
        ),
        Tile(label="KS", value=percent(found.ks), note="widest gap between goods and bads"),
        Tile(
            label="Calibration slope",
            value=decimal(found.calibration_slope, 2),
            note="1.00 is perfect; 0.90–1.10 is fine",
            tone=Tone.PLAIN if trusted.slope else Tone.WARN,
        ),
        Tile(
            label="Bad rate",
            value=percent(found.bad_rate),
            note=f"in the test; mean PD {percent(found.mean_pd)}",
            tone=Tone.PLAIN if trusted.level else Tone.WARN,
        ),
    ]
    if (reachable := record.reachable) is not None:
        shown.append(
            Tile(
                label="Reachable Gini",
                value=percent(reachable.share),
                note=f"reached; from {percent(reachable.low)} to {percent(reachable.high)}",
            )
        )
    return tuple(shown)


def verdict(record: TrainingRecord) -> str:
    """Two or three sentences that say how good the model is and what to mind."""
    found = record.validation
    later = (
        "all of them later than the training data"
        if record.test_is_later
        else "not later than the training data"
    )
    cautions = [answer.topic for answer in answers(record) if answer.tone is Tone.WARN]
    ranks = f"ranks risk {strength(found.auc.auc)}"
    if found.auc.low <= 0.5:
        ranks = "may rank risk no better than chance"
    ranking = (
        f"On {counted(found.n, 'application')} it had not seen ({later}), the model {ranks}: "
        "shown one application that went bad and one that did not, "
        f"it gives the bad one the higher PD {percent(found.auc.auc)} of the time."
    )
    trusting = "can" if trust(found, record.calibration.central).whole else "should not"
    level = "" if record.calibration.central is None else ", at the stated central tendency"
    attention = f"Mind {joined(cautions)}." if cautions else "Nothing asks for attention."
    return f"{ranking} Its PDs {trusting} be taken as stated{level}. {attention}"


def answers(record: TrainingRecord) -> tuple[Answer, ...]:
    """What a risk manager asks first, answered."""
    asked = (
        _ranking(record),
        _calibration(record),
        _fairness(record),
        _time(record),
        _memory(record),
        _sample(record),
        _set_aside(record),
        _maturity(record),
        _gate(record.gate),
    )
    return tuple(answer for answer in asked if answer is not None)


def note(record: TrainingRecord) -> str:
    """How to take the summary: what ranges are, and who decides."""
    return (
        f"Ranges are {confidence(record.validation.auc.level)} confidence intervals. The "
        "words follow fixed rules of thumb: they sort attention, a person decides."
    )


def strength(auc: float) -> str:
    """How well an AUC ranks, in words.

    >>> strength(0.76), strength(0.52), strength(0.97)
    ('well', 'hardly better than chance', 'suspiciously well')
    """
    return next((words for below, words in STRENGTHS if auc < below), "suspiciously well")


def trust(found: Validation, central: CentralTendency | None = None) -> Trust:
    """Whether PDs can be taken as stated, and why.

    They can where the calibration slope lies in 0.9 to 1.1 and the mean PD within 10 % of the bad
    rate. Where they were moved to a stated central tendency, the mean PD is not asked about.

    Args:
        found: Figures on the test side.
        central: The central tendency; None where there is none.
    """
    slope = found.calibration_slope
    gap = found.mean_pd / found.bad_rate - 1.0
    level = central is not None or abs(gap) <= MOST_RELATIVE_GAP
    moved = ""
    if central is not None:
        moved = f" (moved on purpose, to a central tendency of {percent(central.stated)})"
    told = f"The mean PD is {percent(found.mean_pd)}{moved} and {percent(found.bad_rate)} went bad"
    if slope is None:
        missing = f"{told}. The calibration line does not exist: {found.calibration_missing}."
        return Trust(slope=False, level=level, words=missing)
    faults = []
    if slope < SLOPES[0]:
        faults.append("the PDs are too extreme: high ones too high, low ones too low")
    if slope > SLOPES[1]:
        faults.append("the PDs are too timid: high ones too low, low ones too high")
    if not level:
        faults.append(f"on average the PDs are too {'high' if gap > 0 else 'low'}")
    line = f"the calibration slope is {decimal(slope, 2)} (0.90 to 1.10 is fine)"
    return Trust(
        slope=SLOPES[0] <= slope <= SLOPES[1],
        level=level,
        words=f"{told}; {line}{', so ' + ' and '.join(faults) if faults else ''}.",
    )


def _ranking(record: TrainingRecord) -> Answer:
    found = record.validation.auc
    good = found.low > 0.5 and WEAK_AUC <= found.auc < SUSPICIOUS_AUC
    words = (
        f"AUC {decimal(found.auc)}, and with {confidence(found.level)} confidence between "
        f"{decimal(found.low)} and {decimal(found.high)}"
    )
    if found.low <= 0.5:
        words += ", so chance (0.500) cannot be ruled out"
    elif found.auc < WEAK_AUC:
        words += ", which is weak (below 0.650)"
    elif not good:
        words += ", which is rare in lending: look for a feature that knows the outcome"
    if record.baseline_auc is not None:
        gain = found.auc - record.baseline_auc
        baseline = record.baseline_words[:1].upper() + record.baseline_words[1:]
        less = f"{decimal(abs(gain))} {'less' if gain >= 0 else 'more'}"
        words += f". {baseline} reaches {decimal(record.baseline_auc)}, {less}"
    no = "Caution" if found.low > 0.5 else "No"
    return Answer.told(("Does it rank risk?", "the ranking"), good, f"{words}.", no=no)


def _calibration(record: TrainingRecord) -> Answer:
    asked = ("Can its PDs be taken as stated?", "the calibration")
    found = trust(record.validation, record.calibration.central)
    return Answer.told(asked, found.whole, found.words)


def _fairness(record: TrainingRecord) -> Answer | None:
    found = record.fairness
    if found is None or not any(attribute.groups for attribute in found.attributes):
        return None
    asked = ("Do protected groups fare alike?", "how protected groups fare")
    return Answer.told(asked, not found.below(), opening(found))


def _time(record: TrainingRecord) -> Answer:
    asked = ("Was it tested on later applications?", "that the test is not a later one")
    # What follows a semicolon is told where the rows set aside are.
    words = f"The split is {record.split_words.partition(';')[0]}."
    if not record.test_is_later:
        words += " Figures of a test that is not later than the training data tend to flatter."
    return Answer.told(asked, record.test_is_later, words, no="No")


def _memory(record: TrainingRecord) -> Answer:
    asked = ("Does it hold outside the training data?", "the fall from training to test")
    if record.out_of_fold is None:
        asked = (asked[0], "the missing folds")
        return Answer.told(asked, False, "No folds were made, so nothing can be compared.")
    before, now = record.out_of_fold.auc.auc, record.validation.auc
    words = f"AUC {decimal(before)} on held-out training data, {decimal(now.auc)} on the test"
    if now.high < before:
        return Answer.told(asked, False, f"{words}: a fall beyond chance.")
    return Answer.told(asked, True, f"{words}: no fall beyond chance.")


def _sample(record: TrainingRecord) -> Answer:
    found, usable = record.validation, _rows(record, USABLE)
    words = f"{counted(found.bads, 'bad application')} among {count(found.n)} in the test"
    good = min(found.bads, found.n - found.bads) >= FEW_BADS
    if not good:
        words += f"; with fewer than {FEW_BADS} of a kind, read every figure with its interval"
    if usable and found.n < SMALL_TEST * usable:
        good = False
        words += (
            f". That is only {percent(found.n / usable)} of {count(usable)} usable applications"
        )
    return Answer.told(("Is the test large enough?", "the small test"), good, f"{words}.")


def _set_aside(record: TrainingRecord) -> Answer:
    refused = sum(rows for _table, _reason, rows in record.refusals)
    usable = _rows(record, USABLE)
    apart = usable - (_rows(record, APART) or usable)
    parts = []
    if record.immature:
        parts.append(
            f"{counted(record.immature, 'application')} whose outcome is not final yet (immature)"
        )
    if refused:
        parts.append(f"{counted(refused, 'row')} refused with a reason")
    if apart:
        parts.append(
            f"{count(apart)} of {counted(usable, 'usable application')} "
            f"({percent(apart / usable)}), so that no customer is both learnt from and tested on"
        )
    read = max((stage.rows for stage in record.funnel), default=0)
    much = record.immature + apart > MUCH_SET_ASIDE * read if read else False
    words = f"{joined(parts)}." if parts else ""
    if record.immature or refused:
        words += " What is immature or refused never counts as good."
    return Answer(
        question="What was set aside?",
        topic="how much was set aside",
        mark=("Much" if much else "Some") if parts else "Nothing",
        tone=Tone.WARN if much else Tone.GOOD,
        words=words or "Every application read was used, and no row was refused.",
    )


def _maturity(record: TrainingRecord) -> Answer | None:
    fall = maturity.falling(record)
    if fall is None:
        return None
    words = (
        "The youngest applications may not be mature: the bad rate falls from "
        f"{percent(fall.first.bad_rate)} ({fall.first.period}) to {percent(fall.last.bad_rate)} "
        f"({fall.last.period}), more than chance explains, and the outcomes are taken as given. "
        "Ask how long each loan was watched, or leave the youngest out."
    )
    asked = ("Had every loan the time to go bad?", "the youngest applications")
    return Answer.told(asked, False, words)


def _rows(record: TrainingRecord, label: str) -> int:
    """Return the rows left after a step of the funnel; 0 where there is no such step."""
    return next((stage.rows for stage in record.funnel if stage.label == label), 0)


def _gate(gate: tuple[Check, ...]) -> Answer:
    asked = ("Did the leakage gate pass?", "the leakage gate")
    if not gate:
        return Answer.told(asked, False, "The gate did not run.", no="Not run")
    failed = [check for check in gate if not check.passed and not check.waived]
    waived = [check for check in gate if not check.passed and bool(check.waived)]
    words = (
        f"{count(len(gate) - len(failed) - len(waived))} of {counted(len(gate), 'check')} passed"
    )
    if waived:
        words += f", {count(len(waived))} waived with a written reason"
    if failed:
        words += f", {count(len(failed))} failed"
    return Answer.told(
        asked, not (failed or waived), f"{words}.", no="Failed" if failed else "Waived"
    )
