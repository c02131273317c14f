"""From a training run to the page that tells it."""

from __future__ import annotations

from solvent.report.chain import chain
from solvent.report.contest import contest
from solvent.report.fairness import fairness
from solvent.report.figures import count, moment
from solvent.report.page import Page
from solvent.report.provenance import features, figures, funnel, gate, provenance
from solvent.report.render import optional
from solvent.report.scorecard import scorecards
from solvent.report.selection import selection
from solvent.report.shapes import shapes
from solvent.report.summary import answers, note, tiles, verdict
from solvent.report.training import TrainingRecord
from solvent.report.tuning import tuning


def build(record: TrainingRecord) -> Page:
    """Build the page: every figure computed and written, every chart specified.

    Args:
        record: The training run.

    Returns:
        The page, to be rendered or read by a test.

    Raises:
        MissingExtraError: the `train` extra is not installed.
        MetricError: a figure cannot be computed from the test rows.
    """
    optional("altair")
    from solvent.report.performance import calibration, cutoff, ranking, reachable, time

    chapters = (
        funnel(record),
        ranking(record),
        chain(record),
        reachable(record),
        calibration(record),
        time(record),
        cutoff(record),
        fairness(record),
        *scorecards(record),
        *shapes(record),
        features(record),
        selection(record),
        contest(record),
        tuning(record),
        gate(record),
        figures(record),
        provenance(record),
    )
    return Page(
        kind="train report",
        title=record.title,
        subtitle=f"Train report · {record.technique} · version {record.version}",
        facts=_facts(record),
        tiles=tiles(record),
        verdict=verdict(record),
        answers=answers(record),
        note=note(record),
        sections=tuple(chapter for chapter in chapters if chapter is not None),
    )


def _facts(record: TrainingRecord) -> tuple[tuple[str, str], ...]:
    return (
        ("Product", record.product),
        ("Trained", moment(record.created_at)),
        ("Bad means", record.bad_words),
        ("Split", record.split_words.partition(":")[0]),
        ("Outcomes watched until", moment(record.observed_until or "not stated")),
        ("Test applications", count(record.validation.n)),
    )
