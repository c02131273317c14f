"""A card as SQL says what it says here, to the last digit."""

from __future__ import annotations

import duckdb
import numpy as np
import psycopg
import pyarrow as pa
import pytest

from solvent.features import FeatureFrame
from solvent.models.card_sql import Dialect, card_sql
from solvent.models.points import points_card
from tests.models.cards import book, rows_of, train_card, trained_card
from tests.models.frames import labels, number
from tests.postgres import server_address

ROWS = 100_000


def _expected(frame: FeatureFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    trained = trained_card()
    return trained.model.margin(frame), points_card(trained).scores(frame), trained.pd(frame)


def _asked(dialect: Dialect) -> str:
    query = card_sql(points_card(trained_card()), dialect, title="a card\nDROP TABLE applications;")
    return (
        f"SELECT solvent_margin, solvent_points, solvent_pd FROM ({query}) AS scored ORDER BY place"  # noqa: S608 - ours
    )


def _require_equal(found: list[tuple[float, int, float]], frame: FeatureFrame) -> None:
    margin, points, pd = _expected(frame)
    assert len(found) == frame.rows
    assert np.array([row[0] for row in found]).tobytes() == margin.tobytes()
    assert [row[1] for row in found] == points.tolist()
    assert np.array([row[2] for row in found]).tobytes() == pd.tobytes()


def test_duckdb_scores_100k_rows_as_here() -> None:
    frame, _ = book(ROWS, seed=2)
    mine = {"margin": 9.0, "points": 1, "pd": 0.5, "card_bin_1": 0}  # of the table's own
    rows = [{"place": place, **mine, **row} for place, row in enumerate(rows_of(frame))]
    with duckdb.connect() as connection:
        connection.register("applications", pa.Table.from_pylist(rows))
        _require_equal(connection.execute(_asked(Dialect.DUCKDB)).fetchall(), frame)


def test_postgres_scores_100k_rows_as_here() -> None:
    frame, _ = book(ROWS, seed=2)
    with psycopg.connect(server_address()) as connection, connection.cursor() as cursor:
        cursor.execute(
            'CREATE TEMPORARY TABLE applications (place int, income float8, "the ""age""" float8, '
            '"debt now" float8, town text)'
        )
        with cursor.copy("COPY applications FROM STDIN") as copy:
            for place, row in enumerate(rows_of(frame)):
                copy.write_row((place, *row.values()))
        cursor.execute(_asked(Dialect.POSTGRES).encode())
        _require_equal(cursor.fetchall(), frame)


@pytest.mark.parametrize("dialect", Dialect)
def test_what_is_not_known_is_missing_and_what_is_infinite_has_no_score(dialect: Dialect) -> None:
    values = "(1, 'NaN', 40, 5, 'Paris'), (2, NULL, 40, 5, NULL), (3, 'Infinity', 40, 5, NULL)"
    make = (
        'CREATE TEMPORARY TABLE applications (place int, income float8, "the ""age""" float8, '
        '"debt now" float8, town varchar)'
    )
    if dialect is Dialect.DUCKDB:
        with duckdb.connect() as connection:
            connection.execute(make)
            connection.execute(f"INSERT INTO applications VALUES {values}")  # noqa: S608 - ours
            found = connection.execute(_asked(dialect)).fetchall()
    else:
        with psycopg.connect(server_address()) as connection:
            connection.execute(make.encode())
            connection.execute(f"INSERT INTO applications VALUES {values}".encode())  # noqa: S608 - ours
            found = connection.execute(_asked(dialect).encode()).fetchall()
    assert found[2] == (None, None, None)
    frame = book(2)[0]
    frame.columns[0].values[:] = np.nan  # type: ignore[union-attr]
    frame.columns[1].values[:] = 40.0  # type: ignore[union-attr]
    frame.columns[2].values[:] = 5.0  # type: ignore[union-attr]
    frame.columns[3].codes[1] = -1  # type: ignore[union-attr]
    margin = _expected(frame)[0]
    assert found[1][0] == margin[1]  # nothing known of income, nor of the town
    assert found[0][0] != found[1][0]  # a town never seen is not a missing one


@pytest.mark.parametrize("dialect", Dialect)
def test_a_column_of_truths_is_read_as_solvent_reads_it(dialect: Dialect) -> None:
    frame, bad = book(4000)
    rng = np.random.default_rng(5)
    owns = np.where(rng.random(4000) < 0.1, np.nan, (rng.random(4000) < 0.3 + 0.4 * ~bad) * 1.0)
    hired = np.where(rng.random(4000) < 0.2 + 0.3 * bad, 1, 0)
    told = labels("hired", hired, ("false", "true"))
    phone = np.where(rng.random(4000) < 0.2 + 0.3 * bad, 1.0, np.nan)  # yes, or not said
    columns = (frame.columns[0], number("owns", owns), told, number("phone", phone))
    frame = FeatureFrame(rows=4000, columns=columns)
    trained = train_card(frame, bad)
    assert set(trained.features) == {"income", "owns", "hired", "phone"}
    query = card_sql(points_card(trained), dialect, title="a card")
    asked = f"SELECT solvent_margin FROM ({query}) AS scored ORDER BY place"  # noqa: S608 - ours
    make = (
        "CREATE TEMPORARY TABLE applications (place int, income float8, owns {}, hired boolean, "
        "phone boolean)"
    )
    rows = [
        (place, row["income"], row["owns"], row["hired"] == "true", True if row["phone"] else None)
        for place, row in enumerate(rows_of(frame))
    ]
    for kind in ("boolean", "real", "int"):
        of = {"boolean": bool, "real": float, "int": int}[kind]
        held = [(a, b, None if c is None else of(c), *rest) for a, b, c, *rest in rows]
        found = _margins(dialect, make.format(kind), held, asked)
        assert np.array(found).tobytes() == trained.model.margin(frame).tobytes()


def _margins(
    dialect: Dialect, make: str, rows: list[tuple[object, ...]], asked: str
) -> list[float]:
    if dialect is Dialect.DUCKDB:
        with duckdb.connect() as connection:
            connection.execute(make)
            names = ["place", "income", "owns", "hired", "phone"]
            table = pa.table([*map(pa.array, zip(*rows, strict=True))], names=names)
            connection.register("given", table)
            connection.execute("INSERT INTO applications SELECT * FROM given")
            return [row[0] for row in connection.execute(asked).fetchall()]
    with psycopg.connect(server_address()) as connection, connection.cursor() as cursor:
        cursor.execute(make.encode())
        with cursor.copy("COPY applications FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(asked.encode())
        return [row[0] for row in cursor.fetchall()]
