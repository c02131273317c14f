"""From a feature study to the page that tells it."""

from __future__ import annotations

from solvent.report.figures import count, moment
from solvent.report.page import Page
from solvent.report.render import optional
from solvent.report.study_method import method, sample
from solvent.report.study_record import StudyRecord
from solvent.report.study_summary import answers, note, tiles, verdict
from solvent.report.study_suspects import suspicious


def build_study(record: StudyRecord) -> Page:
    """Build the page: every figure written, every chart specified.

    Args:
        record: The study.

    Returns:
        The page, to be rendered or read by a test.

    Raises:
        MissingExtraError: the `train` extra is not installed.
    """
    optional("altair")
    from solvent.report.study_drivers import drivers, themes, uses
    from solvent.report.study_features import alike, cards, missing, ranking

    return Page(
        kind="feature study",
        title=record.title,
        subtitle="Feature study · what drives repayment",
        facts=_facts(record),
        tiles=tiles(record),
        verdict=verdict(record),
        answers=answers(record),
        note=note(),
        sections=(
            drivers(record),
            themes(record),
            uses(record),
            ranking(record),
            cards(record),
            missing(record),
            alike(record),
            suspicious(record),
            sample(record),
            method(record),
        ),
    )


def _facts(record: StudyRecord) -> tuple[tuple[str, str], ...]:
    when = f"{record.first} to {record.last}" if record.first else "the data have no times"
    return (
        ("Product", record.product),
        ("Made", moment(record.created_at)),
        ("Bad means", record.bad_words),
        ("Applications made", when),
        ("Outcomes watched until", moment(record.observed_until or "not stated")),
        ("Split", f"{record.split_words.partition(':')[0]}; test side {count(record.n_test)}"),
    )
