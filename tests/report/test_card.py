"""The printed card."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from solvent.report.card import render_card
from solvent.report.scorecard import scorecard
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
    section = scorecard(record(card=card))
    assert section is not None
    assert [len(table.rows) for table in section.tables] == [
        sum(one.share > 0.0 or not one.neutral for one in line.bins) for line in card.lines
    ]
    assert f"everybody starts with {card.start} points" in section.lead[0]
    assert section.tables[0].rows[0][-1].text == str(card.lines[0].bins[0].points)
    assert scorecard(record()) is None


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
    table = scorecard(record(card=shown.card)).tables[0]  # type: ignore[union-attr]
    told = [row[0].text for row in table.rows]
    assert len(set(told)) == len(told)
