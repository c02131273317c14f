"""The chapters on the sample and on how a study was made."""

from __future__ import annotations

from solvent.report.figures import count, counted, moment
from solvent.report.page import Cell, Column, Section, Table
from solvent.report.provenance import funnel_table, refusal_table
from solvent.report.study_record import StudyRecord
from solvent.report.tables import fingerprints, pairs


def sample(record: StudyRecord) -> Section:
    """Which applications were looked at."""
    aside = record.usable - record.n_train - record.n_test
    words = [
        (
            f"The split is {record.split_words}: {count(record.n_train)} applications to find "
            f"things on, {count(record.n_test)} to confirm them on."
        )
    ]
    if record.immature:
        words.append(
            f"{counted(record.immature, 'application')} set aside as immature: whether they go bad "
            "is not final yet, and calling them good would flatter every finding."
        )
    if aside:
        words.append(
            f"{count(aside)} set aside so that no customer stands on both sides. They differ from "
            "the others only in that their customer came back."
        )
    return Section(
        anchor="sample",
        heading="Who was looked at",
        lead=tuple(words),
        tables=(funnel_table(record.funnel), refusal_table(record.refusals)),
    )


def method(record: StudyRecord) -> Section:
    """How the figures were made, and what repeats them."""
    run = (
        ("Product", record.product),
        ("Made", moment(record.created_at)),
        ("Definition of bad", record.bad_words),
        ("Seed", str(record.seed)),
        ("Shuffles", count(record.shuffles)),
        ("product.py, SHA-256", record.product_digest[:12]),
        ("To repeat it", record.command),
    )
    return Section(
        anchor="method",
        heading="How it was made",
        lead=(
            (
                "Every value is what was known at the moment of its application. Groups of a "
                "number hold about as many applications each, with edges moved to round numbers "
                "where that moves hardly anybody; rare labels (below 2 %, or 40 applications) are "
                "put together, and of a group below 10 nothing is told: no group shows a single "
                "person. What is not known is a group of its own. Everything is learnt on the "
                "training side; the test side only confirms."
            ),
            (
                "The names for the size of an IV and a PSI are conventions of the trade, not "
                "tests. AUC intervals are DeLong's and take applications as independent; those of "
                "IV are by the delta method, customer by customer."
            ),
        ),
        tables=(
            fingerprints(record.sources),
            pairs("Run", run),
            pairs("Software", tuple(sorted(record.versions.items()))),
            _left_out(record),
        ),
    )


def _left_out(record: StudyRecord) -> Table:
    rows = [(name, "protected: its values never enter") for name in record.protected]
    return Table(
        title="Left out",
        columns=(Column(title="Column, feature or table", width=50), Column(title="Why")),
        rows=tuple((Cell(text=name), Cell(text=why)) for name, why in (*rows, *record.left_out)),
        empty="Nothing declared was left out, and no attribute is protected.",
        half=True,
    )
