"""The real sets open without a single lost row, where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from solvent.features import (
    Applications,
    Attributes,
    Events,
    Table,
    category,
    date,
    flag,
    instant,
    integer,
    money,
    number,
)  # fmt: skip
from solvent.sources import connect, open_table, refusals, refused_rows, sniff

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SOLVENT_REAL_DATA") or ROOT.parent / "shared" / "data")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real sets are not here (SOLVENT_REAL_DATA)"),
]

LAGOS, BRAZIL = "Africa/Lagos", "America/Sao_Paulo"
TABLES: list[tuple[Table, int, dict[str, int]]] = [
    (
        Applications(
            name="perf", files="superlender/trainperf.parquet", key="customerid",
            id="systemloanid", as_of="creationdate", zone=LAGOS,
            columns={"loanamount": money("NGN"), "referredby": category(),
                     "good_bad_flag": flag(true=("Bad",))},
        ),
        3519, {},
    ),
    (
        Events(
            name="previous", files="superlender/trainprevloans.parquet", key="customerid",
            id="systemloanid", at="creationdate", zone=LAGOS,
            columns={"totaldue": money("NGN", known_at="closeddate"), "closeddate": instant(),
                     "firstduedate": date()},
        ),
        18183, {},
    ),
    (
        Attributes(
            name="people", files="superlender/traindemographics.parquet", key="customerid",
            zone=LAGOS, columns={"birthdate": date(), "bank_name_clients": category()},
        ),
        4346, {},
    ),
    (
        Events(
            name="airtime", files="airtime_loans/*.parquet", key="uuid", id="loan_id",
            at="created_at", zone=BRAZIL, columns={"amount": money("BRL"), "paid_at": instant()},
        ),
        9694 + 6035, {},
    ),
    (
        Applications(
            name="sf", files="sf_scoring", key="client_id", id="client_id", as_of="app_date",
            zone="Europe/Moscow", columns={"income": money("RUB"), "score_bki": number()},
        ),
        59044, {},
    ),
    (
        Applications(
            name="pakdd", files="pakdd2010/applications.parquet", key="ID_CLIENT", id="ID_CLIENT",
            columns={"PERSONAL_MONTHLY_INCOME": money("BRL"), "TARGET_LABEL_BAD=1": flag()},
        ),
        40122, {},
    ),
    (
        Events(
            name="bureau", files="home_credit/bureau.parquet", key="SK_ID_CURR",
            id="SK_ID_BUREAU", at="DAYS_CREDIT", relative="days",
            columns={"AMT_CREDIT_SUM": money(), "DAYS_ENDDATE_FACT": instant()},
        ),
        49227, {"AMT_CREDIT_SUM: more decimals than scale": 1309},
    ),
    (
        Events(
            name="pos", files="home_credit/POS_CASH_balance.parquet", key="SK_ID_CURR",
            at="MONTHS_BALANCE", relative="months", columns={"CNT_INSTALMENT": integer()},
        ),
        287697, {},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "read", "refused"), TABLES, ids=lambda value: getattr(value, "name", "")
)
def test_every_row_of_a_real_set_is_accepted_or_refused_with_a_reason(
    table: Table, read: int, refused: dict[str, int], tmp_path: Path
) -> None:
    connection = connect(memory_limit="300MB", threads=1, temp_directory=tmp_path)
    with open_table(connection, table, DATA) as one:
        found = refusals(one)
        assert (found.read, dict(found.reasons)) == (read, refused)
        assert found.accepted + found.refused == read
        assert sum(1 for _ in refused_rows(one)) == found.refused
        counted = connection.execute(f"SELECT count(*) FROM ({one.sql})").fetchall()  # noqa: S608
        assert counted == [(found.accepted,)]
    connection.close()


def test_a_first_look_at_the_real_sets_guesses_a_reason_for_every_column() -> None:
    for name in ("superlender/trainperf", "airtime_loans/loans", "german/german"):
        found = sniff(DATA / f"{name}.parquet")
        assert all(one.why for one in found.columns)
    loans = {
        one.name: one.looks.value for one in sniff(DATA / "airtime_loans/loans.parquet").columns
    }
    assert loans == {
        "uuid": "id", "loan_id": "id", "amount": "money", "created_at": "instant",
        "paid_at": "instant",
    }  # fmt: skip
