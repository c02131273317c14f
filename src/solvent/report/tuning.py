"""The chapter on tuning: which settings were tried, and what that was worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from solvent.models.technique import Range
from solvent.models.trials import State, Trial
from solvent.models.tuning import Tuned
from solvent.report.figures import NONE, count, counted, decimal, percent
from solvent.report.page import Cell, Chart, Column, Mark, Section, Table, Tone
from solvent.report.training import TrainingRecord

SHOWN = 10
"""Trials named, the best first."""
DIGITS = 5
PLAINLY = (1e-4, 1e9)
"""Settings between these are written without an exponent."""


def tuning(record: TrainingRecord) -> Section | None:
    """What was tried; None where nothing was tuned."""
    found = record.tuning
    if not found:
        return None
    many = len(found) > 1
    tables = [table for one in found for table in _tables(one, many=many)]
    return Section(
        anchor="tuning", heading="Which settings were tried",
        lead=(*tuning_sentences(found), _honesty(found)),
        charts=tuple(
            _chart(one, many=many) for one in found
            if one.best is not None and (len(one.trials) > 1 or not many)
        ),
        tables=((_overview(found), *tables) if many else tuple(tables)),
        reading=(
            ("Log loss", "error of the PDs out of fold, in nats; lower is better"),
            ("Given up", "did worse than the median of the trials before, so it was stopped early"),
        ),
    )  # fmt: skip


def tuning_sentences(found: Sequence[Tuned]) -> tuple[str, ...]:
    """Say what was tried and what it was worth.

    Args:
        found: Each search.
    """
    if len(found) == 1:
        return (f"{tuning_words(found[0])}.",)
    tried = counted(sum(len(one.trials) for one in found), "trial")
    searches = counted(len(found), "search", "searches")
    better = count(sum(bool(one.settings) for one in found))
    told = (
        f"{tried} of {searches}, which shared one budget: {better} of them found settings that did "
        "better than the technique as it comes."
    )
    return (told,)


def tuned_title(found: Tuned) -> str:
    """Return what was tuned, and for whom, in words.

    Args:
        found: The search.
    """
    title = found.title or found.technique.replace("_", " ")
    return f"{title}, for {found.whom}" if found.whom else title


def tuning_words(found: Tuned) -> str:
    """Say what was tried and what it was worth, in a sentence without its full stop.

    Args:
        found: The search.
    """
    best, first = found.best, next(iter(found.trials), None)
    if found.words:
        return f"not tuned: {found.words}"
    tried = counted(len(found.trials), "trial")
    if tried != found.budget:
        tried += f" within {found.budget}"
    if best is None or first is None:
        return f"{tried}, none of them finished"
    if best.number == 0:
        return f"{tried}: none did better than the technique as it comes, so it was left so"
    return (
        f"{tried}: log loss out of fold {decimal(best.loss, DIGITS)} with the settings chosen, "
        f"{decimal(first.loss, DIGITS)} as the technique comes"
    )


def setting_words(value: float) -> str:
    """A setting as a person reads it.

    >>> setting_words(20), setting_words(0.0123456), setting_words(36742.04), setting_words(1e-7)
    ('20', '0.01235', '36,740', '1e-07')
    """
    if isinstance(value, int):
        return f"{value:,}"
    short = float(f"{value:.4g}")
    return f"{short:,.15g}" if PLAINLY[0] <= abs(short) < PLAINLY[1] else f"{short:g}"


def _overview(found: Sequence[Tuned]) -> Table:
    return Table(
        title="What was tuned",
        columns=(
            Column(title="Technique", width=30),
            Column(title="Trials", numeric=True),
            Column(title="Log loss as it comes", numeric=True),
            Column(title="with the settings chosen", numeric=True),
            Column(title=""),
        ),
        rows=tuple(
            (
                Cell(text=one.title or one.technique, small=one.whom and f"for {one.whom}"),
                Cell(text=count(len(one.trials))),
                Cell(text=decimal(one.trials[0].loss, DIGITS) if one.best else NONE),
                Cell(text=decimal(one.best.loss, DIGITS) if one.best else NONE),
                Cell(text=_ended(one)),
            )
            for one in found
        ),
    )


def _ended(found: Tuned) -> str:
    if found.words:
        return tuning_words(found)
    if found.stopped:
        return "stopped by a person"
    return "" if found.settings else "left as it comes"


def _tables(found: Tuned, *, many: bool) -> tuple[Table, ...]:
    if not many:
        return (_chosen(found), _importance(found), _trials(found))
    if not found.trials:
        return ()
    title = tuned_title(found)
    tables = (_chosen(found), _trials(found))
    return tuple(replace(one, title=f"{title}: {one.title.lower()}") for one in tables)


def _honesty(found: Sequence[Tuned]) -> str:
    folds = counted(max(one.folds for one in found), "fold")
    return (
        f"Each trial was judged on {folds} of training applications that its models had not seen; "
        "the best of many flatters itself, so the figures of the test are the ones to trust."
    )


def _chart(found: Tuned, *, many: bool) -> Chart:
    from solvent.report.tuning_chart import losses

    best = found.best
    given_up = sum(trial.state is State.PRUNED for trial in found.trials)
    reached = (
        "" if best is None else f"The best, trial {best.number}, has {decimal(best.loss, 5)}; "
    )
    return Chart(
        name="-".join(filter(None, ("tuning-trials", found.link, found.technique if many else ""))),
        title=f"{tuned_title(found)}: log loss out of fold, trial by trial" if many
        else "Log loss out of fold, trial by trial",
        wide=True,
        sentence=f"{reached}{counted(given_up, 'trial was', 'trials were')} given up early.",
        keys=(
            (Mark.ACCENT, "a trial"),
            (Mark.WARN, "the one chosen"),
            (Mark.GREY, "best so far"),
            (Mark.DASHED, "the technique as it comes"),
            (Mark.INK, "given up early"),
        ),
        spec=losses(found),
    )  # fmt: skip


def _chosen(found: Tuned) -> Table:
    settings = found.settings
    return Table(
        title="Settings chosen",
        columns=(
            Column(title="Setting", width=34),
            Column(title="Chosen", numeric=True),
            Column(title="Searched from", numeric=True),
            Column(title="to", numeric=True),
        ),
        rows=tuple(
            (
                Cell(text=name),
                Cell(text=setting_words(settings[name]) if name in settings else "as it comes"),
                Cell(text=_end(one, one.low)),
                Cell(text=_end(one, one.high)),
            )
            for name, one in sorted(found.space.items())
        ),
        half=True,
    )


def _end(one: Range, value: float) -> str:
    return setting_words(int(value) if one.whole else value)


def _importance(found: Tuned) -> Table:
    ranked = sorted(found.importance.items(), key=lambda pair: (-pair[1], pair[0]))
    return Table(
        title="Which settings matter",
        columns=(
            Column(title="Setting", width=44),
            Column(title="Share of what moves the log loss"),
        ),
        rows=tuple(
            (Cell(text=name), Cell(text=percent(share), bar=share)) for name, share in ranked
        ),
        empty="Too few trials were finished to tell.",
        note="Rough where trials are few." if ranked else "",
        half=True,
    )


def _trials(found: Tuned) -> Table:
    ranked = sorted(found.trials, key=lambda trial: (trial.loss, trial.number))
    names = sorted(found.space)
    best = found.best
    return Table(
        title=f"The best {min(SHOWN, len(ranked))} of {counted(len(ranked), 'trial')}",
        columns=(
            Column(title="Trial", width=14),
            Column(title="Log loss", numeric=True),
            *(Column(title=name.replace("_", " "), numeric=True) for name in names),
            Column(title="How it ended"),
        ),
        rows=tuple(_trial(trial, names, trial is best) for trial in ranked[:SHOWN]),
        note="The others are in the model's manifest.json." if len(ranked) > SHOWN else "",
        empty="No trial was made.",
    )


def _trial(trial: Trial, names: list[str], chosen: bool) -> tuple[Cell, ...]:
    ends = {State.DONE: "finished", State.PRUNED: "given up", State.FAILED: "failed"}
    words = "chosen" if chosen else ends[trial.state]
    early = "" if trial.state is State.DONE else f"after {counted(len(trial.losses), 'fold')}"
    return (
        Cell(text=count(trial.number), small="as it comes" if trial.number == 0 else ""),
        Cell(text=decimal(trial.losses[-1], DIGITS) if trial.losses else NONE),
        *(
            Cell(text=setting_words(trial.settings[name]) if name in trial.settings else NONE)
            for name in names
        ),
        Cell(text=words, tone=Tone.GOOD if chosen else Tone.PLAIN, small=trial.words or early),
    )
