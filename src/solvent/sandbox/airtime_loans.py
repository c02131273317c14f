"""The airtime lender: a telecom that lends airtime, unasked, to prepaid customers who run out.

A year of a made-up country in 2024, UTC. Customers top up, use, climb loyalty tiers, run out, are
lent 5, 10 or 20 units for a fee, and repay out of their next top-ups, or not within 30 days: then
the loan is bad. Each loan's true probability of bad is known, depends on hidden traits and on
visible behaviour, and is what the outcome was drawn from.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from solvent.sandbox._airtime.book import Book
from solvent.sandbox._airtime.calendar import LENDING_START, OBSERVED_UNTIL, PERIOD_START
from solvent.sandbox._airtime.loans import lend
from solvent.sandbox._airtime.people import People, draw_people
from solvent.sandbox._airtime.rows import (
    show_customers,
    show_loans,
    show_loyalty,
    show_repayments,
    show_top_ups,
    show_usage,
)
from solvent.sandbox._airtime.streams import (
    Usage,
    describe_usage,
    draw_loyalty,
    draw_top_ups,
    draw_usage,
    join_usage,
)
from solvent.sandbox._block import Columns, block_rng
from solvent.sandbox._clock import to_keys
from solvent.sandbox._lender import Lender, schema

_PEOPLE, _TOP_UPS, _USAGE, _LOYALTY, _LENDING, _UPLOADS = range(6)
_QUIET_SHARE = 0.85
"""Share of usage that vanishes with a customer who has gone quiet."""


_TEXT, _WHOLE, _REAL, _TIME = pa.string(), pa.int64(), pa.float64(), pa.timestamp("us")
_LOAN = schema(
    uuid=_TEXT, loan_id=_WHOLE, amount=_REAL, fee=_REAL,
    created_at=_TIME, due_at=_TIME, paid_at=_TIME, channel=_TEXT,
)  # fmt: skip
_TABLES = {
    "loans": _LOAN,
    "previous_loans": _LOAN,
    "repayments": schema(
        repayment_id=_WHOLE, uuid=_TEXT, loan_id=_WHOLE, paid_on=_TIME, amount=_REAL
    ),
    "top_ups": schema(
        top_up_id=_WHOLE, uuid=_TEXT, topped_up_at=_TIME,
        amount=_REAL, method=_TEXT, uploaded_at=_TIME,
    ),
    "usage": schema(
        usage_id=_WHOLE, uuid=_TEXT, at=_TIME, kind=_TEXT,
        units=_REAL, network=_TEXT, uploaded_at=_TIME,
    ),
    "loyalty": schema(
        uuid=_TEXT, valid_from=_TIME, recorded_at=_TIME, tier=_TEXT, points=_WHOLE
    ),
    "customers": schema(
        uuid=_TEXT, joined_at=_TIME, birth_date=pa.date32(),
        region=_TEXT, sex=_TEXT, handset=_TEXT,
    ),
    "truth": schema(loan_id=_WHOLE, true_pd=_REAL),
}  # fmt: skip


def simulate_block(seed: int, block: int) -> Mapping[str, Columns]:
    """Simulate one block of customers: values in, tables out."""
    people = draw_people(block_rng(seed, block, _PEOPLE))
    loyalty = draw_loyalty(block_rng(seed, block, _LOYALTY), people)
    free = draw_top_ups(block_rng(seed, block, _TOP_UPS), people)
    book = lend(block_rng(seed, block, _LENDING), people, free, loyalty)
    usage = _use(block_rng(seed, block, _USAGE), people, book)
    uploads = block_rng(seed, block, _UPLOADS)
    return {
        **show_loans(people, book.loans, block),
        "repayments": show_repayments(people, book, block),
        "top_ups": show_top_ups(uploads, people, book.top_ups, block),
        "usage": show_usage(uploads, people, usage, block),
        "loyalty": show_loyalty(people, loyalty),
        "customers": show_customers(people),
    }


def _use(rng: np.random.Generator, people: People, book: Book) -> Usage:
    """Usage, thin where a customer has gone quiet, and the use with which each run-out came."""
    free = draw_usage(rng, people)
    silence = np.searchsorted(book.away[:, 0], free.keys, side="right") - 1
    quiet = (silence >= 0) & (free.keys < book.away[silence, 1])
    kept = free.keep(~quiet | (rng.random(len(quiet)) >= _QUIET_SHARE))
    ran_out = to_keys(book.loans.owner, book.loans.ran_out)
    return join_usage(kept, describe_usage(rng, people, ran_out))


AIRTIME_LOANS = Lender(
    name="airtime_loans",
    title="A telecom lends airtime, unasked, to prepaid customers who run out",
    version="1",
    period_start=PERIOD_START,
    lending_start=LENDING_START,
    observed_until=OBSERVED_UNTIL,
    tables=MappingProxyType(_TABLES),
    simulate_block=simulate_block,
)
