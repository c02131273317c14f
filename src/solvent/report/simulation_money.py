"""The chapters of a simulation with drawings: money over time, the cutoff, the ranking.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

import numpy as np

from solvent.metrics import RocPoint, auc_interval, roc_curve
from solvent.report import charts, simulation_charts
from solvent.report.figures import (
    confidence,
    count,
    counted,
    decimal,
    earned,
    money,
    percent,
)
from solvent.report.page import Cell, Chart, Column, Mark, Section, Table
from solvent.report.simulation_charts import Marks
from solvent.report.simulation_findings import Findings
from solvent.report.simulation_record import SimulationRecord
from solvent.simulate import Point

WIDE_MONTHS = 18
SAME = 0.005


def course(record: SimulationRecord, found: Findings) -> Section:
    """The money as it came in, and what it is made of."""
    made, ways = found.walk, found.ways
    low = (
        f"At its lowest it was {money(-made.lowest, record.currency)} down, after "
        f"{counted(made.lowest_after, 'application')}."
        if made.lowest < 0.0
        else "At no moment was it below zero."
    )
    words = f"Decided one after the other, the applications {earned(ways.policy, record.currency)}."
    return Section(
        anchor="money",
        heading="The money, applicant by applicant",
        lead=(f"{words} {low}",),
        charts=_course_charts(record, found),
        tables=(_ways(record, found),),
    )


def cutoff(record: SimulationRecord, found: Findings) -> Section:
    """What other cutoffs would have done."""
    best = record.best
    marks = Marks(policy=record.cutoffs.approve_below)
    if best is not None:
        marks = Marks(policy=marks.policy, best=best.cutoff, low=best.low, high=best.high)
    points = _shown(found, marks)
    keys: tuple[tuple[Mark, str], ...] = ((Mark.INK, f"Policy, {percent(marks.policy)}"),)
    if best is not None:
        label = (
            f"Best of training, {percent(best.cutoff)}; {confidence(best.level)} interval shaded"
        )
        keys = (*keys, (Mark.DASHED, label))
    hindsight = found.sweep.best_point
    curve = Chart(
        name="cutoff-chart",
        title="Money by cutoff",
        sentence=f"In hindsight {percent(hindsight.cutoff)} would have been best here: "
        f"{money(hindsight.profit, record.currency)}.",
        keys=((Mark.ACCENT, "Money made"), *keys),
        spec=simulation_charts.profit_by_cutoff(points, marks, record.currency),
    )
    rates = Chart(
        name="rates-chart",
        title="Approvals and bad loans by cutoff",
        sentence=f"The policy's cutoff approves {percent(found.stated.approval_rate)}; "
        f"{percent(found.stated.bad_rate)} of them went bad.",
        keys=((Mark.ACCENT, "Approval rate"), (Mark.WARN, "Bad rate of approved"), *keys),
        spec=simulation_charts.rates_by_cutoff(points, marks),
    )
    return Section(
        anchor="cutoff",
        heading="Where the cutoff stands",
        lead=_cutoff_lead(record, found),
        charts=(curve, rates),
        tables=(_cutoffs(record, found),),
        reading=(
            ("Cutoff", "a PD below it is approved, unless a rule stops the application"),
            (
                "Best of training",
                "chosen without looking at these applications, so it may be judged on them",
            ),
            ("In hindsight", "chosen on these applications: no policy can know it beforehand"),
        ),
    )


def ranking(record: SimulationRecord, found: Findings) -> Section:
    """How well the model ranks these applications, and where the policy stands."""
    made, table = record.decided, found.confusion
    bads = table.tp + table.fn
    heading, anchor = "How the model ranks these applications", "ranking"
    if min(bads, found.n - bads) < 2:
        words = f"{counted(bads, 'application')} of {count(found.n)} went bad: no ROC curve exists."
        return Section(anchor=anchor, heading=heading, lead=(words,))
    auc = auc_interval(made.pd, made.bad)
    at = RocPoint(
        cutoff=table.cutoff,
        false_positive_rate=table.fp / (table.fp + table.tn),
        recall=table.tp / bads,
    )
    words = (
        f"The AUC is {decimal(auc.auc)} ({decimal(auc.low)} to {decimal(auc.high)} with "
        f"{confidence(auc.level)} confidence): that often a bad application has a higher PD than "
        "a good one."
    )
    mean = f"Bads have a mean PD of {percent(float(made.pd[made.bad].mean()))}, goods of "
    return Section(
        anchor=anchor,
        heading=heading,
        lead=(words,),
        charts=(
            Chart(
                name="roc-chart",
                title="ROC: bads caught against goods lost",
                sentence=f"The policy, rules included, catches {percent(at.recall)} of the bads "
                f"and turns away {percent(at.false_positive_rate)} of the goods.",
                keys=(
                    (Mark.ACCENT, f"Model, AUC {decimal(auc.auc)}"),
                    (Mark.WARN, "Policy"),
                    (Mark.DASHED, "Blind guess"),
                ),
                spec=charts.roc(roc_curve(made.pd, made.bad), at),
            ),
            Chart(
                name="spread-chart",
                title="Spread of PDs",
                sentence=f"{mean}{percent(float(made.pd[~made.bad].mean()))}. The less the two "
                "overlap, the better.",
                keys=((Mark.ACCENT, "Goods"), (Mark.WARN, "Bads")),
                spec=charts.distribution(made.pd, made.bad, None),
            ),
        ),
    )


def _course_charts(record: SimulationRecord, found: Findings) -> tuple[Chart, ...]:
    made, ways, currency = found.walk, found.ways, record.currency
    running = Chart(
        name="course-chart",
        title="Money so far",
        sentence=f"It ends at {money(ways.policy, currency)}; approving everybody at "
        f"{money(ways.approve_all, currency)}, perfect foresight at "
        f"{money(ways.perfect, currency)}.",
        keys=((Mark.ACCENT, "Policy"), (Mark.WARN, "Approving all"), (Mark.GREY, "Foresight")),
        spec=simulation_charts.money_so_far(made.steps, currency),
    )
    if 1 < len(made.months) <= WIDE_MONTHS:
        best = max(made.months, key=lambda each: each.policy)
        second = Chart(
            name="months-chart",
            title="Money by month",
            sentence=f"The best month was {best.month}: {money(best.policy, currency)}.",
            keys=((Mark.ACCENT, "Gain of the month"), (Mark.WARN, "Loss of the month")),
            spec=simulation_charts.by_month(made.months, currency),
        )
    else:
        second = _parts_chart(record, found)
    return running, second


def _parts_chart(record: SimulationRecord, found: Findings) -> Chart:
    made, currency = found.components, record.currency
    sums = [("Good loans", made.good_loans), ("Bad loans", made.bad_loans)]
    if made.applications:
        sums.insert(0, ("Without loans", made.applications))
    sums.append(("Together", made.total))
    return Chart(
        name="parts-chart",
        title="Where the money comes from",
        sentence=f"Over not lending, good loans brought {money(made.good_loans, currency)} and bad "
        f"loans {money(made.bad_loans, currency)}.",
        keys=((Mark.ACCENT, "Gain"), (Mark.WARN, "Loss")),
        spec=simulation_charts.parts(sums, currency),
    )


def _ways(record: SimulationRecord, found: Findings) -> Table:
    ways, n = found.ways, found.n
    worth, bad = record.decided.worth, record.decided.bad
    better = np.where(
        bad, worth.bad_approved > worth.bad_declined, worth.good_approved > worth.good_declined
    )
    lines = (
        ("The policy", "as decided here", record.lent, ways.policy),
        ("Approving everybody", "no model, no rule", np.ones(n, np.bool_), ways.approve_all),
        ("Approving nobody", "no loan is made", np.zeros(n, np.bool_), ways.decline_all),
        ("Perfect foresight", "only those worth it, outcomes known", better, ways.perfect),
    )
    titles = ["Lent to", *[f"Lent, {record.currency}"] * record.lends_amounts]
    titles += [f"Money made, {record.currency}", "Per 1,000 applications"]
    return Table(
        title="Four ways to decide",
        columns=(
            Column(title="Way", width=34),
            *(Column(title=each, numeric=True) for each in titles),
        ),
        rows=tuple(
            (
                Cell(text=name, small=small),
                Cell(text=count(int(np.count_nonzero(rows)))),
                *[Cell(text=money(float(worth.amount[rows].sum())))] * record.lends_amounts,
                Cell(text=money(made)),
                Cell(text=money(1000.0 * made / n)),
            )
            for name, small, rows, made in lines
        ),
    )


def _shown(found: Findings, marks: Marks) -> tuple[Point, ...]:
    """Leave out the long tail of cutoffs that change next to nothing; keep what is marked."""
    swept = found.sweep
    points, last = swept.points, swept.pd.size
    if last == 0:
        return points
    place = int(np.searchsorted(swept.approved, 0.99 * float(swept.approved[-1])))
    tail = float(swept.pd[min(place, last - 1)])
    # A cutoff of 1 approves everybody; in hindsight alone it is no reason to draw so far.
    best = swept.best_point.cutoff
    held = max(tail, marks.policy, marks.high, marks.best or 0.0, best if best < 1.0 else 0.0)
    end = min(1.0, 1.05 * held)
    return (*(each for each in points if each.cutoff < end), swept.at(end))


def _cutoff_lead(record: SimulationRecord, found: Findings) -> tuple[str, ...]:
    best, told = record.best, []
    if best is None:
        told.append("No cutoff was sought on the training side, so there is none to compare with.")
    else:
        told.append(
            f"The most profitable cutoff, chosen on {record.best_words}, is "
            f"{percent(best.cutoff)} ({percent(best.low)} to {percent(best.high)} with "
            f"{confidence(best.level)} confidence: the data cannot tell those apart)."
        )
    apart = abs(found.stated.profit - found.ways.policy)
    if apart > SAME * max(abs(found.stated.profit), abs(found.ways.policy)):
        told.append(
            "The curve decides by rules and PD alone. With bands, amounts and those referred, the "
            f"policy itself {earned(found.ways.policy, record.currency)}."
        )
    return tuple(told)


def _cutoffs(record: SimulationRecord, found: Findings) -> Table:
    lines: list[tuple[str, str, Point]] = [("The policy's", "", found.stated)]
    if record.best is not None and found.chosen is not None:
        side = f"{percent(record.best.low)} to {percent(record.best.high)}"
        lines.append(("Best of training", side, found.chosen))
    lines.append(("Best here, in hindsight", "", found.sweep.best_point))
    titles = ("Cutoff", "Approved", "Bad rate", "Bads caught")
    return Table(
        title="Cutoffs on these applications, by rules and PD alone",
        columns=(
            Column(title="", width=24),
            *(Column(title=title, numeric=True) for title in titles),
            Column(title=f"Money made, {record.currency}", numeric=True, width=20),
        ),
        rows=tuple(
            (
                Cell(text=name, small=small),
                Cell(text=percent(point.cutoff)),
                Cell(text=percent(point.approval_rate), small=count(point.approved)),
                Cell(text=percent(point.bad_rate)),
                Cell(text=percent(point.recall)),
                Cell(text=money(point.profit)),
            )
            for name, small, point in lines
        ),
    )
