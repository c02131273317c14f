"""The card lender: a bank that decides on a card from a short form, a bureau score and its memory.

Four months of a made-up bank in 2024, days of Moscow time. Each applicant applies once. What the
form says hangs together as in life (education, employer, income, travel, address), and the bank's
file shows something of how the applicant handles debt. Two in five applicants are clients already:
the bank's own database has reviewed them quarter by quarter. Each application's true probability of
bad is known, depends on form, file and what nobody sees, and is what `default` was drawn from.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from solvent.sandbox._arrival import whole_numbers
from solvent.sandbox._block import (
    BLOCK,
    Bools,
    Coded,
    Column,
    Columns,
    Ints,
    block_rng,
    scatter_ids,
    sort_rows,
    take_column,
)
from solvent.sandbox._card.calendar import OBSERVED_UNTIL, PERIOD_START, draw_days, to_midnight
from solvent.sandbox._card.clients import draw_clients
from solvent.sandbox._card.file import File, draw_file
from solvent.sandbox._card.people import EDUCATIONS, NO_YES, SEXES, People, draw_people
from solvent.sandbox._card.risk import draw_hidden, true_pd
from solvent.sandbox._lender import Lender, schema

_PEOPLE, _FILES, _DAYS, _RISK, _CLIENTS = range(5)

_TEXT, _WHOLE, _REAL, _TIME = pa.string(), pa.int64(), pa.float64(), pa.timestamp("us")
_TABLES = {
    "applications": schema(
        client_id=_WHOLE, app_date=_TIME, education=_TEXT, sex=_TEXT, age=_WHOLE,
        car=_TEXT, car_type=_TEXT, decline_app_cnt=_WHOLE, good_work=_WHOLE,
        score_bki=_REAL, bki_request_cnt=_WHOLE, region_rating=_WHOLE,
        home_address=_WHOLE, work_address=_WHOLE, income=_WHOLE, sna=_WHOLE,
        first_time=_WHOLE, foreign_passport=_TEXT, default=_WHOLE,
    ),
    "clients": schema(
        client_id=_WHOLE, valid_from=_TIME, recorded_at=_TIME, region_rating=_WHOLE,
        bureau_score=_REAL, months_with_bank=_WHOLE, past_products=_WHOLE,
        arrears=_WHOLE, days_late_most=_WHOLE,
    ),
    "truth": schema(client_id=_WHOLE, true_pd=_REAL),
}  # fmt: skip


def simulate_block(seed: int, block: int) -> Mapping[str, Columns]:
    """Simulate one block of applicants: values in, tables out."""
    people = draw_people(block_rng(seed, block, _PEOPLE))
    file = draw_file(block_rng(seed, block, _FILES), people)
    day = draw_days(block_rng(seed, block, _DAYS))
    chances = block_rng(seed, block, _RISK)
    pd = true_pd(people, file, day, draw_hidden(chances, people))
    bad = chances.random(BLOCK) < pd
    owner = np.arange(BLOCK)
    ids = scatter_ids(block * BLOCK + owner + 1)
    columns: dict[str, Column] = {
        "owner": owner,
        "client_id": ids,
        "app_date": to_midnight(day),
        **_show_form(people),
        **_show_file(file),
        "default": bad.astype(np.int64),
        "true_pd": pd,
    }
    columns = sort_rows(columns, "app_date")
    clients = draw_clients(block_rng(seed, block, _CLIENTS), people, file, day=day, bad=bad)
    return {"applications": columns, "clients": _show_clients(clients, ids), "truth": columns}


def _show_clients(clients: Columns, ids: Ints) -> Columns:
    """The bank's database in the order its rows were written."""
    named = {**clients, "client_id": take_column(ids, whole_numbers(clients, "owner"))}
    return sort_rows(named, "recorded_at")


def _show_form(people: People) -> dict[str, Column]:
    """What the applicant is asked, and what the bank makes of the addresses told."""
    return {
        "education": Coded(codes=people.education_told, levels=EDUCATIONS),
        "sex": Coded(codes=_number(people.male), levels=SEXES),
        "age": people.age,
        "car": Coded(codes=_number(people.car), levels=NO_YES),
        "car_type": Coded(codes=_number(people.foreign_car), levels=NO_YES),
        "good_work": _number(people.good_work),
        "region_rating": people.region,
        "home_address": people.home,
        "work_address": people.work,
        "income": people.income,
        "foreign_passport": Coded(codes=_number(people.passport), levels=NO_YES),
    }


def _show_file(file: File) -> dict[str, Column]:
    """What the bureau and the bank itself know."""
    return {
        "decline_app_cnt": file.declined,
        "score_bki": file.bureau_score,
        "bki_request_cnt": file.inquiries,
        "sna": file.tie,
        "first_time": file.tenure,
    }


def _number(asserted: Bools) -> Ints:
    return asserted.astype(np.int64)


INSTANT_CARD = Lender(
    name="instant_card",
    title="A bank decides on a card from a short form, a bureau score and what it knows of clients",
    version="1",
    period_start=PERIOD_START,
    lending_start=PERIOD_START,
    observed_until=OBSERVED_UNTIL,
    tables=MappingProxyType(_TABLES),
    simulate_block=simulate_block,
)
