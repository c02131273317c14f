"""The chapters of a simulation without drawings: verdicts, months, refusals, money, limits."""

from __future__ import annotations

import math

import numpy as np

from solvent.domain import Verdict
from solvent.report.figures import count, counted, earned, fingerprint, moment, money, percent
from solvent.report.page import Cell, Column, Section, Table
from solvent.report.simulation_findings import Findings
from solvent.report.simulation_record import ReasonLine, RuleLine, SimulationRecord
from solvent.report.tables import crossed, fingerprints, pairs, rates
from solvent.report.training import BoolArray
from solvent.simulate import Cell as Sums
from solvent.simulate import Month

MOST_MONTHS = 24
TERMS = (
    "Everybody approved is taken to accept, and pays here as under the historical terms; another "
    "price or amount would change who accepts and who repays."
)
RATES = (
    ("Recall", "of those who went bad were not lent to"),
    ("Precision", "of those not lent to went bad"),
    ("F1", "balance of recall and precision"),
    ("Accuracy", "of verdicts fit the outcome"),
    ("Specificity", "of those who stayed good were lent to"),
)


def verdicts(record: SimulationRecord, found: Findings) -> Section:
    """What each pairing of verdict and outcome brought."""
    table, currency = found.matrix, record.currency
    lead = (
        f"Lent to and repaid: {counted(table.good_approved.n, 'application')}, which "
        f"{earned(table.good_approved.money, currency)}. Lent to and gone bad: "
        f"{count(table.bad_approved.n)}, which {earned(table.bad_approved.money, currency)}. "
        f"Turned away: {count(table.bad_declined.n)} who went bad and "
        f"{count(table.good_declined.n)} who stayed good."
    )
    return Section(
        anchor="verdicts",
        heading="Whom it lent to, and what became of them",
        lead=(lead,),
        tables=(
            _other_way(record, found),
            _matrix(found, currency),
            rates("Rates of these verdicts", found.confusion, RATES),
        ),
    )


def months(record: SimulationRecord, found: Findings) -> Section:
    """The figures of each month."""
    heading, anchor, told = "Month by month", "months", found.walk.months
    if not told:
        words = "No times are declared, so applications are told in the order they stand in."
        return Section(anchor=anchor, heading=heading, lead=(words,))
    lost = [each for each in told if each.policy < 0.0]
    worst = min(told, key=lambda each: each.policy)
    lead = (
        f"It lost money in {counted(len(lost), 'month')} of {len(told)}, most in {worst.month}: "
        f"{money(-worst.policy, record.currency)}."
        if lost
        else f"It lost money in none of {counted(len(told), 'month')}; the weakest was "
        f"{worst.month} with {money(worst.policy, record.currency)}."
    )
    columns = ["Lent to", "Referred", "Bad rate of those lent to"]
    columns += ["Lent"] * record.lends_amounts + ["Policy", "Approving all", "Foresight"]
    return Section(
        anchor=anchor,
        heading=heading,
        lead=(lead,),
        tables=(
            Table(
                title=f"Figures by month, money in {record.currency}",
                columns=(
                    Column(title="Month", width=9),
                    Column(title="Applications", numeric=True, width=14),
                    *(Column(title=title, numeric=True) for title in columns),
                ),
                rows=tuple(_month(each, lent=record.lends_amounts) for each in told),
                folded=len(told) > MOST_MONTHS,
                note="Months are those of the applications, in UTC; the money comes later.",
            ),
        ),
    )


def refusals(record: SimulationRecord, found: Findings) -> Section:
    """Who was not approved, and why."""
    made = record.decided
    by_rule = record.barred
    groups = [
        ("Declined: PD too high", made.given(Verdict.DECLINE) & ~by_rule),
        (
            "Referred: PD between the cutoffs, or no amount fits",
            made.given(Verdict.REFER) & ~by_rule,
        ),
    ]
    lines = [_group(record, title, "", rows) for title, rows in groups if rows.any()]
    lines += [_rule(record, rule) for rule in record.rules]
    turned = found.walk.declined + found.walk.referred
    lead = (
        f"{counted(turned, 'application')} of {count(found.n)} were not approved: "
        f"{count(found.walk.declined)} declined, {count(found.walk.referred)} referred. "
        f"Rules caught {count(int(np.count_nonzero(by_rule)))} of them."
    )
    return Section(
        anchor="refusals",
        heading="Who was not approved, and why",
        lead=(lead,),
        tables=(
            Table(
                title="Why",
                columns=(
                    Column(title="Reason", width=38),
                    Column(title="Applications", numeric=True, width=15),
                    Column(title="Share", numeric=True),
                    Column(title="Went bad", numeric=True),
                    Column(
                        title="Lending to them would have changed the money by",
                        numeric=True,
                        width=24,
                    ),
                ),
                rows=tuple(lines),
                empty="Everybody was approved.",
                note="Several rules may catch one application, which is then counted in each."
                if len(record.rules) > 1
                else "",
            ),
            _alternatives(record),
        ),
    )


def reasons(record: SimulationRecord) -> Section:
    """Whether the reasons that are told hold, and hang on whom applicants are compared with."""
    told = sum(line.told for line in record.reasons)
    faithful = sum(line.faithful for line in record.reasons)
    holds = (
        f"Of {counted(told, 'tested applicant')} whom the PD alone declines, the reason told "
        f"first holds for {percent(faithful / told if told else None)}: with what it speaks of set "
        "to what it is in the reference group, and all else as it is, the PD does not rise."
    )
    agree = (
        "Reasons are told against one group. The table says how often the same applicants would "
        "hear the same first reason, and the same reasons in any order, against the other."
    )
    titles = ("Declined", "Same first reason", "Same reasons", "Strongest holds", "First holds")
    return Section(
        anchor="reasons",
        heading="Whether the reasons hold",
        lead=(holds, agree) if told else (),
        tables=(
            Table(
                title="Reasons against both reference groups",
                columns=(
                    Column(title="Compared with, and with the other", width=44),
                    *(Column(title=title, numeric=True) for title in titles),
                ),
                rows=tuple(_reasoned(line) for line in record.reasons),
                empty="Features without a reason text: nothing can be told of a refusal.",
            ),
        ),
    )


def _reasoned(line: ReasonLine) -> tuple[Cell, ...]:
    def share(part: int, whole: int) -> Cell:
        return Cell(text=percent(part / whole if whole else None))

    return (
        Cell(text=line.words, small=f"or {line.second_words}"),
        Cell(text=count(line.n)),
        share(line.same_first, line.n),
        share(line.same_all, line.n),
        share(line.strongest, line.told),
        share(line.faithful, line.told),
    )


def economics(record: SimulationRecord, found: Findings) -> Section:
    """The figures the money is counted with, and what it is made of."""
    made, currency = found.components, record.currency
    parts = [
        ("Without any loan", money(made.applications, currency)),
        ("Good loans add", money(made.good_loans, currency)),
        ("Bad loans add", money(made.bad_loans, currency)),
        ("Together", money(made.total, currency)),
    ]
    if record.lends_amounts:
        parts.append(("Lent in all", money(made.lent, currency)))
    return Section(
        anchor="economics",
        heading="What the money is counted with",
        lead=("These are the policy's own figures; wrong ones make every sum above wrong.",),
        tables=(pairs("Economics", record.economics), pairs("What it adds up to", parts)),
    )


def limits(record: SimulationRecord, found: Findings) -> Section:
    """What was assumed, and what the figures cannot say."""
    said = (
        record.outcomes_words,
        found.walk.words,
        "Safer products offered instead earn nothing here, although some would be taken up."
        if record.alternatives
        else "",
        TERMS,
        "Nothing is discounted: money that comes or goes later counts as if it were today's.",
        *record.limits,
    )
    return Section(
        anchor="limits",
        heading="Assumptions and limits",
        lead=tuple(words for words in said if words),
    )


def provenance(record: SimulationRecord) -> Section:
    """Which model, policy, data and software the figures come from."""
    run = (
        ("Product", record.product),
        ("Model version", record.model_version),
        ("Technique", record.technique),
        ("Policy", record.policy_name),
        ("Policy version", record.policy_version),
        ("Policy digest", fingerprint(record.policy_digest)),
        ("Simulated", moment(record.created_at)),
        ("Definition of bad", record.bad_words),
    )
    return Section(
        anchor="provenance",
        heading="Where it comes from",
        lead=("With the same model, policy and data the simulation can be repeated.",),
        tables=(
            fingerprints(record.sources),
            pairs("Simulation", run),
            pairs("Software", tuple(sorted(record.versions.items()))),
        ),
    )


def _month(each: Month, *, lent: bool) -> tuple[Cell, ...]:
    texts = [each.month, count(each.n), count(each.approved), count(each.referred)]
    texts += [percent(each.bad_rate)] + [money(each.lent)] * lent
    texts += [money(made) for made in (each.policy, each.approve_all, each.perfect)]
    return tuple(Cell(text=text) for text in texts)


def _other_way(record: SimulationRecord, found: Findings) -> Table:
    made, lent = record.decided, record.lent
    other = np.where(
        lent,
        np.where(made.bad, made.worth.bad_declined, made.worth.good_declined),
        np.where(made.bad, made.worth.bad_approved, made.worth.good_approved),
    )
    table = found.matrix
    lines = (
        ("Lent to, repaid", table.good_approved, lent & ~made.bad),
        ("Lent to, went bad", table.bad_approved, lent & made.bad),
        ("Not lent to, would have repaid", table.good_declined, ~lent & ~made.bad),
        ("Not lent to, would have gone bad", table.bad_declined, ~lent & made.bad),
        ("All", Sums(n=found.n, money=table.profit), np.ones(len(made), np.bool_)),
    )
    titles = ("Applications", "Share", f"Money made, {record.currency}", "Decided the other way")
    return Table(
        title="Verdict and outcome",
        columns=(
            Column(title="", width=32),
            *(Column(title=title, numeric=True) for title in titles),
        ),
        rows=tuple(
            (
                Cell(text=title),
                Cell(text=count(cell.n)),
                Cell(text=percent(cell.n / found.n)),
                Cell(text=money(cell.money)),
                Cell(text=money(math.fsum(other[rows].tolist()))),
            )
            for title, cell, rows in lines
        ),
    )


def _matrix(found: Findings, currency: str) -> Table:
    table = found.matrix

    def line(
        title: str, no: tuple[Sums, ...], yes: tuple[Sums, ...]
    ) -> tuple[str, tuple[Cell, Cell, Cell]]:
        a, b, c = (_sum(cells, currency) for cells in (no, yes, (*no, *yes)))
        return title, (a, b, c)

    lines = (
        line("Went bad", (table.bad_declined,), (table.bad_approved,)),
        line("Stayed good", (table.good_declined,), (table.good_approved,)),
        line(
            "All",
            (table.bad_declined, table.good_declined),
            (table.bad_approved, table.good_approved),
        ),
    )
    return crossed("Confusion matrix, with money", ("Not lent to", "Lent to"), lines)


def _sum(cells: tuple[Sums, ...], currency: str) -> Cell:
    summed = math.fsum(cell.money for cell in cells)
    return Cell(text=count(sum(cell.n for cell in cells)), small=money(summed, currency))


def _rule(record: SimulationRecord, rule: RuleLine) -> tuple[Cell, ...]:
    verb = "Declined" if rule.verdict is Verdict.DECLINE else "Referred"
    return _group(record, f"{verb}: {rule.reason}", rule.code, rule.caught)


def _group(record: SimulationRecord, title: str, code: str, rows: BoolArray) -> tuple[Cell, ...]:
    made, n = record.decided, int(np.count_nonzero(rows))
    worth, bad = made.worth.take(rows), made.bad[rows]
    if_lent = np.where(bad, worth.bad_approved, worth.good_approved)
    if_not = np.where(bad, worth.bad_declined, worth.good_declined)
    return (
        Cell(text=title, small=code, code=bool(code)),
        Cell(text=count(n)),
        Cell(text=percent(n / len(made))),
        Cell(text=percent(int(np.count_nonzero(bad)) / n if n else None)),
        Cell(text=money(math.fsum((if_lent - if_not).tolist()), record.currency)),
    )


def _alternatives(record: SimulationRecord) -> Table:
    return Table(
        title="Safer products offered instead",
        columns=(
            Column(title="Product", width=42),
            Column(title="Offered", numeric=True, width=16),
            Column(title="To whom"),
        ),
        rows=tuple(
            (Cell(text=line.title), Cell(text=count(line.offered)), Cell(text=line.detail))
            for line in record.alternatives
        ),
        empty="The policy has no safer product to offer.",
    )
