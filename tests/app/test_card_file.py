"""A card as text: anyone can score with its specification."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace

import numpy as np

from solvent.app.card_file import COLUMNS, Format, card_text
from solvent.features import FeatureFrame
from solvent.models import Card, points_card
from solvent.models.card_sql import Dialect
from tests.models.cards import (
    ODD_LEVELS,
    SPECIAL,
    book,
    points_by_table,
    rows_of,
    score_by_specification,
    train_card,
    trained_card,
)
from tests.models.frames import labels, number
from tests.report.cards import card_record


def test_a_stranger_scores_with_the_specification_alone() -> None:
    told = json.loads(card_text(card_record(), Format.JSON, Dialect.DUCKDB))
    frame, _ = book(3000, seed=4)
    found = [score_by_specification(told, row) for row in rows_of(frame)]
    trained = trained_card()
    assert [margin for margin, _, _ in found] == trained.model.margin(frame).tolist()
    assert [points for _, points, _ in found] == card_record().card.scores(frame).tolist()
    assert np.array([pd for _, _, pd in found]).tolist() == trained.pd(frame).tolist()


def test_the_scale_is_where_the_points_say() -> None:
    told = json.loads(card_text(card_record(), Format.JSON, Dialect.DUCKDB))
    scale, frame = told["scale"], book(500, seed=4)[0]
    for row in rows_of(frame):
        _, points, pd = score_by_specification(told, row)
        exact = scale["base_score"] + scale["pdo"] / math.log(2.0) * (
            math.log((1.0 - pd) / pd) - math.log(scale["base_odds"])
        )
        assert abs(points - exact) < 4.0


def test_the_table_has_a_row_per_bin_and_nothing_a_spreadsheet_runs() -> None:
    record = card_record(titles={"income": "=HYPERLINK()"})
    rows = list(csv.DictReader(io.StringIO(card_text(record, Format.CSV, Dialect.DUCKDB))))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["points"] == str(record.card.start)
    assert len(rows) == 1 + sum(len(line.bins) for line in record.card.lines)
    assert {row["title"] for row in rows if row["characteristic"] == "income"} == {"'=HYPERLINK()"}


def test_a_stranger_adds_up_points_with_the_table_alone() -> None:
    text = card_text(card_record(), Format.CSV, Dialect.DUCKDB)
    frame, _ = book(1000, seed=11)
    # what the card has never seen, and its codes
    towns = labels("town", frame["town"].codes, (*ODD_LEVELS[:-1], "=never; seen"))  # type: ignore[union-attr]
    frame = FeatureFrame(rows=1000, columns=(*frame.columns[:3], towns))
    found = [points_by_table(text, row) for row in rows_of(frame)]
    assert found == card_record().card.scores(frame).tolist()
    assert len(set(found)) > 20


def test_a_table_has_a_home_for_codes_below_zero_and_labels_like_formulas() -> None:
    rng = np.random.default_rng(3)
    kind, debt = rng.integers(0, 4, 3000), rng.gamma(2.0, 50.0, 3000) - 60.0
    debt[rng.random(3000) < 0.2] = SPECIAL
    bad = rng.random(3000) < 0.1 + 0.15 * (kind % 2) + 0.2 * (debt > 40.0)
    names = ("=1+1", "-5", '["a", "b"]', "x; y")
    frame = FeatureFrame(rows=3000, columns=(number("-debt", debt), labels("@kind", kind, names)))
    card = points_card(train_card(frame, bad, Card(special={"*": (SPECIAL, "x; y")})))
    assert len(card.lines) == 2
    text = card_text(replace(card_record(), card=card), Format.CSV, Dialect.DUCKDB)
    assert [points_by_table(text, row) for row in rows_of(frame)] == card.scores(frame).tolist()


def test_a_title_cannot_end_the_comment_it_stands_in() -> None:
    record = card_record(title="Loans\nDROP TABLE applications;")
    query = card_text(record, Format.SQL, Dialect.POSTGRES)
    assert "\nDROP" not in query
