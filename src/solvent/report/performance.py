"""The chapters on how good the model is: ranking, calibration, time, the cutoff.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

from solvent.metrics import (
    AucInterval,
    Confusion,
    GainsBand,
    PeriodMetrics,
    PrecisionRecallPoint,
    Validation,
    auc_interval,
    by_period,
    calibration_curve,
    gains,
    precision_recall_curve,
    roc_curve,
)
from solvent.report import charts
from solvent.report.calibrating import (
    central_words,
    kind_words,
    segment_tables,
    segment_words,
    trial_table,
)
from solvent.report.figures import (
    confidence,
    count,
    counted,
    decimal,
    decimal_range,
    percent,
    times,
)
from solvent.report.page import Cell, Chart, Column, Mark, Section, Table
from solvent.report.summary import trust
from solvent.report.tables import crossed, rates
from solvent.report.training import TrainingRecord

BANDS = 10
# A band this wide is one of tied PDs; a cutoff that declines more is said to.
WIDE_BAND, MOST_DECLINED = 0.2, 0.5
FEW_PREDICTED = 30
FEW_BADS = 20


def ranking(record: TrainingRecord) -> Section:
    """How well the model tells risky applications from safe ones."""
    bands = gains(record.pd_test, record.bad_test, BANDS)
    return Section(
        anchor="ranking",
        heading="How well it ranks risk",
        lead=(_riskiest(bands[0]),),
        charts=(_gains_chart(bands), _bands_chart(record, bands), _roc(record), _recall(record)),
        tables=(_gains_table(bands),),
        reading=(
            ("AUC", "how often a bad application gets a higher PD than a good one; 0.500 is blind"),
            ("Gini", "the AUC stretched so that blind is 0 % and perfect is 100 %"),
            ("KS", "at the best cutoff, the share of bads caught less the share of goods lost"),
            ("Lift", "the bad rate of a band over the bad rate of all"),
        ),
    )


def reachable(record: TrainingRecord) -> Section | None:
    """How much of what can be known the model knows; None for real lenders."""
    found = record.reachable
    if found is None:
        return None
    gini = record.validation.gini.gini
    words = (
        "The lender is simulated, so the true PD of every application is known. Chance decides "
        f"the rest: even the true PD ranks with a Gini of {percent(2.0 * found.auc - 1.0)} "
        f"(AUC {decimal(found.auc)}). The model's {percent(gini)} is {percent(found.share)} of it, "
        f"between {percent(found.low)} and {percent(found.high)} with "
        f"{confidence(found.level)} confidence."
    )
    return Section(
        anchor="reachable", heading="How much of the reachable it reaches", lead=(words,)
    )


def calibration(record: TrainingRecord) -> Section:
    """Whether a PD means what it says."""
    found = record.validation
    trusted = trust(found, record.calibration.central)
    bins = calibration_curve(record.pd_test, record.bad_test, BANDS, level=found.auc.level)
    riskiest, trials = bins[-1], trial_table(record.calibration)
    tried = () if trials is None else (trials,)
    opening = "The PDs can be taken as stated." if trusted.whole else "Take the PDs with care."
    return Section(
        anchor="calibration",
        heading="Whether a PD means what it says",
        lead=tuple(
            words
            for words in (
                f"{opening} {trusted.words}",
                central_words(record.calibration),
                f"{_gap(found)} {kind_words(record.calibration)}".strip(),
                segment_words(record.calibration),
            )
            if words
        ),
        charts=(
            Chart(
                name="calibration-chart",
                title="Calibration: PD against bad rate",
                sentence=f"In the riskiest band the mean PD is {percent(riskiest.mean_pd)}, and "
                f"{percent(riskiest.bad_rate)} went bad.",
                keys=(
                    (Mark.ACCENT, f"Band of applications, {confidence(found.auc.level)} interval"),
                    (Mark.DASHED, "PD = bad rate"),
                ),
                spec=charts.calibration(bins),
            ),
            _spread(record),
        ),
        tables=(*segment_tables(record.calibration), *tried),
        reading=(
            (
                "Slope",
                "1 is perfect; below 1 the PDs are too extreme, above 1 too timid",
            ),
            ("ECE", "the average gap between PD and bad rate over bands"),
        ),
    )


def time(record: TrainingRecord) -> Section:
    """Whether the model holds from period to period."""
    heading, anchor = "Whether it holds over time", "time"
    if record.period_test is None:
        words = "No times were declared, so nothing can be said about change over time."
        return Section(anchor=anchor, heading=heading, lead=(words,))
    periods = by_period(record.pd_test, record.bad_test, record.period_test)
    intervals = _intervals(record, periods)
    if len(periods) == 1:
        lead = f"The whole test falls into one period, {periods[0].period}: no change to be seen."
        return Section(
            anchor=anchor,
            heading=heading,
            lead=(lead,),
            tables=(_period_table(periods, intervals),),
        )
    return Section(
        anchor=anchor,
        heading=heading,
        lead=(_steadiness(periods),),
        charts=_period_charts(record, periods, intervals),
        tables=(_period_table(periods, intervals),),
    )


def cutoff(record: TrainingRecord) -> Section:
    """What one stated cutoff would have done."""
    found = record.validation.confusion
    declined = found.tp + found.fp
    lead = (
        f"Stated cutoff: a PD of {percent(found.cutoff)} or more is predicted bad. It would have "
        f"turned away {counted(declined, 'application')} of {count(record.validation.n)} "
        f"({percent(declined / record.validation.n)}) and caught {percent(found.recall)} of the "
        "bads."
    )
    if declined > MOST_DECLINED * record.validation.n:
        lead += (
            " That is more than half of all: see in a simulation what it would earn before it "
            "becomes a policy, or choose another from the gains table."
        )
    return Section(
        anchor="cutoff",
        heading="What the stated cutoff would have done",
        lead=(lead, *((record.cutoff_words,) if record.cutoff_words else ())),
        tables=(
            _matrix(found),
            rates(f"Rates at a cutoff of {percent(found.cutoff)}", found, RATES),
        ),
    )


def _gap(found: Validation) -> str:
    points = decimal(100.0 * found.ece, 1)
    return f"Band by band, PD and bad rate differ by {points} percentage points on average (ECE)."


def _riskiest(band: GainsBand) -> str:
    share = percent(band.share_of_accounts)
    went = f"{percent(band.bad_rate)} went bad — {times(band.lift)} the average"
    if band.share_of_accounts > WIDE_BAND:
        return (
            f"The riskiest band cannot be made smaller than {share} of applications, because the "
            f"model gives them one and the same PD: {went}."
        )
    return (
        f"Of the {share} of applications the model calls riskiest, {went}. They hold "
        f"{percent(band.share_of_bads)} of all bads."
    )


def _gains_chart(bands: tuple[GainsBand, ...]) -> Chart:
    near = min(bands, key=lambda band: abs(band.share_of_accounts - 0.3))
    return Chart(
        name="gains-chart",
        title="Gains: bads found among the riskiest",
        sentence=f"The riskiest {percent(near.share_of_accounts)} of applications hold "
        f"{percent(near.share_of_bads)} of all bads.",
        keys=((Mark.ACCENT, "Model"), (Mark.DASHED, "Blind guess")),
        spec=charts.gains_curve(bands),
    )


def _bands_chart(record: TrainingRecord, bands: tuple[GainsBand, ...]) -> Chart:
    return Chart(
        name="bands-chart",
        title="Bad rate by band of risk",
        sentence=f"From {percent(bands[0].bad_rate)} in the riskiest band to "
        f"{percent(bands[-1].bad_rate)} in the safest; bars should fall from left to right.",
        keys=(
            (Mark.ACCENT, "Bad rate of the band"),
            (Mark.DASHED, f"Average, {percent(record.validation.bad_rate)}"),
        ),
        spec=charts.bad_rate_by_band(bands, record.validation.bad_rate),
    )


def _roc(record: TrainingRecord) -> Chart:
    points = roc_curve(record.pd_test, record.bad_test)
    at = next(point for point in points if point.recall >= 0.5)
    return Chart(
        name="roc-chart",
        title="ROC: bads caught against goods lost",
        sentence=f"To catch {percent(at.recall)} of the bads, {percent(at.false_positive_rate)} of "
        "the goods would be turned away. The nearer the line to the upper left corner, the better.",
        keys=((Mark.ACCENT, "Model"), (Mark.DASHED, "Blind guess")),
        spec=charts.roc(points),
    )


def _recall(record: TrainingRecord) -> Chart:
    points = precision_recall_curve(record.pd_test, record.bad_test)
    at = next(point for point in points if point.recall >= 0.5)
    return Chart(
        name="recall-chart",
        title="Precision and recall",
        sentence=f"Catching {percent(at.recall)} of the bads, {percent(at.precision)} of those "
        "predicted bad really go bad. The higher the line, the fewer goods are suspected.",
        keys=(
            (Mark.ACCENT, "Model"),
            (Mark.DASHED, f"Blind guess, {percent(record.validation.bad_rate)}"),
        ),
        spec=charts.precision_recall(
            _with_enough(points, record.validation.bads), record.validation.bad_rate
        ),
    )


def _with_enough(
    points: tuple[PrecisionRecallPoint, ...], bads: int
) -> tuple[PrecisionRecallPoint, ...]:
    """Leave out cutoffs that predict so few bad that their precision is chance."""
    enough = tuple(
        point
        for point in points
        if point.precision and point.recall * bads / point.precision >= FEW_PREDICTED
    )
    return enough if len(enough) > 1 else points


def _spread(record: TrainingRecord) -> Chart:
    scale = record.score_scale
    pd, bad = record.pd_test, record.bad_test
    means = f"Bads have a mean PD of {percent(float(pd[bad].mean()))}, goods of "
    return Chart(
        name="spread-chart",
        title="Spread of scores" if scale else "Spread of PDs",
        sentence=f"{means}{percent(float(pd[~bad].mean()))}. The less the two overlap, the better.",
        keys=((Mark.ACCENT, "Goods"), (Mark.WARN, "Bads")),
        spec=charts.distribution(pd, bad, scale),
    )


Intervals = tuple[AucInterval | None, ...]


def _intervals(record: TrainingRecord, periods: tuple[PeriodMetrics, ...]) -> Intervals:
    """Return DeLong's interval of each period's AUC; None where two of a kind are not there."""
    found: list[AucInterval | None] = []
    for period in periods:
        if min(period.bads, period.n - period.bads) < 2:
            found.append(None)
            continue
        rows = record.period_test == period.period
        pd, bad = record.pd_test[rows], record.bad_test[rows]
        found.append(auc_interval(pd, bad, record.validation.auc.level))
    return tuple(found)


def _period_charts(
    record: TrainingRecord, periods: tuple[PeriodMetrics, ...], intervals: Intervals
) -> tuple[Chart, ...]:
    level, overall = record.validation.auc.level, record.validation.auc.auc
    worst = max(periods, key=lambda period: abs(period.mean_pd - period.bad_rate))
    risk = Chart(
        name="risk-chart",
        title="Mean PD and bad rate, by period",
        sentence=f"The widest gap is in {worst.period}: mean PD {percent(worst.mean_pd)}, bad rate "
        f"{percent(worst.bad_rate)}.",
        keys=(
            (Mark.ACCENT, "Mean PD"),
            (Mark.WARN, f"Bad rate, {confidence(level)} interval"),
        ),
        spec=charts.risk_by_period(periods, level),
    )
    if not any(period.auc is not None for period in periods):
        return (risk,)
    ranks = Chart(
        name="auc-chart",
        title="AUC by period",
        sentence="Periods with few bads jump by chance; a steady fall is a warning.",
        keys=(
            (Mark.ACCENT, f"AUC of the period, {confidence(level)} interval"),
            (Mark.DASHED, f"Whole test, {decimal(overall)}"),
        ),
        spec=charts.auc_by_period(periods, intervals, overall),
    )
    return risk, ranks


def _steadiness(periods: tuple[PeriodMetrics, ...]) -> str:
    """Say between which figures the AUC lies, over periods with enough bads to tell."""
    found = [
        (period.auc, period.period)
        for period in periods
        if period.auc is not None and period.bads >= FEW_BADS
    ]
    if not any(period.auc is not None for period in periods):
        return "No period has both goods and bads, so no AUC exists by period."
    if not found:
        return f"No period has {FEW_BADS} bads, so their AUCs say little."
    (low, worst), (high, best) = min(found), max(found)
    words = f"The AUC lies between {decimal(low)} ({worst}) and {decimal(high)} ({best})."
    if len(found) == 1:
        words = f"Only {worst} has {FEW_BADS} bads or more: its AUC is {decimal(low)}."
    few = len(periods) - len(found)
    if few and len(found) > 1:
        words += f" {counted(few, 'period')} with fewer than {FEW_BADS} bads left out."
    return words


def _gains_table(bands: tuple[GainsBand, ...]) -> Table:
    columns = (
        ("Band", 7),
        ("PD from", 11),
        ("PD to", 11),
        ("Applications", 14),
        ("Bad", 8),
        ("Bad rate", 11),
        ("Lift", 9),
        ("Applications so far", 15),
        ("Bads so far", 14),
    )
    return Table(
        title="Gains by band, riskiest first",
        columns=tuple(Column(title=title, numeric=True, width=width) for title, width in columns),
        rows=tuple(
            tuple(
                Cell(text=text)
                for text in (
                    count(number),
                    percent(band.lowest_pd),
                    percent(band.highest_pd),
                    count(band.n),
                    count(band.bads),
                    percent(band.bad_rate),
                    times(band.lift),
                    percent(band.share_of_accounts),
                    percent(band.share_of_bads),
                )
            )
            for number, band in enumerate(bands, 1)
        ),
        note="" if len(bands) == BANDS else "Equal PDs never part, so bands may be fewer than ten.",
    )


def _period_table(periods: tuple[PeriodMetrics, ...], intervals: Intervals) -> Table:
    titles = ("Applications", "Bad", "Bad rate", "Mean PD", "AUC")
    return Table(
        title="Figures by period",
        columns=(
            Column(title="Period", width=24),
            *(Column(title=title, numeric=True) for title in titles),
        ),
        rows=tuple(
            (
                Cell(text=period.period),
                Cell(text=count(period.n)),
                Cell(text=count(period.bads)),
                Cell(text=percent(period.bad_rate)),
                Cell(text=percent(period.mean_pd)),
                Cell(text=decimal(period.auc), small=_range(found) or period.auc_missing),
            )
            for period, found in zip(periods, intervals, strict=True)
        ),
    )


def _range(found: AucInterval | None) -> str:
    return "" if found is None else decimal_range(found.low, found.high)


RATES = (
    ("Recall", "of the bads are caught"),
    ("Precision", "of those predicted bad go bad"),
    ("F1", "balance of recall and precision"),
    ("Accuracy", "of predictions are right"),
    ("Specificity", "of the goods are let through"),
)


def _matrix(found: Confusion) -> Table:
    def line(title: str, caught: int, missed: int) -> tuple[str, tuple[Cell, Cell, Cell]]:
        a, b, c = (Cell(text=count(rows)) for rows in (caught, missed, caught + missed))
        return title, (a, b, c)

    lines = (
        line("Went bad", found.tp, found.fn),
        line("Stayed good", found.fp, found.tn),
        line("All", found.tp + found.fp, found.fn + found.tn),
    )
    return crossed("Predicted and actual", ("Predicted bad", "Predicted good"), lines)
