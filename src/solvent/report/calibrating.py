"""What the chapter on calibration says of the calibrator, the central tendency and segments."""

from __future__ import annotations

from solvent.report.fairness_record import FEWEST_SHOWN, CalibrationRecord, SegmentCheck
from solvent.report.figures import (
    NONE,
    count,
    counted,
    decimal,
    joined,
    percent,
    percent_range,
)
from solvent.report.page import Cell, Column, Table, Tone

KINDS = {
    "line": ("Straight line", "a straight line of the model’s log-odds"),
    "beta": ("Beta curve", "a beta curve, which may bend once"),
    "isotonic": ("Isotonic steps", "isotonic steps, joined so that they always rise"),
}
"""Each kind in short, and in a sentence."""
SHORT = {"line": "a straight line", "beta": "a beta curve", "isotonic": "isotonic steps"}
MUCH = 10
"""Segments shown before a reader opens the rest."""


def kind_words(found: CalibrationRecord) -> str:
    """Return how the PDs were calibrated, and why so; empty where nobody recorded it."""
    chosen = found.chosen
    if found.links:
        told = [f"that for {whom} by {SHORT[kind]}" for whom, kind in found.links]
        return f"Each model of the chain is calibrated by itself: {joined(told)}."
    if chosen is None:
        return ""
    words = f"Its PDs are calibrated by {KINDS[chosen.kind][1]}"
    if len(found.trials) == 1:
        return f"{words}, the one kind under which points add up."
    if chosen.kind == found.trials[0].kind:
        return f"{words}: on held-out folds no other kind is better beyond noise."
    gain = f"{decimal(1000.0 * chosen.gain, 2)} ± {decimal(2000.0 * chosen.error, 2)} thousandths"
    return f"{words}: on held-out folds its log loss is {gain} lower than a straight line's."


def central_words(found: CalibrationRecord) -> str:
    """Return what a stated central tendency moved; empty where there is none."""
    central = found.central
    if central is None:
        return ""
    return (
        f"All PDs were moved to a stated central tendency of {percent(central.stated)} over the "
        f"training applications; as outcomes say, their mean PD is {percent(central.before)}. The "
        f"move adds {decimal(central.shift)} to the log-odds of everybody and changes no ranking. "
        "PDs and bad rates below differ by it on purpose; the check by segment undoes it first."
    )


def trial_table(found: CalibrationRecord) -> Table | None:
    """Return how each kind of calibrator did; None where no two were tried."""
    if len(found.trials) < 2:
        return None
    return Table(
        title="Calibrators tried",
        columns=(
            Column(title="Kind", width=30),
            Column(title="Log loss", numeric=True, width=20),
            Column(title="Better than the line by", numeric=True, width=26),
            Column(title=""),
        ),
        rows=tuple(
            (
                Cell(text=KINDS[trial.kind][0]),
                Cell(text=decimal(trial.log_loss, 5)),
                Cell(
                    text=NONE if trial is found.trials[0] else decimal(trial.gain, 5),
                    small="" if trial is found.trials[0] else f"± {decimal(2 * trial.error, 5)}",
                ),
                Cell(text="Chosen", tone=Tone.GOOD) if trial.chosen else Cell(text=""),
            )
            for trial in found.trials
        ),
        note="Each judged on folds it was not fitted on. A richer kind must be better by more than "
        "two standard errors, shown as ±.",
        folded=True,
    )


def segment_words(found: CalibrationRecord) -> str:
    """Return the verdict over all segments; empty where none was checked."""
    told = [check for check in found.segments if check.p_value is not None]
    if not told:
        return ""
    off = [check for check in told if check.off]
    if not off:
        return (
            f"In none of {counted(len(told), 'segment')} does the bad rate differ from the PDs by "
            "more than chance explains, all read together."
        )
    named = "; ".join(f"{check.by}: {check.found.segment}" for check in off[:3])
    more = f" and {len(off) - 3} more" if len(off) > 3 else ""
    return (
        f"In {len(off)} of {counted(len(told), 'segment')} the PDs are wrong by more than chance "
        f"explains, all read together: {named}{more}."
    )


def segment_tables(found: CalibrationRecord) -> tuple[Table, ...]:
    """Return the check by segment: those that are off on top, the rest folded where many."""
    if not found.segments:
        return ()
    note = (
        "Bad rates with their 95 % intervals. A verdict counts all segments as one family of "
        "tests (Holm): the chance of even one false alarm is 5 %. Fewer than five expected bads or "
        f"goods tell nothing; of fewer than {FEWEST_SHOWN} applications only the number is shown."
    )
    first = found.segments[0].by
    top = [check for check in found.segments if check.off or check.by == first]
    rest = [check for check in found.segments if check not in top]
    fails = ", and where it fails" if any(check.off for check in top) else ""
    if len(rest) <= MUCH:
        return (_segments("Calibration by segment", [*found.segments], note),)
    return (
        _segments(f"Calibration by {first[:1].lower()}{first[1:]}{fails}", top, note),
        _segments(f"{counted(len(rest), 'more segment')}", rest, "", folded=True),
    )


def _segments(title: str, checks: list[SegmentCheck], note: str, *, folded: bool = False) -> Table:
    titles = ("Applications", "Bad", "Mean PD", "Bad rate")
    return Table(
        title=title,
        columns=(
            Column(title="Segment", width=30),
            *(Column(title=name, numeric=True) for name in titles),
            Column(title="Verdict", width=20),
        ),
        rows=tuple(_segment(check) for check in checks),
        note=note,
        folded=folded,
    )


def _segment(check: SegmentCheck) -> tuple[Cell, ...]:
    """Return a segment's figures; of one so small that they could point at somebody, its size."""
    found, verdict = check.found, Cell(text=check.words, tone=_tone(check))
    name, size = Cell(text=found.segment, small=check.by), Cell(text=count(found.n))
    if check.few:
        return (name, size, *[Cell(text=NONE)] * 3, verdict)
    return (
        name,
        size,
        Cell(text=count(found.bads)),
        Cell(text=percent(found.mean_pd)),
        Cell(text=percent(found.bad_rate), small=percent_range(found.low, found.high)),
        verdict,
    )


def _tone(check: SegmentCheck) -> Tone:
    return Tone.WARN if check.off else Tone.PLAIN
