"""The chapter on protected groups; what the chapter on calibration says of kinds and segments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvent.metrics import auc_interval, calibration_by_segment, rate_ratio, wilson_interval
from solvent.models.calibration import Trial
from solvent.report import (
    Attribute,
    CalibrationRecord,
    CentralTendency,
    Fairness,
    Group,
    Proxy,
    SegmentCheck,
    TrainingRecord,
    build,
)
from solvent.report.calibrating import central_words, kind_words, segment_tables, segment_words
from solvent.report.fairness import opening
from solvent.report.page import Section, Tone
from tests.report.records import record

RECORD = record()
TRIALS = (
    Trial(kind="line", log_loss=0.41, gain=0.0, error=0.0, chosen=False),
    Trial(kind="beta", log_loss=0.4088, gain=0.0012, error=0.0004, chosen=True),
    Trial(kind="isotonic", log_loss=0.4085, gain=0.0015, error=0.0009, chosen=False),
)


def _group(label: str, rows: slice, approved: int, best: tuple[int, int] | None) -> Group:
    pd, bad = RECORD.pd_test[rows], RECORD.bad_test[rows]
    (held,) = calibration_by_segment(pd, bad, np.full(len(pd), label))
    n = len(pd)
    low, high = wilson_interval(approved, n)
    return Group(
        label=label, n=n, share=n / 3000, approved=approved, low=low, high=high,
        ratio=None if best is None else rate_ratio((approved, n), best), calibration=held,
        calibration_p=held.p_value, auc=auc_interval(pd, bad) if n > 100 else None, few=n < 100,
    )  # fmt: skip


def _fairness(women: int) -> Fairness:
    """Of 1,500 men 1,200 are approved, and of 1,450 women as many as said."""
    groups = (
        _group("man", slice(0, 1500), 1200, None),
        _group("woman", slice(1500, 2950), women, (1200, 1500)),
        _group("not stated", slice(2950, 3000), 10, (1200, 1500)),
    )
    proxies = (
        Proxy(name="amount_ratio", title="Loan over top-up", auc=0.71, importance=0.2),
        Proxy(name="region", title="Region", auc=0.55, importance=0.1),
    )
    together = auc_interval(RECORD.pd_test, RECORD.bad_test)
    return Fairness(
        cutoff=0.2, cutoff_words="It is the policy's.",
        attributes=(
            Attribute(
                name="sex", title="sex", groups=groups, proxies=proxies, together=together
            ),
            Attribute(name="faith", title="faith", why_not="its table is not among the data"),
        ),
    )  # fmt: skip


def _chapter(made: TrainingRecord, anchor: str) -> Section:
    (found,) = (each for each in build(made).sections if each.anchor == anchor)
    return found


def test_a_gap_beyond_chance_is_the_first_sentence_and_a_caution_of_the_summary() -> None:
    made = record(fairness=_fairness(women=700))
    words = " ".join(_chapter(made, "fairness").lead)
    assert "“woman” (sex) is approved 0.60 times as often as “man”" in words
    assert "whole 95\u202f% interval below" in words
    (answer,) = (a for a in build(made).answers if a.question == "Do protected groups fare alike?")
    assert answer.tone is Tone.WARN
    assert "how protected groups fare" in build(made).verdict


def test_a_gap_that_may_be_chance_is_said_to_be() -> None:
    found = _fairness(women=910)
    assert not found.below()
    assert "though the 95\u202f% interval reaches it" in opening(found)


def test_where_all_fare_alike_the_page_says_so() -> None:
    made = record(fairness=_fairness(women=1150))
    assert "no group large enough to tell" in _chapter(made, "fairness").lead[0]
    (answer,) = (a for a in build(made).answers if a.question == "Do protected groups fare alike?")
    assert answer.tone is Tone.GOOD


def test_the_table_shows_each_group_and_its_figures() -> None:
    made = record(fairness=_fairness(women=700))
    groups, proxies = _chapter(made, "fairness").tables
    shown = [[cell.text for cell in row] for row in groups.rows]
    assert [row[0] for row in shown] == ["man", "woman", "not stated"]
    assert [row[1] for row in shown] == ["1,500", "1,450", "50"]
    assert [row[3] for row in shown] == ["1.00", "0.60", "–"]
    assert shown[1][-1] == "Below 4/5"
    assert shown[2][-1] == "too small"
    assert [row[0].text for row in proxies.rows] == ["Loan over top-up", "Region"]
    assert [row[-1].text for row in proxies.rows] == ["Proxy", ""]


def test_of_a_group_that_could_point_at_somebody_only_the_size_is_told() -> None:
    (table, _) = _chapter(replace(RECORD, fairness=_fairness(1100)), "fairness").tables
    (row,) = (row for row in table.rows if row[0].text == "not stated")
    assert row[1].text == "50"
    assert [(cell.text, cell.small) for cell in row[2:-1]] == [("–", "")] * 5
    assert row[-1].text == "too small"


@pytest.mark.parametrize(("women", "drawn"), [(700, True), (1150, False)])
def test_a_key_stands_only_for_what_is_drawn(women: int, drawn: bool) -> None:
    chart = _chapter(record(fairness=_fairness(women=women)), "fairness").charts[0]
    assert ("Wholly below four fifths" in [words for _, words in chart.keys]) is drawn


def test_of_a_small_segment_only_the_size_is_told() -> None:
    """Two applications, both bad: the page must not say so."""
    (two, many) = (
        calibration_by_segment(np.full(n, 0.4), np.arange(n) < 2, np.full(n, name))[0]
        for n, name in ((2, "Ash"), (40, "Birch"))
    )
    checks = tuple(SegmentCheck(by="Town", found=found, p_value=None) for found in (two, many))
    (table,) = segment_tables(CalibrationRecord(segments=checks))
    shown = {row[0].text: [(cell.text, cell.small) for cell in row[1:]] for row in table.rows}
    none = ("–", "")
    assert shown["Ash"] == [("2", ""), none, none, none, ("too few to tell", "")]
    assert shown["Birch"][:2] == [("40", ""), ("2", "")]


def test_small_groups_and_what_is_not_measured_are_named() -> None:
    words = " ".join(_chapter(record(fairness=_fairness(women=1150)), "fairness").lead)
    assert "Too small to say much: “not stated” (sex, 50)." in words
    assert "faith is not measured: its table is not among the data." in words


def test_where_nothing_is_measured_nothing_is_said_of_how_groups_fare() -> None:
    """Else an absent table would read as a clean bill."""
    found = _fairness(women=1150)
    absent = tuple(a for a in found.attributes if a.why_not)
    assert absent
    section = _chapter(record(fairness=replace(found, attributes=absent)), "fairness")
    words = " ".join(section.lead)
    assert "faith is not measured: its table is not among the data." in words
    assert "No model is given a protected attribute." in words
    assert "four fifths" not in words
    assert "For no group" not in words
    assert not section.charts
    assert not section.reading


def test_proxies_are_named_with_their_share_of_the_model() -> None:
    words = " ".join(_chapter(record(fairness=_fairness(women=1150)), "fairness").lead)
    assert "proxy: “Loan over top-up”, with 20.0\u202f% of the importance" in words


def test_without_protected_attributes_there_is_no_chapter_and_no_question() -> None:
    page = build(record(fairness=None))
    assert all(section.anchor != "fairness" for section in page.sections)
    assert all(answer.question != "Do protected groups fare alike?" for answer in page.answers)


def test_where_nobody_is_approved_there_is_no_ratio_and_no_chart() -> None:
    groups = tuple(
        replace(g, approved=0, low=0.0, high=0.01, ratio=None)
        for g in _fairness(women=0).attributes[0].groups
    )
    nobody = Fairness(
        cutoff=0.001, cutoff_words="", attributes=(Attribute(name="s", title="s", groups=groups),)
    )
    chapter = _chapter(record(fairness=nobody), "fairness")
    assert not chapter.charts
    assert "no group" in chapter.lead[0]


def test_the_kind_chosen_is_said_with_why() -> None:
    beta = CalibrationRecord(trials=TRIALS)
    assert "beta curve" in kind_words(beta)
    assert "1.20 ± 0.80 thousandths" in kind_words(beta)
    line = CalibrationRecord(trials=tuple(replace(t, chosen=t.kind == "line") for t in TRIALS))
    assert "no other kind is better beyond noise" in kind_words(line)
    card = CalibrationRecord(trials=(replace(TRIALS[0], chosen=True),))
    assert "the one kind under which points add up" in kind_words(card)
    assert kind_words(CalibrationRecord()) == ""


def test_of_a_chain_each_models_kind_is_said() -> None:
    links = (("clients the bank knows", "beta"), ("people new to it", "line"))
    words = kind_words(CalibrationRecord(links=links))
    assert "for clients the bank knows by a beta curve" in words
    assert "for people new to it by a straight line." in words


def test_a_central_tendency_is_told_with_the_figure_before_it_and_excuses_the_level() -> None:
    central = CentralTendency(stated=0.05, before=0.139, shift=-1.23)
    moved = record(calibration=CalibrationRecord(central=central))
    words = " ".join(_chapter(moved, "calibration").lead)
    assert "central tendency of 5.0\u202f%" in words
    assert "mean PD is 13.9\u202f%" in words
    assert central_words(CalibrationRecord()) == ""


def _checks(*p_values: float | None) -> tuple[SegmentCheck, ...]:
    pd = np.full(300, 0.2)
    (found,) = calibration_by_segment(pd, np.arange(300) < 90, np.full(300, "x"))
    return tuple(
        SegmentCheck(by=f"by {place}", found=found, p_value=p) for place, p in enumerate(p_values)
    )


def test_segments_that_fail_are_counted_named_and_marked() -> None:
    found = CalibrationRecord(segments=_checks(0.001, 0.4, None))
    assert [check.words for check in found.segments] == ["PDs too low", "holds", "too few to tell"]
    assert "In 1 of 2 segments" in segment_words(found)
    (table,) = (
        t
        for t in _chapter(record(calibration=found), "calibration").tables
        if t.title.startswith("Calibration by segment")
    )
    assert [row[-1].tone for row in table.rows] == [Tone.WARN, Tone.PLAIN, Tone.PLAIN]
    assert "Holm" in table.note


@pytest.mark.parametrize(("checks", "words"), [((), ""), ((0.4, 0.9), "In none of 2 segments")])
def test_segments_that_all_hold_are_said_to(checks: tuple[float, ...], words: str) -> None:
    assert segment_words(CalibrationRecord(segments=_checks(*checks))).startswith(words)


def test_many_segments_are_folded_but_those_that_fail_stay_in_sight() -> None:
    found = CalibrationRecord(segments=_checks(0.4, *([0.9] * 12), 0.001))
    tables = _chapter(record(calibration=found), "calibration").tables
    first, rest = (t for t in tables if t.columns[0].title == "Segment")
    assert first.title == "Calibration by by 0, and where it fails"
    assert [row[0].small for row in first.rows] == ["by 0", "by 13"]
    assert rest.folded
    assert len(rest.rows) == 12
