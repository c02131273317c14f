"""The mobile lender: an app that lends small sums, and knows phones better than people.

A year of a made-up country in 2024, UTC. Customers install the app, let it see where the phone is
or not, tap through it, and ask for 20 to 120 units for 14 or 30 days; a loan that is not repaid 15
days after its due date is a default. Phones fall silent for weeks, positions are uploaded days
late, and a broker sells ten numbers without saying what they mean. Each loan's true probability of
default is known, depends most on how long the phone has been silent, and is what the outcome was
drawn from.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from solvent.sandbox._block import Columns, block_rng
from solvent.sandbox._lender import Lender, schema
from solvent.sandbox._mobile.calendar import OBSERVED_UNTIL, PERIOD_START
from solvent.sandbox._mobile.loans import lend
from solvent.sandbox._mobile.masked import NAMES, draw_masked, draw_traits
from solvent.sandbox._mobile.people import draw_people
from solvent.sandbox._mobile.positions import draw_positions
from solvent.sandbox._mobile.rows import (
    add_sessions,
    show_loans,
    show_masked,
    show_positions,
    show_taps,
)
from solvent.sandbox._mobile.taps import draw_taps

_PEOPLE, _POSITIONS, _TAPS, _MASKED, _LENDING, _SESSIONS, _UPLOADS = range(7)

_TEXT, _WHOLE, _REAL, _TIME = pa.string(), pa.int64(), pa.float64(), pa.timestamp("us")
_TABLES = {
    "loan_outcomes": schema(
        loan_id=_WHOLE, user_id=_TEXT, application_at=_TIME, amount=_REAL, term_days=_WHOLE,
        loan_outcome=_TEXT, outcome_at=_TIME,
    ),
    "gps": schema(
        position_id=_WHOLE, user_id=_TEXT, recorded_at=_TIME, uploaded_at=_TIME,
        latitude=_REAL, longitude=_REAL, accuracy=_REAL, speed=_REAL,
    ),
    "events": schema(
        event_id=_WHOLE, user_id=_TEXT, session_id=_WHOLE, event_at=_TIME, uploaded_at=_TIME,
        action=_TEXT, screen=_TEXT, network=_TEXT,
    ),
    "features": schema(
        user_id=_TEXT, valid_from=_TIME, recorded_at=_TIME, **dict.fromkeys(NAMES, _REAL)
    ),
    "truth": schema(loan_id=_WHOLE, true_pd=_REAL),
}  # fmt: skip


def simulate_block(seed: int, block: int) -> Mapping[str, Columns]:
    """Simulate one block of customers: values in, tables out."""
    people = draw_people(block_rng(seed, block, _PEOPLE))
    positions = draw_positions(block_rng(seed, block, _POSITIONS), people)
    taps = draw_taps(block_rng(seed, block, _TAPS), people)
    broker = block_rng(seed, block, _MASKED)
    traits = draw_traits(broker, people)
    masked = draw_masked(broker, people, traits)
    book = lend(block_rng(seed, block, _LENDING), people, positions, taps, traits)
    taps = add_sessions(block_rng(seed, block, _SESSIONS), people, book.taps, book.loans)
    uploads = block_rng(seed, block, _UPLOADS)
    loans = show_loans(people, book.loans, block)
    return {
        "loan_outcomes": loans,
        "gps": show_positions(uploads, people, book.positions, block),
        "events": show_taps(uploads, people, taps, block),
        "features": show_masked(uploads, people, masked, book.loans),
        "truth": loans,
    }


MOBILE_LENDER = Lender(
    name="mobile_lender",
    title="An app that lends small sums by what the phone tells: positions, taps, ten numbers",
    version="1",
    period_start=PERIOD_START,
    lending_start=PERIOD_START,
    observed_until=OBSERVED_UNTIL,
    tables=MappingProxyType(_TABLES),
    simulate_block=simulate_block,
)
