"""The summary of a simulation: the figures and the plain words a risk manager reads first."""

from __future__ import annotations

from solvent.report.figures import (
    confidence,
    count,
    counted,
    earned,
    money,
    money_range,
    percent,
)
from solvent.report.page import Answer, Tile, Tone
from solvent.report.simulation_findings import LEVEL, Findings
from solvent.report.simulation_record import SimulationRecord
from solvent.simulate import Referred, Total

NOTE = (
    "Intervals say how far chance may have carried the money: as many other applicants of the same "
    "kind would bring a sum within them {level} of the time. They say nothing about another year "
    "or another kind of applicant."
)


def tiles(record: SimulationRecord, found: Findings) -> tuple[Tile, ...]:
    """The five figures on top."""
    ways, table, currency = found.ways, found.confusion, record.currency
    lost = ways.policy < 0.0
    lent_to = found.components.loans
    bad_rate = found.matrix.bad_approved.n / lent_to if lent_to else None
    worse = ways.policy < max(ways.approve_all, ways.decline_all)
    shown = (
        Tile(
            label="Loses money" if lost else "Makes money" if ways.makes_money else "Makes nothing",
            value=money(ways.policy, currency),
            note=f"{money(ways.per_thousand, currency)} per 1,000 applications",
            tone=Tone.PLAIN if ways.makes_money else Tone.WARN,
        ),
        Tile(
            label="Possible gain captured",
            value=percent(ways.captured),
            note="of what foresight gains over approving everybody",
            tone=Tone.WARN if worse else Tone.PLAIN,
        ),
        Tile(
            label="Approval rate",
            value=percent(lent_to / found.n),
            note=f"{count(lent_to)} of {count(found.n)} applications",
        ),
        Tile(
            label="Bad rate of approved",
            value=percent(bad_rate),
            note=f"of all applications {percent(found.bad_rate)}",
        ),
        Tile(
            label="Defaulters caught",
            value=percent(table.recall),
            note=f"{count(table.tp)} of {count(table.tp + table.fn)} not lent to",
        ),
    )
    return shown


def verdict(record: SimulationRecord, found: Findings) -> str:
    """Two or three sentences that say what the policy would have earned, and beside what."""
    ways, currency = found.ways, record.currency
    seen = " it had not seen" if record.unseen else ""
    words = (
        f"On {counted(found.n, 'application')}{seen}, the policy "
        f"{earned(ways.policy, currency)}. Approving everybody would have "
        f"{earned(ways.approve_all, currency)}, approving nobody would have "
        f"{earned(ways.decline_all, currency)}, and perfect foresight would have "
        f"{earned(ways.perfect, currency)}."
    )
    if ways.captured is None:
        return f"{words} Approving everybody was perfect: there was nothing to gain by choosing."
    if ways.captured < 0.0:
        return f"{words} The policy did worse than approving everybody."
    if ways.policy < ways.decline_all:
        return f"{words} The policy did worse than approving nobody."
    return (
        f"{words} The policy captured {percent(ways.captured)} of what could be gained over "
        "approving everybody."
    )


def answers(record: SimulationRecord, found: Findings) -> tuple[Answer, ...]:
    """The questions a risk manager asks first."""
    shown = (
        _money(record, found),
        _beats("everybody", found.over_all, record.currency),
        _beats("nobody", found.over_nobody, record.currency),
        _cutoff(record, found),
        _unseen(record),
        _referred(record, found),
    )
    return tuple(answer for answer in shown if answer is not None)


def note() -> str:
    """How to take the summary."""
    return NOTE.format(level=confidence(LEVEL))


def _within(found: Total, currency: str) -> str:
    return (
        f"{confidence(found.level)} interval {money_range(found.low, found.high, currency)}"
        if found.low < found.high
        else "no interval"
    )


def _money(record: SimulationRecord, found: Findings) -> Answer:
    sure = found.policy.beyond_chance
    made = found.policy.total > 0.0
    words = f"It {earned(found.policy.total, record.currency)}"
    words += f" ({_within(found.policy, record.currency)})."
    if not sure:
        words += " Chance alone may decide between a gain and a loss."
    no = "No" if sure or not made else "Caution"
    return Answer.told(("Does it make money?", "the money"), made and sure, words, no=no)


def _beats(whom: str, found: Total, currency: str) -> Answer:
    asked = (f"Is it better than approving {whom}?", f"approving {whom}")
    if found.total == 0.0:
        return Answer.told(asked, False, "It makes exactly as much.")
    sure, more = found.beyond_chance, found.total > 0.0
    words = f"It makes {_than(found.total, currency)}"
    if found.low < found.high:
        words += f": between {_than(found.low)} and {_than(found.high, currency)} with "
        words += f"{confidence(found.level)} confidence"
    words += "."
    return Answer.told(asked, more and sure, words, no="Caution" if not sure else "No")


def _than(difference: float, currency: str = "") -> str:
    return f"{money(abs(difference), currency)} {'more' if difference >= 0.0 else 'less'}"


def _cutoff(record: SimulationRecord, found: Findings) -> Answer | None:
    asked = ("Is the cutoff where the money is?", "the cutoff")
    best, mine = record.best, record.cutoffs.approve_below
    if best is None or found.chosen is None:
        return None
    within = best.low <= mine <= best.high
    # Outside the interval, yet no worse on applications neither was chosen on.
    no_worse = found.chosen.profit <= found.stated.profit
    side = f"{percent(best.low)} to {percent(best.high)}"
    words = f"The policy approves a PD below {percent(mine)}; "
    words += f"the most profitable cutoff of the training side lies within {side}."
    if not within:
        differs = found.chosen.profit - found.stated.profit
        words += f" Here, by rules and PD alone, {percent(best.cutoff)} would have made "
        words += f"{_than(differs, record.currency)}."
    return Answer.told(asked, within or no_worse, words)


def _unseen(record: SimulationRecord) -> Answer:
    asked = ("Had the model not seen these applications?", "applications the model has seen")
    words = f"The applications are {record.split_words}."
    if not record.unseen:
        words += " A model flatters itself on what it was trained on: take the money as too high."
    return Answer.told(asked, record.unseen, words, no="No")


def _referred(record: SimulationRecord, found: Findings) -> Answer | None:
    if not found.walk.referred:
        return None
    share = percent(found.walk.referred / found.n)
    words = f"{found.walk.words} They are {share} of all; what a person decides moves the money."
    return Answer(
        question="What of the referred?",
        topic="those referred",
        mark="Lent to" if record.referred is Referred.APPROVED else "Not lent to",
        tone=Tone.WARN,
        words=words,
    )
