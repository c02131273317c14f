"""The card portfolio: an issuer of cards whose forms tell little, and a log of transactions.

Shaped as the public PAKDD 2010 data: 54 columns, many of them constant, free text in every case,
and an outcome that is hard to foretell. The form has no date, so the transactions, which the
public data do not have, count in days from the application. Each application's true probability
of bad is known and is what `TARGET_LABEL_BAD=1` was drawn from.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

import numpy as np
import pyarrow as pa

from solvent.sandbox._block import BLOCK, Column, Columns, Ints, block_rng, take_column
from solvent.sandbox._lender import Lender, schema
from solvent.sandbox._portfolio.form import show_form
from solvent.sandbox._portfolio.people import draw_people
from solvent.sandbox._portfolio.risk import draw_hidden, true_pd
from solvent.sandbox._portfolio.transactions import draw_transactions, show_transactions

_PEOPLE, _FORM, _RISK, _TRANSACTIONS = range(4)
BAD = "TARGET_LABEL_BAD=1"

_TEXT, _WHOLE, _REAL = pa.string(), pa.int64(), pa.float64()
_TABLES = {
    "applications": schema(
        ID_CLIENT=_WHOLE, CLERK_TYPE=_TEXT, PAYMENT_DAY=_WHOLE, APPLICATION_SUBMISSION_TYPE=_TEXT,
        QUANT_ADDITIONAL_CARDS=_WHOLE, POSTAL_ADDRESS_TYPE=_WHOLE, SEX=_TEXT,
        MARITAL_STATUS=_WHOLE, QUANT_DEPENDANTS=_WHOLE, EDUCATION_LEVEL=_WHOLE,
        STATE_OF_BIRTH=_TEXT, CITY_OF_BIRTH=_TEXT, NACIONALITY=_WHOLE, RESIDENCIAL_STATE=_TEXT,
        RESIDENCIAL_CITY=_TEXT, RESIDENCIAL_BOROUGH=_TEXT, FLAG_RESIDENCIAL_PHONE=_TEXT,
        RESIDENCIAL_PHONE_AREA_CODE=_REAL, RESIDENCE_TYPE=_REAL, MONTHS_IN_RESIDENCE=_REAL,
        FLAG_MOBILE_PHONE=_TEXT, FLAG_EMAIL=_WHOLE, PERSONAL_MONTHLY_INCOME=_REAL,
        OTHER_INCOMES=_REAL, FLAG_VISA=_WHOLE, FLAG_MASTERCARD=_WHOLE, FLAG_DINERS=_WHOLE,
        FLAG_AMERICAN_EXPRESS=_WHOLE, FLAG_OTHER_CARDS=_WHOLE, QUANT_BANKING_ACCOUNTS=_WHOLE,
        QUANT_SPECIAL_BANKING_ACCOUNTS=_WHOLE, PERSONAL_ASSETS_VALUE=_REAL, QUANT_CARS=_WHOLE,
        COMPANY=_TEXT, PROFESSIONAL_STATE=_TEXT, PROFESSIONAL_CITY=_TEXT,
        PROFESSIONAL_BOROUGH=_TEXT, FLAG_PROFESSIONAL_PHONE=_TEXT,
        PROFESSIONAL_PHONE_AREA_CODE=_REAL, MONTHS_IN_THE_JOB=_WHOLE, PROFESSION_CODE=_REAL,
        OCCUPATION_TYPE=_REAL, MATE_PROFESSION_CODE=_REAL, EDUCATION_LEVEL_2=_REAL,
        FLAG_HOME_ADDRESS_DOCUMENT=_WHOLE, FLAG_RG=_WHOLE, FLAG_CPF=_WHOLE,
        FLAG_INCOME_PROOF=_WHOLE, PRODUCT=_WHOLE, FLAG_ACSP_RECORD=_TEXT, AGE=_WHOLE,
        RESIDENCIAL_ZIP_3=_TEXT, PROFESSIONAL_ZIP_3=_TEXT,
    ).append(pa.field(BAD, _WHOLE)),
    "transactions": schema(
        TRANSACTION_ID=_WHOLE, ID_CLIENT=_WHOLE, DAYS=_REAL, DAYS_POSTED=_REAL, AMOUNT=_REAL,
        MERCHANT_KIND=_TEXT,
    ),
    "truth": schema(ID_CLIENT=_WHOLE, true_pd=_REAL),
}  # fmt: skip


def simulate_block(seed: int, block: int) -> Mapping[str, Columns]:
    """Simulate one block of applicants: values in, tables out."""
    people = draw_people(block_rng(seed, block, _PEOPLE))
    chances, log = block_rng(seed, block, _RISK), block_rng(seed, block, _TRANSACTIONS)
    pd = true_pd(people, draw_hidden(chances))
    ids = 1 + block * BLOCK + np.arange(BLOCK)
    columns: dict[str, Column] = {
        "owner": np.arange(BLOCK),
        "ID_CLIENT": ids,
        **show_form(block_rng(seed, block, _FORM), people),
        BAD: (chances.random(BLOCK) < pd).astype(np.int64),
        "true_pd": pd,
    }
    bought = show_transactions(log, draw_transactions(log, people), block)
    return {
        "applications": columns,
        "transactions": {**bought, "ID_CLIENT": _clients(bought, ids)},
        "truth": columns,
    }


def _clients(table: Columns, ids: Ints) -> Column:
    return take_column(ids, cast("Ints", table["owner"]))


CARD_PORTFOLIO = Lender(
    name="card_portfolio",
    title="An issuer of cards: forms of 54 columns that tell little, transactions that tell more",
    version="1",
    period_start=None,
    lending_start=None,
    observed_until=None,
    tables=MappingProxyType(_TABLES),
    simulate_block=simulate_block,
)
