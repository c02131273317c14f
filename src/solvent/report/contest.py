"""The chapter on the techniques that were tried on the way to the model."""

from __future__ import annotations

from solvent.models import Contender
from solvent.report.figures import NONE, count, counted, decimal
from solvent.report.page import Cell, Column, Section, Table, Tone
from solvent.report.training import TrainingRecord


def contest(record: TrainingRecord) -> Section | None:
    """How the techniques did beside each other; None where there was only one."""
    contests = contests_of(record)
    if not contests:
        return None
    return Section(
        anchor="contest",
        heading="Techniques tried",
        lead=tuple(f"{whom}{words}" for whom, found in contests for words in contest_words(found)),
        tables=tuple(_table(found, whom.removesuffix(": ")) for whom, found in contests),
        reading=(
            ("Log loss", "cost of being surely wrong, on applications not learnt from; lower wins"),
            ("Behind", "how much higher than the lowest, ± one standard error over customers"),
            ("Weight", "of the technique's log-odds in the blend"),
        ),
    )


def contests_of(record: TrainingRecord) -> tuple[tuple[str, tuple[Contender, ...]], ...]:
    """Return each contest there was, after whom its model is for; empty words for one model.

    Args:
        record: Of the training.
    """
    links = [(f"Model for {link.words}: ", link.contest) for link in record.links]
    return tuple((whom, found) for whom, found in (("", record.contest), *links) if found)


def contest_words(found: tuple[Contender, ...]) -> tuple[str, ...]:
    """Say in sentences what became of the contest."""
    tried = [one for one in found if one.log_loss is not None]
    how = f"{counted(len(tried), 'technique was', 'techniques were')} tried on the same folds"
    absent = len(found) - len(tried)
    lost = f", {count(absent)} more could not be" if absent else ""
    chosen = next((one for one in tried if one.chosen), None)
    if chosen is None:
        used = counted(sum(bool(one.weight) for one in tried), "of them has", "of them have")
        return (f"{how}{lost}. {used} weight in the model.",)
    return (f"{how}{lost}. The model is {chosen.title}: {chosen.why}.",)


def contest_rows(found: tuple[Contender, ...]) -> tuple[tuple[str, ...], ...]:
    """Return each technique's figures as texts: AUC, log loss, behind, weight, seconds, why."""
    return tuple(
        (
            one.title,
            decimal(one.auc, 4),
            decimal(one.log_loss, 5),
            NONE if not one.behind else f"{decimal(one.behind, 5)} ± {decimal(one.error, 5)}",
            decimal(one.weight),
            decimal(one.seconds, 1),
            one.why,
        )
        for one in found
    )


WIDTHS = (19, 8, 10, 19, 8, 12, None)
HEADINGS = ("Technique", "AUC", "Log loss", "Behind", "Weight", "CPU seconds", "")


def _table(found: tuple[Contender, ...], title: str) -> Table:
    return Table(
        title=title,
        columns=tuple(
            Column(title=title, numeric=bool(place) and bool(title), width=width)
            for place, (title, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True))
        ),
        rows=tuple(
            tuple(
                Cell(text=text, tone=Tone.GOOD if one.chosen and not place else Tone.PLAIN)
                for place, text in enumerate(texts)
            )
            for one, texts in zip(found, contest_rows(found), strict=True)
        ),
        note="Out of fold: each training application is judged by models, and a calibration, that "
        "had not seen its customer. The test applications chose nothing.",
    )
