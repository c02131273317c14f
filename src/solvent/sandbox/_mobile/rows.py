"""The tables a lender would hold of a block, with late, repeated and corrected rows."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._arrival import (
    draw_upload,
    keep_arrived,
    real_numbers,
    send_again,
)
from solvent.sandbox._block import (
    BLOCK,
    NULL,
    Coded,
    Column,
    Columns,
    Ints,
    scatter_ids,
    serial_ids,
    sort_rows,
    stack_rows,
    take_rows,
)
from solvent.sandbox._clock import DAY, HOUR, owners_of, times_of, to_keys
from solvent.sandbox._mobile.calendar import END, START_US, seen_by_end
from solvent.sandbox._mobile.loans import Loans
from solvent.sandbox._mobile.masked import NAMES, Masked, show_values
from solvent.sandbox._mobile.people import People
from solvent.sandbox._mobile.positions import Positions
from solvent.sandbox._mobile.taps import (
    ACTIONS,
    APPLYING,
    NETWORKS,
    REPAYING,
    SCREENS,
    Taps,
    join_taps,
    script_sessions,
)

OUTCOMES = ("repaid", "defaulted")
GPS_LATE_SHARE, EVENT_LATE_SHARE = 0.10, 0.04
GPS_MOST_LATE, EVENT_MOST_LATE = 5 * DAY, 2 * DAY
DUPLICATE_SHARE = 0.01
CORRECTION_SHARE = 0.005
_WRONG_BY = 10.0
"""A position first sent with a radius ten times too wide."""


def show_loans(people: People, loans: Loans, block: int) -> Columns:
    """`loan_outcomes` of a block, by application; `truth` has the same rows."""
    known = seen_by_end(loans.known)
    columns: dict[str, Column] = {
        "owner": loans.owner,
        "loan_id": scatter_ids((np.int64(block) * BLOCK + loans.owner) * 16 + loans.nth + 1),
        "user_id": Coded(codes=loans.owner, levels=people.uuids),
        "application_at": loans.created + START_US,
        "amount": loans.amount.astype(np.float64),
        "term_days": loans.term,
        "loan_outcome": Coded(codes=np.where(known, loans.bad, -1), levels=OUTCOMES),
        "outcome_at": np.where(known, loans.known + START_US, NULL),
        "true_pd": loans.pd,
    }
    return sort_rows(columns, "application_at")


def show_positions(
    rng: np.random.Generator, people: People, positions: Positions, block: int
) -> Columns:
    """`gps` of a block by upload: some days late, some twice, some wrong and then corrected."""
    owner, at, rows = owners_of(positions.keys), times_of(positions.keys), len(positions.keys)
    uploaded = draw_upload(rng, at, late_share=GPS_LATE_SHARE, most=GPS_MOST_LATE)
    columns: dict[str, Column] = {
        "owner": owner,
        "position_id": serial_ids(block, rows),
        "user_id": Coded(codes=owner, levels=people.uuids),
        "recorded_at": at + START_US,
        "uploaded_at": uploaded + START_US,
        "latitude": positions.latitude,
        "longitude": positions.longitude,
        "accuracy": positions.accuracy.copy(),
        "speed": positions.speed,
    }
    twice = np.flatnonzero(rng.random(rows) < DUPLICATE_SHARE)
    wrong = np.flatnonzero(rng.random(rows) < CORRECTION_SHARE)
    right = send_again(rng, columns, wrong, 13 * HOUR, 6 * DAY)
    real_numbers(columns, "accuracy")[wrong] *= _WRONG_BY
    again = send_again(rng, columns, twice, 0, 12 * HOUR)
    return keep_arrived(stack_rows([columns, again, right]), END + START_US)


def show_taps(rng: np.random.Generator, people: People, taps: Taps, block: int) -> Columns:
    """`events` of a block by upload: some late, some twice."""
    owner, at = owners_of(taps.keys), times_of(taps.keys)
    uploaded = draw_upload(rng, at, late_share=EVENT_LATE_SHARE, most=EVENT_MOST_LATE)
    columns: dict[str, Column] = {
        "owner": owner,
        "event_id": serial_ids(block, len(at)),
        "user_id": Coded(codes=owner, levels=people.uuids),
        "session_id": (np.int64(block) << 22) + _number_sessions(taps),
        "event_at": at + START_US,
        "uploaded_at": uploaded + START_US,
        "action": Coded(codes=taps.action, levels=ACTIONS),
        "screen": Coded(codes=taps.screen, levels=SCREENS),
        "network": Coded(codes=taps.network, levels=NETWORKS),
    }
    twice = np.flatnonzero(rng.random(len(at)) < DUPLICATE_SHARE)
    again = send_again(rng, columns, twice, 0, 12 * HOUR)
    return keep_arrived(stack_rows([columns, again]), END + START_US)


def show_masked(rng: np.random.Generator, people: People, masked: Masked, loans: Loans) -> Columns:
    """`features` rows of a block that were recorded by the data's end."""
    values = show_values(rng, masked, _first_default(loans))
    columns: dict[str, Column] = {
        "owner": masked.owner,
        "user_id": Coded(codes=masked.owner, levels=people.uuids),
        "valid_from": masked.valid_from + START_US,
        "recorded_at": masked.recorded_at + START_US,
        **{name: values[:, place] for place, name in enumerate(NAMES)},
    }
    return take_rows(columns, seen_by_end(masked.recorded_at))


def add_sessions(rng: np.random.Generator, people: People, taps: Taps, loans: Loans) -> Taps:
    """The taps with the sessions in which loans were asked for and repaid."""
    asked = to_keys(loans.owner, loans.created)
    paid = ~loans.bad & seen_by_end(loans.known)
    repaid = to_keys(loans.owner[paid], loans.known[paid])
    serial = int(taps.session.max(initial=-1)) + 1
    applying = script_sessions(rng, people, asked, APPLYING, serial)
    repaying = script_sessions(rng, people, repaid, REPAYING, serial + len(asked))
    return join_taps([taps, applying, repaying])


def _number_sessions(taps: Taps) -> Ints:
    """Sessions numbered in the order they began, below 2**22, so that a number tells nothing."""
    _, first, which = np.unique(taps.session, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[which]


def _first_default(loans: Loans) -> Ints:
    """When each customer's first default was known, END for never, shape (BLOCK,)."""
    first = np.full(BLOCK, END)
    np.minimum.at(first, loans.owner[loans.bad], loans.known[loans.bad])
    return first
