"""From a simulation to the page that tells it."""

from __future__ import annotations

from solvent.report.figures import counted, moment, percent
from solvent.report.page import Page
from solvent.report.render import optional
from solvent.report.simulation_findings import find
from solvent.report.simulation_record import SimulationRecord
from solvent.report.simulation_summary import answers, note, tiles, verdict
from solvent.report.simulation_tables import (
    economics,
    limits,
    months,
    provenance,
    reasons,
    refusals,
    verdicts,
)


def build_simulation(record: SimulationRecord) -> Page:
    """Build the page: every figure computed and written, every chart specified.

    Args:
        record: The simulation.

    Returns:
        The page, to be rendered or read by a test.

    Raises:
        MissingExtraError: the `train` extra is not installed.
        MetricError: a figure cannot be computed from the applications.
    """
    optional("altair")
    from solvent.report.simulation_money import course, cutoff, ranking

    found = find(record)
    return Page(
        kind="simulation",
        title=record.title,
        subtitle=f"Simulation · policy {record.policy_name} · model version {record.model_version}",
        facts=_facts(record),
        tiles=tiles(record, found),
        verdict=verdict(record, found),
        answers=answers(record, found),
        note=note(),
        sections=(
            course(record, found),
            cutoff(record, found),
            verdicts(record, found),
            ranking(record, found),
            months(record, found),
            refusals(record, found),
            reasons(record),
            economics(record, found),
            limits(record, found),
            provenance(record),
        ),
    )


def _facts(record: SimulationRecord) -> tuple[tuple[str, str], ...]:
    below = f"a PD below {percent(record.cutoffs.approve_below)}"
    stops = f", unless one of {counted(len(record.rules), 'rule')} stops it" if record.rules else ""
    return (
        ("Product", record.product),
        ("Simulated", moment(record.created_at)),
        ("Bad means", record.bad_words),
        ("Approves", f"{below}{stops}"),
        ("Applications", record.split_words.partition(":")[0]),
        ("Money in", record.currency),
    )
