"""The train report says what the metrics say, in full, to anybody, and loads nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.errors import MissingExtraError, RangeError, ShapeError, WriteError
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
    validate,
)
from solvent.report import (
    GateCheck,
    Reachable,
    ScoreScale,
    TrainingRecord,
    build,
    render,
    write_report,
)
from solvent.report.figures import counted, percent
from solvent.report.page import Chart
from solvent.report.render import _draw, _templates
from tests.report.records import accounts, features, record

RECORD = record()
HTML = render(build(RECORD))
HEADINGS = (
    "Summary",
    "From rows read to rows used",
    "How well it ranks risk",
    "How much of the reachable it reaches",
    "Whether a PD means what it says",
    "Whether it holds over time",
    "What the stated cutoff would have done",
    "What the model looks at",
    "The leakage gate",
    "All figures",
    "Where it comes from",
)


class _Reader(HTMLParser):
    """What a browser would take from the page: its words, elements and addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.badly_nested: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "col", "link", "img", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.badly_nested.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open[-1] != "style":
            self.words.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        return " | ".join(self.words)


PAGE = _Reader(HTML)


def _text(**changes: object) -> str:
    return _Reader(render(build(record(**changes)))).text


# ---------------------------------------------------------------------------------------- figures


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


# --------------------------------------------------------------------------------------- contents


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


# ------------------------------------------------------------------------------------ one safe file


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    """No script, no address of another machine, no file beside it, and less than a megabyte."""
    tags = {tag for tag, _ in PAGE.elements}
    assert not tags & {"script", "link", "iframe", "object", "embed", "img", "image", "base"}
    assert "http:" not in HTML
    assert "https:" not in HTML
    assert "url(" not in HTML
    assert "@import" not in HTML
    for _tag, attributes in PAGE.elements:
        assert not any(name.startswith("on") for name in attributes)
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    assert len(HTML.encode()) < 1_000_000


def test_the_page_is_well_formed_and_every_id_is_unique() -> None:
    """Every element is closed where it should be; no two share an id; every reference is kept."""
    assert PAGE.badly_nested == []
    assert PAGE.open == []
    ids = [attributes["id"] for _, attributes in PAGE.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in PAGE.elements:
        named = (attributes.get("aria-labelledby") or "").split()
        linked = [(attributes.get("href") or "")[1:]] if attributes.get("href") else []
        assert {*named, *linked} <= set(ids)


def test_every_drawing_has_a_name_for_those_who_cannot_see_it() -> None:
    """Each of the eight charts is an image with a title and a sentence."""
    drawings = [
        attributes for tag, attributes in PAGE.elements if attributes.get("class") == "drawing"
    ]
    assert len(drawings) == 8
    assert all(each["role"] == "img" and each["aria-labelledby"] for each in drawings)


def test_two_drawings_never_share_an_id() -> None:
    """A drawing's own ids and what refers to them carry the drawing's name."""
    spec = {
        "data": {"values": [{"x": 1, "y": 2}]},
        "mark": {"type": "point", "clip": True},
        "encoding": {"x": {"field": "x"}, "y": {"field": "y"}},
    }
    chart = Chart(name="one", title="", sentence="", keys=(), spec=json.dumps(spec))
    svg = str(_draw(chart))
    ids = re.findall(r'\bid="([^"]*)"', svg)
    assert ids
    assert all(each.startswith("one-") for each in ids)
    assert set(re.findall(r"url\(#([^)]*)\)", svg)) == set(ids)


def test_hostile_text_stays_text() -> None:
    """Markup in any text a user declares is shown, not obeyed, in charts as well."""
    attack = '<script>alert("1")</script><img src=x onerror=alert(1)>'
    line = replace(RECORD.features[0], title=attack, name=attack, unit=attack, description=attack)
    html = render(
        build(
            record(
                product=attack,
                title=attack,
                technique=attack,
                bad_words=attack,
                split_words=attack,
                cutoff_words=attack,
                features=(line,),
                refusals=((attack, attack, 1),),
                left_out=((attack, attack),),
                protected=(attack,),
                sources=((attack, 1, attack),),
                versions={attack: attack},
                period_test=np.where(np.arange(3000) < 1500, attack, "2024-05"),
                gate=(GateCheck(name=attack, words=attack, passed=False, waived_reason=attack),),
            )
        )
    )
    page = _Reader(html)
    assert not {tag for tag, _ in page.elements} & {"script", "img"}
    assert "<script" not in html
    assert page.badly_nested == []
    assert attack in page.text


def test_unicode_survives() -> None:
    """Letters of any script are written as they are."""
    title = "Überbrückung für 中小企业 – قرض 🙂"
    assert title in _text(title=title)


def test_the_same_run_gives_the_same_page() -> None:
    """Rendering twice, and from a run made anew, gives the same bytes."""
    assert render(build(RECORD)) == HTML
    assert render(build(record())) == HTML


# ---------------------------------------------------------------------------------- empty and edge


def test_a_bare_run_still_makes_a_whole_page() -> None:
    """Nothing optional given: every chapter says what is missing instead of breaking."""
    text = _text(
        observed_until=None,
        immature=0,
        maturity_words="",
        funnel=(),
        refusals=(),
        gate=(),
        period_test=None,
        out_of_fold=None,
        features=(),
        left_out=(),
        protected=(),
        sources=(),
        versions={},
        cutoff_words="",
        reachable=None,
        score_scale=None,
        baseline_auc=None,
        split_words="random: no times",
        test_is_later=False,
    )
    for told in (
        "No application was set aside as immature.",
        "No funnel was recorded.",
        "No row was refused.",
        "The gate did not run.",
        "No times were declared, so nothing can be said about change over time.",
        "No folds were made, so there are no figures of training rows.",
        "The model has no features.",
        "Nothing declared was left out.",
        "No protected attribute was declared.",
        "No data fingerprints were recorded.",
        "random: no times",
        "not stated",
        "Spread of PDs",
    ):
        assert told in text
    assert "eachable" not in text
    assert "None" not in text


def test_a_period_with_one_kind_of_outcome_has_no_auc_and_says_why() -> None:
    """A period without bads is shown with its counts and the reason for the missing AUC."""
    bad = RECORD.bad_test.copy()
    bad[:500] = False
    text = _text(bad_test=bad, validation=validate(RECORD.pd_test, bad, cutoff=0.2))
    assert "no account of 500 is bad" in text
    assert "1 period had only one kind of outcome and no AUC." in text


def test_a_single_period_is_not_drawn() -> None:
    """One period cannot show change: it is said, tabled and not drawn."""
    page = build(record(period_test=np.full(3000, "2024-04")))
    (chapter,) = (section for section in page.sections if section.anchor == "time")
    assert chapter.charts == ()
    assert "one period, 2024-04" in chapter.lead[0]


@pytest.mark.parametrize("scale", [None, ScoreScale(base_score=600, base_odds=20, pdo=40)])
@pytest.mark.parametrize("kind", ["constant", "certain", "tied"])
def test_odd_predictions_still_make_a_page(kind: str, scale: ScoreScale | None) -> None:
    """A constant PD, PDs of 0 and 1 and a handful of tied PDs are reported like any other."""
    bad = np.arange(40) % 4 == 0
    pd = {
        "constant": np.full(40, 0.25),
        "certain": np.where(np.arange(40) % 3 == 0, 1.0, 0.0),
        "tied": np.where(np.arange(40) < 20, 0.4, 0.1),
    }[kind]
    text = _text(
        pd_test=pd,
        bad_test=bad,
        validation=validate(pd, bad, cutoff=1.0),
        period_test=None,
        score_scale=scale,
    )
    assert "40 applications it had not seen" in text
    assert "nan" not in text.lower().split()
    assert "may rank risk no better than chance" in text


# ------------------------------------------------------------------------------------ the summary


def _mark(topic: str, **changes: object) -> str:
    (mark,) = (each.mark for each in build(record(**changes)).answers if topic in each.question)
    return mark


def test_the_verdict_warns_where_it_should() -> None:
    """Each question turns to a warning when its figure does."""
    pd, bad = RECORD.pd_test, RECORD.bad_test
    low = pd * 0.6
    assert _mark("PDs") == "Yes"
    assert _mark("PDs", pd_test=low, validation=validate(low, bad, cutoff=0.2)) == "Caution"
    assert _mark("later", test_is_later=False) == "No"
    failed = GateCheck(name="x", words="It leaks.", passed=False)
    assert _mark("gate", gate=(failed,)) == "Failed"
    assert _mark("gate", gate=(replace(failed, waived_reason="known"),)) == "Waived"
    assert _mark("gate", gate=(replace(failed, passed=True),)) == "Yes"
    better = validate(*accounts(9000, seed=8, noise=0.0), cutoff=0.2)
    blind = np.random.default_rng(1).permutation(pd)
    assert _mark("hold outside", out_of_fold=better, pd_test=blind,
                 validation=validate(blind, bad, cutoff=0.2)) == "Caution"  # fmt: skip
    assert _mark("rank", pd_test=blind, validation=validate(blind, bad, cutoff=0.2)) == "Caution"
    few = slice(0, 300)
    assert _mark("large", pd_test=pd[few], bad_test=bad[few], period_test=None,
                 validation=validate(pd[few], bad[few], cutoff=0.2)) == "Caution"  # fmt: skip


def test_a_model_too_good_is_suspected() -> None:
    """An AUC no lender reaches is a reason to look for leakage, not to rejoice."""
    pd = np.clip(RECORD.bad_test * 0.9 + 0.05 + RECORD.pd_test * 0.01, 0.0, 1.0)
    text = _text(pd_test=pd, validation=validate(pd, RECORD.bad_test, cutoff=0.2))
    assert "suspiciously well" in text
    assert "look for a feature that knows the outcome" in text


# ---------------------------------------------------------------------------------- refused records


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"bad_test": RECORD.bad_test[1:]}, "bad_test", ShapeError),
        ({"period_test": np.array(["2024-04"])}, "period_test", ShapeError),
        ({"validation": RECORD.out_of_fold}, "validation", RangeError),
        ({"immature": -1}, "immature", RangeError),
        ({"refusals": (("a", "b", -1),)}, "refusals.count", RangeError),
        ({"sources": (("a", -1, "b"),)}, "sources.rows", RangeError),
        ({"baseline_auc": 74.0}, "baseline_auc", RangeError),
    ],
)
def test_a_record_that_cannot_be_is_refused(
    changes: dict[str, object], field: str, error: type[Exception]
) -> None:
    """A mistake is found when the record is made, and names its field."""
    with pytest.raises(error, match=re.escape(field)):
        record(**changes)


@pytest.mark.parametrize("value", [float("nan"), -0.1, 1.1])
def test_shares_outside_their_range_are_refused(value: float) -> None:
    """Importance, missing share and AUC lie in [0, 1]; a NaN does not."""
    line = features(1)[0]
    for field in ("importance", "missing"):
        with pytest.raises(RangeError, match=f"features.{field}"):
            replace(line, **{field: value})
    with pytest.raises(RangeError, match=r"reachable\.auc"):
        Reachable(auc=value, share=0.9, low=0.8, high=1.0)


def test_other_values_that_cannot_be_are_refused() -> None:
    """A direction is -1, 0 or +1; a scale has odds and pdo above zero; a share is finite."""
    with pytest.raises(RangeError, match="direction"):
        replace(features(1)[0], direction=2)
    with pytest.raises(RangeError, match="score_scale"):
        ScoreScale(base_score=600, base_odds=0, pdo=20)
    with pytest.raises(RangeError, match="pdo"):
        ScoreScale(base_score=600, base_odds=20, pdo=-20)
    with pytest.raises(RangeError, match="finite"):
        Reachable(auc=0.8, share=float("inf"), low=0.8, high=1.0)


# ---------------------------------------------------------------------------------------- the file


def test_the_file_is_the_page(tmp_path: Path) -> None:
    """What is written is what is rendered, an older file is replaced, and nothing else is left."""
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    assert write_report(RECORD, path) == path
    assert path.read_text(encoding="utf-8") == HTML
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The error says what is missing and what to do, before anything is drawn."""
    with pytest.raises(WriteError, match="make the folder first"):
        write_report(RECORD, tmp_path / "absent" / "report.html")
    with pytest.raises(WriteError, match="is a folder"):
        write_report(RECORD, tmp_path)


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk gives up, the old report stands and no partial file is left."""
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(WriteError, match="No space left"):
        write_report(RECORD, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


# ----------------------------------------------------------------------------------- the libraries


def test_importing_the_room_draws_in_no_library_of_drawing() -> None:
    """Altair, vl-convert and Jinja are loaded when a report is made, not before."""
    heavy = {"altair", "vl_convert", "jinja2"}
    told = subprocess.run(
        [sys.executable, "-c", "import sys, solvent.report; print(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not heavy & set(told.stdout.split())


@pytest.mark.parametrize("library", ["altair", "jinja2", "vl_convert"])
def test_a_missing_extra_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the train extra the error names the library and how to install it."""
    _templates.cache_clear()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=r"solvent\[train\]") as found:
        render(build(RECORD))
    assert library in str(found.value)
    monkeypatch.undo()
    _templates.cache_clear()


@settings(max_examples=5)
@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_any_run_makes_a_page(seed: int) -> None:
    """Whatever the test rows, the page is whole and its chapters are there."""
    random = np.random.default_rng(seed)
    n = int(random.integers(8, 200))
    pd = np.round(random.random(n), int(random.integers(1, 8)))
    bad = random.random(n) < pd
    bad[:2], bad[2:4] = True, False
    changed: TrainingRecord = record(
        pd_test=pd,
        bad_test=bad,
        validation=validate(pd, bad, cutoff=float(random.random())),
        period_test=random.choice(["2024-01", "2024-02", "2024-03"], n),
    )
    page = _Reader(render(build(changed)))
    assert page.badly_nested == []
    assert set(HEADINGS) <= set(page.words)
