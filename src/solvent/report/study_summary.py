"""The first page of a study: figures, the answer in words, questions and answers."""

from __future__ import annotations

from solvent.report.figures import (
    count,
    counted,
    decimal,
    decimal_range,
    moment,
    percent,
)
from solvent.report.page import Answer, Tile, Tone
from solvent.report.study_record import Held, StudyRecord
from solvent.report.study_suspects import suspicions
from solvent.report.study_words import heading, small_heading

FEW_BADS = 200
SHOWN = 10


def tiles(record: StudyRecord) -> tuple[Tile, ...]:
    """Return the figures at the head of the page."""
    n = record.n_train + record.n_test
    real = sum(line.real for line in record.lines)
    short, names = record.short
    found = (
        Tile(label="Applications", value=count(n), note=f"{count(record.customers)} customers"),
        Tile(
            label="Bad rate",
            value=percent(record.bad_rate),
            note=f"{percent(record.bad_rate_test)} on the test side",
        ),
        Tile(
            label="Features looked at",
            value=count(len(record.lines)),
            note=f"{count(real)} tell more than chance",
            tone=Tone.PLAIN if real else Tone.WARN,
        ),
        Tile(
            label="Drivers",
            value=count(len(record.drivers)),
            note="each adds to those before it",
            tone=Tone.PLAIN if record.drivers else Tone.WARN,
        ),
        Tile(
            label="All together, AUC",
            value=decimal(record.together.auc),
            note=f"95 %: {decimal_range(record.together.low, record.together.high)}",
        ),
        Tile(
            label=f"{_number(len(names)).capitalize()} features alone, AUC",
            value=decimal(short.auc),
            note=f"{percent(_kept(record))} of what all tell",
        ),
    )
    return found if record.drivers else found[:-1]


def verdict(record: StudyRecord) -> str:
    """Return the study in a few sentences."""
    n = record.n_train + record.n_test
    when = f", made between {record.first} and {record.last}" if record.first else ""
    opening = f"Of {count(n)} applications{when}, about one in {_one_in(record.bad_rate)} went bad."
    if not record.drivers:
        return (
            f"{opening} None of {counted(len(record.lines), 'feature')} tells good from bad better "
            "than chance does when so many are looked at: there is nothing here to build on yet."
        )
    first, *others = record.themes
    theme = f"What tells most is the theme “{first.title}”"
    if others:
        theme += f", followed by “{others[0].title}”"
    strongest = " and ".join(f"“{small_heading(line)}”" for line in record.drivers[:2])
    return (
        f"{opening} {theme}. The strongest single {_plural(record)} {strongest}. All features "
        f"together put the bad one of a pair first {percent(record.together.auc)} of the time; "
        f"{_number(len(record.short[1]))} of them alone do so {percent(record.short[0].auc)} of "
        "the time."
    )


def answers(record: StudyRecord) -> tuple[Answer, ...]:
    """Return the questions a head of credit asks, answered."""
    return (_found(record), _confirmed(record), _suspects(record), _sample(record), _final(record))


def note() -> str:
    """Return how to take the summary."""
    return (
        "These are associations, not causes: somebody who is made to look like the safe group need "
        "not repay like it. Only loans that were granted have an outcome, so nothing is said of "
        "those who were turned away. Intervals are 95 %."
    )


def _found(record: StudyRecord) -> Answer:
    asked = ("Is there anything to find?", "what was found")
    real = sum(line.real for line in record.lines)
    words = (
        f"{count(real)} of {counted(len(record.lines), 'feature')} stand out more than any would "
        f"by chance ({count(record.shuffles)} shuffles of the outcomes)."
    )
    if record.drivers:
        words += (
            f" Many say the same: {counted(len(record.drivers), 'driver')} of repayment "
            f"{_are(record)} left, each adding something to those before it."
        )
    return Answer.told(asked, bool(record.drivers), words, no="No")


def _confirmed(record: StudyRecord) -> Answer:
    where = "later applications of other customers" if record.test_is_later else "other customers"
    asked = (f"Do the findings hold on {where}?", "how findings hold")
    top = record.drivers[:SHOWN]
    held = [line for line in top if line.held is Held.HELD]
    if not top:
        return Answer.told(asked, False, "There is no finding to confirm.", no="–")
    words = (
        f"{count(len(held))} of the {counted(len(top), 'strongest driver')} held on "
        f"{count(record.n_test)} {where}."
    )
    rest = [line for line in top if line.held is not Held.HELD]
    if rest:
        words += f" Not so: {'; '.join(f'{heading(line)} ({line.held})' for line in rest[:3])}."
    return Answer.told(asked, len(held) >= 0.8 * len(top), words)


def _suspects(record: StudyRecord) -> Answer:
    found = suspicions(record)
    leaks = {one.name for one in found if one.leak}
    passing = {one.name for one in found if not one.leak}
    asked = ("Is anything suspicious?", "what is suspicious")
    if not found:
        return Answer(
            question=asked[0], topic=asked[1], mark="No", tone=Tone.GOOD,
            words="No feature looks like a leak, and none turns round or moves far.",
        )  # fmt: skip
    parts = []
    if leaks:
        parts.append(f"{counted(len(leaks), 'finding')} that may know the outcome")
    if passing:
        parts.append(f"{counted(len(passing), 'feature')} that may not last")
    return Answer(
        question=asked[0], topic=asked[1], mark="Look" if leaks else "Some", tone=Tone.WARN,
        words=f"{' and '.join(parts).capitalize()}: see “What looks suspicious”.",
    )  # fmt: skip


def _sample(record: StudyRecord) -> Answer:
    bads = round(record.bad_rate * record.n_train)
    tested = round(record.bad_rate_test * record.n_test)
    words = (
        f"{count(bads)} bad applications among {count(record.n_train)} to find things on, "
        f"{count(tested)} among {count(record.n_test)} to confirm them on."
    )
    aside = record.usable - record.n_train - record.n_test
    if aside:
        words += (
            f" {count(aside)} more were set aside, so that no customer is both learnt from and "
            "tested on."
        )
    good = min(bads, record.n_train - bads, tested) >= FEW_BADS
    if not good:
        words += f" With fewer than {FEW_BADS} bads on a side only strong findings can be seen."
    return Answer.told(("Is the sample large enough?", "the small sample"), good, words)


def _final(record: StudyRecord) -> Answer:
    asked = ("Are the outcomes final?", "the outcomes")
    watched = f" Watched until {moment(record.observed_until)}." if record.observed_until else ""
    if record.bad_words.endswith("as given"):
        return Answer.told(
            asked, False, f"They are taken as given ({record.bad_words}).{watched}", no="As given"
        )
    words = f"Bad means: {record.bad_words}.{watched}"
    if record.immature:
        words += f" {counted(record.immature, 'application')} set aside as not final yet."
    return Answer.told(asked, True, words)


def _kept(record: StudyRecord) -> float:
    """Return the share of all features' Gini that the short list keeps, in [0, 1]."""
    reach = record.together.auc - 0.5
    return min(1.0, max(0.0, (record.short[0].auc - 0.5) / reach)) if reach > 0.0 else 0.0


def _one_in(rate: float) -> str:
    return decimal(1.0 / rate, 1).removesuffix(".0") if rate > 0.1 else count(round(1.0 / rate))


def _are(record: StudyRecord) -> str:
    return "is" if len(record.drivers) == 1 else "are"


def _plural(record: StudyRecord) -> str:
    return f"driver{'' if len(record.drivers) == 1 else 's'} {_are(record)}"


def _number(n: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[n] if n < len(words) else count(n)
