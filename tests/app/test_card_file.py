"""A card as text: anyone can score with its specification."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np

from solvent.app.card_file import COLUMNS, Format, card_text
from solvent.models.card_sql import Dialect
from tests.models.cards import book, rows_of, score_by_specification, trained_card
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


def test_a_title_cannot_end_the_comment_it_stands_in() -> None:
    record = card_record(title="Loans\nDROP TABLE applications;")
    query = card_text(record, Format.SQL, Dialect.POSTGRES)
    assert "\nDROP" not in query
