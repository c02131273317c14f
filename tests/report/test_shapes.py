"""The report draws what each feature adds, and names no level that few applications have."""

from __future__ import annotations

import json
from dataclasses import replace

from solvent.report import build, render
from solvent.report.shapes import shapes
from solvent.report.shapes_chart import panels
from solvent.report.shapes_record import AddedFeature, AddedLevel, AddedPair, ShapesRecord
from solvent.report.training import Readable
from tests.report.cards import card_record
from tests.report.reading import RECORD
from tests.report.records import record

INCOME = AddedFeature(
    title="Income", unit="USD", edges=(100.0, 500.0, 9000.0), values=(0.8, -0.4), missing=1.2
)
TOWN = AddedFeature(
    title="Town",
    levels=(
        AddedLevel(label="Leeds", added=0.31, rows=400), AddedLevel(label="6 others", added=0.02,
        rows=44),
    ),
)  # fmt: skip
FOUND = ShapesRecord(
    features=(INCOME, TOWN), others=3, rare=30,
    pairs=(AddedPair(titles=("Income", "Town"), spread=0.123, least=-0.4, most=0.25),),
)  # fmt: skip


def test_a_model_without_shapes_has_no_such_chapter() -> None:
    assert shapes(RECORD) == ()
    assert all(section.anchor != "shapes" for section in build(RECORD).sections)


def test_the_chapter_says_what_moves_most_and_what_pairs_add() -> None:
    page = build(record(readable=(Readable(shapes=FOUND),)))
    section = next(one for one in page.sections if one.anchor == "shapes")
    assert section.heading == "What each feature adds"
    assert (
        "2 features drawn, the most important first, and 3 more features read." in (section.lead[1])
    )
    (chart,) = section.charts
    assert chart.sentence.startswith("Income moves the log-odds most, from −0.40 to 1.20.")
    assert [label for _, label in chart.keys] == ["what a value adds", "what no value adds"]
    (row,) = section.tables[0].rows
    assert [cell.text for cell in row] == ["Income", "Town", "0.123", "−0.40", "0.25"]
    assert "What each feature adds" in render(page)


def test_each_model_of_a_chain_has_chapters_of_its_own() -> None:
    card = card_record().card
    page = build(
        record(readable=(
            Readable(words="known clients", shapes=FOUND),
            Readable(words="newcomers", shapes=FOUND, card=card),
        ))
    )  # fmt: skip
    told = {one.anchor: one.heading for one in page.sections}
    assert told["shapes"] == "What each feature adds for known clients"
    assert told["shapes-2"] == "What each feature adds for newcomers"
    assert told["scorecard-2"] == "The scorecard for newcomers"
    assert "scorecard" not in told
    names = [chart.name for one in page.sections for chart in one.charts]
    assert len(names) == len(set(names))


def test_every_drawing_has_one_scale_that_holds_all_and_steps_where_the_model_does() -> None:
    spec = json.loads(panels((INCOME, TOWN)))
    first, second = spec["concat"]
    assert (first["title"], second["title"]) == ("Income", "Town")
    step, missing = first["layer"][1], first["layer"][2]
    domain = step["encoding"]["y"]["scale"]["domain"]
    assert domain[0] <= -0.4
    assert domain[1] >= 1.2
    assert second["layer"][1]["encoding"]["x"]["scale"]["domain"] == domain
    assert step["mark"]["interpolate"] == "step-after"
    drawn = spec["datasets"][step["data"]["name"]] if "name" in step["data"] else (
        step["data"]["values"]
    )  # fmt: skip
    assert [(one["x"], one["added"]) for one in drawn] == [
        (100.0, 0.8), (500.0, -0.4), (9000.0, -0.4)
    ]  # fmt: skip
    assert missing["mark"]["color"] != step["mark"]["color"]


def test_a_long_title_stands_in_two_lines_and_shares_are_written_as_they_are() -> None:
    long = replace(INCOME, title="Share of top-ups by voucher, of all of them in the last 90 days")
    drawn, plain = json.loads(panels((long, INCOME)))["concat"]
    assert drawn["title"] == ["Share of top-ups by voucher, of all of", "them in the last 90 days"]
    assert plain["title"] == "Income"
    label = drawn["layer"][1]["encoding"]["x"]["axis"]["labelExpr"]
    assert label.startswith("abs(datum.value) < 1000 ? format(datum.value, '~g')")
