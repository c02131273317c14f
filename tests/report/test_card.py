"""The printed card."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np

from solvent.binning import Stability
from solvent.report.card import render_card
from solvent.report.scorecard import scorecards
from solvent.report.scorecard_chart import month_grid
from solvent.report.training import Readable
from tests.report.cards import card_record
from tests.report.records import record


def _words(html: str) -> str:
    body = html[html.index("<body") :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("\u202f", " ").split())


def test_it_tells_how_to_add_up_and_what_the_sum_means() -> None:
    told, words = card_record(), _words(render_card(card_record()))
    low, high = told.card.range
    assert f"Start with {told.card.start} points" in words
    assert "20 points double the odds; 600 points are 30 good loans to a bad one" in words
    assert f"Scores run from {low} (PD " in words
    assert f"to {high} (PD " in words
    assert "AUC 0.7504, unrounded 0.7512; ranks agree to 0.9993" in words
    assert "Version 3" in words
    assert "4,000 applications" in words


def test_every_bin_with_applicants_is_there_with_its_points() -> None:
    html = render_card(card_record())
    scores = [int(found) for found in re.findall(r'class="score">(\d+)<', html)]
    told = [
        one.points for line in card_record().card.lines for one in line.bins
        if not (one.neutral and one.share == 0.0)
    ]  # fmt: skip
    assert set(told) <= set(scores)
    assert len(scores) >= len(told)


def test_it_needs_no_other_file_and_titles_are_no_markup() -> None:
    html = render_card(card_record())
    assert "Income &lt;b&gt;" in html
    assert not re.search(r'(src|href)="|url\(|<script', html)
    assert "@page" in html


def test_the_same_card_is_the_same_page() -> None:
    assert render_card(card_record()) == render_card(card_record())


def test_the_training_report_shows_the_card_and_no_other_model_has_one() -> None:
    card = card_record().card
    (section,) = scorecards(record(readable=(Readable(card=card),)))
    assert [len(table.rows) for table in section.tables] == [
        sum(one.share > 0.0 or not one.neutral for one in line.bins) for line in card.lines
    ]
    assert f"everybody starts with {card.start} points" in section.lead[0]
    assert section.tables[0].rows[0][-1].text == str(card.lines[0].bins[0].points)
    assert scorecards(record()) == ()
    assert scorecards(record(readable=(Readable(),))) == ()


def test_ends_are_written_with_as_many_digits_as_part_them() -> None:
    card = card_record().card
    line = next(line for line in card.lines if line.name == "income")
    ends = (0.12341, 0.12344, 1234.5671, 1234.5672)
    around = [None, *ends, None]
    bins = tuple(
        replace(
            line.bins[0], words="", ranged=True, above=low, up_to=high, special=(), missing=False
        )
        for low, high in pairwise(around)
    )
    shown = replace(card_record(), card=replace(card, lines=(replace(line, bins=bins),)))
    words = _words(render_card(shown))
    assert "up to 0.12341 " in words
    assert "0.12341 to 0.12344 " in words
    assert "1,234.5671 to 1,234.5672 " in words
    (section,) = scorecards(record(readable=(Readable(card=shown.card),)))
    table = section.tables[0]
    told = [row[0].text for row in table.rows]
    assert len(set(told)) == len(told)


def _months(psi: list[float], held: list[bool], rows: list[int]) -> Stability:
    many = len(psi)
    halves = np.array([[one // 2, one - one // 2] for one in rows])
    return Stability(
        periods=np.arange(650, 650 + many), rows=halves,
        bads=np.zeros((many, 2), dtype=np.int64), share=np.full((many, 2), 0.5),
        bad_rate=np.zeros((many, 2)), woe=np.zeros((many, 2)), psi=np.array(psi),
        held=np.array(held), held_within_chance=np.array(held),
    )  # fmt: skip


def _drawn(spec: str) -> list[dict[str, object]]:
    """The cells of a grid."""
    told = json.loads(spec)
    cells: list[dict[str, object]] = told["datasets"][told["layer"][0]["data"]["name"]]
    return cells


def test_months_are_a_grid_of_what_moved_and_what_lost_its_order() -> None:
    card = card_record().card
    months = {
        line.name: _months([0.05, 0.15, 0.4, 0.9], [True, False, True, False], [500, 500, 500, 199])
        for line in card.lines
    }
    (section,) = scorecards(record(readable=(Readable(card=card, months=months),)))
    (chart,) = section.charts
    k = len(card.lines)
    assert f"Of {4 * k} cells {2 * k} have a PSI of 0.1 or more" in chart.sentence
    assert f"in {k} the bad rates" in chart.sentence
    drawn = _drawn(chart.spec)
    of_one = [one for one in drawn if one["title"] == card.lines[0].name]
    assert [one["state"] for one in of_one] == ["steady", "moved", "far", "few"]
    assert [one["lost"] for one in of_one] == [False, True, False, False]
    assert [one["month"] for one in of_one] == ["2024-03", "2024-04", "2024-05", "2024-06"]
    assert not [words for words in section.lead if "no times" in words]


def test_long_names_of_characteristics_are_broken_where_they_end() -> None:
    title = "Share of top-ups where way of topping up is voucher"
    spec = json.loads(month_grid([(title, "2024-03", "steady", True)], [title]))
    broken = {row["title"] for row in _drawn(json.dumps(spec))}
    assert broken == {"Share of top-ups where way of|topping up is voucher"}
    axis = spec["layer"][0]["encoding"]["y"]["axis"]
    assert axis["labelExpr"] == "split(datum.label, '|')"


def test_no_more_than_two_years_are_drawn_and_that_is_said() -> None:
    card = card_record().card
    months = {line.name: _months([0.0] * 30, [True] * 30, [900] * 30) for line in card.lines}
    (section,) = scorecards(record(readable=(Readable(card=card, months=months),)))
    assert "30 months, the last 24 shown" in section.charts[0].sentence
    assert len(_drawn(section.charts[0].spec)) == 24 * len(card.lines)


def test_where_there_are_no_times_that_is_said() -> None:
    (section,) = scorecards(record(readable=(Readable(card=card_record().card),)))
    assert not section.charts
    assert "no times" in section.lead[1]
