"""The train report says what the metrics say, and everything a reader looks for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.metrics import (
    auc_interval,
    brier,
    by_period,
    calibration,
    confusion,
    ece,
    gains,
    ks,
    log_loss,
)
from solvent.report import (
    build,
)
from solvent.report.figures import counted, percent
from tests.report.reading import HEADINGS, HTML, PAGE, RECORD


def test_the_figures_on_the_page_are_those_of_the_metrics() -> None:
    """Every figure of the test, computed anew by its own function, stands on the page."""
    pd, bad = RECORD.pd_test, RECORD.bad_test
    auc, line = auc_interval(pd, bad), calibration(pd, bad)
    wanted = {
        "AUC": f"{auc.auc:.3f}",
        "its interval": f"{auc.low:.3f}–{auc.high:.3f}",
        "Gini": f"{100 * (2 * auc.auc - 1):.1f}\u202f%",
        "its ends": f"{100 * (2 * auc.low - 1):.1f}–{100 * (2 * auc.high - 1):.1f}\u202f%",
        "KS": f"{100 * ks(pd, bad):.1f}\u202f%",
        "slope": f"{line.slope:.3f}",
        "intercept": f"{line.intercept:.3f}",
        "ECE": f"{100 * ece(pd, bad):.1f}\u202f%",
        "Brier": f"{brier(pd, bad):.4f}",
        "log loss": f"{log_loss(pd, bad):.4f}",
        "bad rate": f"{100 * bad.mean():.1f}\u202f%",
    }
    # The reader's `split` also folds the narrow space, so both sides are folded.
    words = {" ".join(word.split()) for word in PAGE.words}
    missing = {name: text for name, text in wanted.items() if " ".join(text.split()) not in words}
    assert not missing


def test_the_riskiest_band_is_told_in_a_sentence() -> None:
    """The first sentence on ranking gives the share, bad rate and lift of the riskiest band."""
    first = gains(RECORD.pd_test, RECORD.bad_test)[0]
    told = (
        f"Of the {percent(first.share_of_accounts)} of applications the model calls riskiest, "
        f"{percent(first.bad_rate)} went bad — {first.lift:.1f}\u202f× the average."
    )
    assert " ".join(told.split()) in PAGE.text


def test_every_band_of_the_gains_table_is_on_the_page() -> None:
    """The gains table has one row per band with its bads and its share of all bads."""
    (table,) = (t for s in build(RECORD).sections for t in s.tables if t.title.startswith("Gains"))
    shown = [(row[4].text, row[8].text) for row in table.rows]
    bands = gains(RECORD.pd_test, RECORD.bad_test)
    assert shown == [(f"{band.bads:,}", percent(band.share_of_bads)) for band in bands]


def test_the_cutoff_table_counts_what_the_metric_counts() -> None:
    """The four counts and four rates at the stated cutoff are those of `confusion`."""
    found = confusion(RECORD.pd_test, RECORD.bad_test, 0.2)
    matrix, rates = (
        section.tables for section in build(RECORD).sections if section.anchor == "cutoff"
    ).__next__()
    counts = [[cell.text for cell in row[1:3]] for row in matrix.rows[:2]]
    assert counts == [[f"{found.tp:,}", f"{found.fn:,}"], [f"{found.fp:,}", f"{found.tn:,}"]]
    shown = {row[0].text: row[1].text for row in rates.rows}
    assert shown["Recall"] == percent(found.recall)
    assert shown["Precision"] == percent(found.precision)
    assert shown["F1"] == percent(found.f1)
    assert shown["Accuracy"] == percent(found.accuracy)
    assert "Stated cutoff: a PD of 20.0 % or more" in PAGE.text


def test_every_period_is_in_its_table() -> None:
    """The table of periods has each period's label, count and AUC."""
    (table,) = (t for s in build(RECORD).sections for t in s.tables if "period" in t.title)
    assert RECORD.period_test is not None
    periods = by_period(RECORD.pd_test, RECORD.bad_test, RECORD.period_test)
    shown = [(row[0].text, row[1].text, row[5].text) for row in table.rows]
    assert shown == [(p.period, f"{p.n:,}", f"{p.auc:.3f}") for p in periods]


@given(st.floats(min_value=0.0, max_value=1.0))
def test_a_percentage_never_hides_the_last_step(share: float) -> None:
    """Only exactly nobody reads as 0.0 % and only exactly everybody as 100.0 %."""
    assert (percent(share) == "0.0\u202f%") == (share == 0.0)
    assert (percent(share) == "100.0\u202f%") == (share == 1.0)
    assert re.fullmatch(r"[<>]?\d{1,3}\.\d\u202f%", percent(share))


@given(st.integers(min_value=0, max_value=10**12))
def test_a_count_can_be_read_back(rows: int) -> None:
    """Thousands are set apart by commas and nothing is rounded."""
    assert int(counted(rows, "row").split()[0].replace(",", "")) == rows


def test_no_raw_float_is_printed() -> None:
    """No number on the page has more than four decimals."""
    assert not re.findall(r"(?<![\w.-])\d+\.\d{5,}", PAGE.text)


def test_every_chapter_is_there_in_order() -> None:
    """The summary comes first and every chapter has its heading."""
    found = [re.sub(r"<[^>]*>", "", text) for text in re.findall(r"<h2>(.*?)</h2>", HTML)]
    assert tuple(found) == HEADINGS


@pytest.mark.parametrize(
    "told",
    [
        "Airtime loans",
        "gradient boosting (LightGBM), 412 trees",
        "30 days or more past due within 60 days of the loan",
        "by time: the last 25 % of mature applications are the test",
        "1,204 applications were set aside as immature",
        "An outcome is final 60 days after the loan.",
        "Outcomes were watched until 2024-11-01.",
        "Waived",
        "closed_reason is not a feature; it defines the outcome (A. Osei).",
        "gender",
        "no, kept out",
        "known only after the loan",
        "application id stands twice",
        "1,893,204",
        "9f86d081884c",
        "20240611",
        "4.7.0",
        "91.3 % of it, between 87.4 % and 95.1 %",
        "A scorecard on the application form alone reaches 0.691",
        "Average precision",
        "▲ riskier",
        "▼ safer",
        "◆ it depends",
        "late_share_180d",
        "8 more features",
        "Mind the leakage gate.",
    ],
)
def test_what_a_reader_looks_for_is_there(told: str) -> None:
    """Definitions, funnel, gate, features, data, software and seed are told."""
    assert told in PAGE.text


def test_a_whole_digest_is_shortened() -> None:
    """Fingerprints are twelve signs, enough to compare by eye."""
    assert "9f86d081884c7" not in HTML


def test_features_stand_by_importance() -> None:
    """The most important feature comes first whatever order they are handed over in."""
    shuffled = replace(RECORD, features=RECORD.features[::-1])
    assert build(shuffled) == build(RECORD)
