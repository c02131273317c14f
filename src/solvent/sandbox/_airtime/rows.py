"""The tables a lender would hold of a block, with late, repeated and corrected rows."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._airtime.book import CHANNELS, Book, Loans
from solvent.sandbox._airtime.calendar import END, LENDING, START_US, TERM, seen_by_end
from solvent.sandbox._airtime.people import HANDSETS, REGIONS, SEXES, People
from solvent.sandbox._airtime.streams import (
    KINDS,
    METHODS,
    NETWORKS,
    PRICES,
    TIERS,
    Loyalty,
    TopUps,
    Usage,
)
from solvent.sandbox._arrival import (
    draw_upload,
    keep_arrived,
    real_numbers,
    send_again,
    whole_numbers,
)
from solvent.sandbox._block import (
    BLOCK,
    NULL,
    Coded,
    Column,
    Columns,
    Floats,
    Ints,
    scatter_ids,
    serial_ids,
    sort_rows,
    stack_rows,
    take_rows,
)
from solvent.sandbox._clock import DAY, HOUR, owners_of, times_of

DUPLICATE_SHARE = 0.01
CORRECTION_SHARE = 0.005


def show_loans(people: People, loans: Loans, block: int) -> dict[str, Columns]:
    """`loans`, `previous_loans` and `truth` of a block."""
    everything: dict[str, Column] = {
        "owner": loans.owner,
        "uuid": Coded(codes=loans.owner, levels=people.uuids),
        "loan_id": loan_ids(block, loans.owner, loans.nth),
        "amount": loans.units.astype(np.float64),
        "fee": loans.fee_cents / 100.0,
        "created_at": loans.created + START_US,
        "due_at": loans.created + TERM + START_US,
        "paid_at": np.where(
            (loans.paid == NULL) | ~seen_by_end(loans.paid), NULL, loans.paid + START_US
        ),
        "channel": Coded(codes=loans.channel, levels=CHANNELS),
        "true_pd": loans.pd,
    }
    everything = sort_rows(everything, "created_at")
    lending = whole_numbers(everything, "created_at") >= LENDING + START_US
    later, earlier = take_rows(everything, lending), take_rows(everything, ~lending)
    return {"loans": later, "previous_loans": earlier, "truth": later}


def show_repayments(people: People, book: Book, block: int) -> Columns:
    """`repayments` of a block, by time."""
    paid = book.payments
    seen = seen_by_end(paid.at)
    columns: dict[str, Column] = {
        "owner": paid.owner,
        "uuid": Coded(codes=paid.owner, levels=people.uuids),
        "loan_id": loan_ids(block, paid.owner, paid.nth),
        "paid_on": paid.at + START_US,
        "amount": paid.cents / 100.0,
        "repayment_id": serial_ids(block, len(paid.at)),
    }
    return sort_rows(take_rows(columns, seen), "paid_on")


def show_top_ups(rng: np.random.Generator, people: People, top_ups: TopUps, block: int) -> Columns:
    """`top_ups` of a block by upload: some late, some twice, some wrong and then corrected."""
    seen = seen_by_end(times_of(top_ups.keys))
    top_ups = top_ups.keep(seen)
    owner, at, rows = owners_of(top_ups.keys), times_of(top_ups.keys), len(top_ups.keys)
    uploaded = draw_upload(rng, at)
    columns: dict[str, Column] = {
        "owner": owner,
        "uuid": Coded(codes=owner, levels=people.uuids),
        "top_up_id": serial_ids(block, rows),
        "topped_up_at": at + START_US,
        "amount": top_ups.units.astype(np.float64),
        "method": Coded(codes=top_ups.method, levels=METHODS),
        "uploaded_at": uploaded + START_US,
    }
    twice = np.flatnonzero(rng.random(rows) < DUPLICATE_SHARE)
    wrong = np.flatnonzero(rng.random(rows) < CORRECTION_SHARE)
    again = send_again(rng, columns, twice, 0, 12 * HOUR)
    right = send_again(rng, columns, wrong, 13 * HOUR, 6 * DAY)
    for part, rows_wrong in ((columns, wrong), (again, np.flatnonzero(np.isin(twice, wrong)))):
        amounts = _mistake(whole_numbers(part, "top_up_id")[rows_wrong], top_ups.units)
        real_numbers(part, "amount")[rows_wrong] = amounts
    return keep_arrived(stack_rows([columns, again, right]), END + START_US)


def show_usage(rng: np.random.Generator, people: People, usage: Usage, block: int) -> Columns:
    """`usage` of a block by upload."""
    owner, at = owners_of(usage.keys), times_of(usage.keys)
    return keep_arrived(
        {
            "owner": owner,
            "uuid": Coded(codes=owner, levels=people.uuids),
            "usage_id": serial_ids(block, len(at)),
            "at": at + START_US,
            "kind": Coded(codes=usage.kind, levels=KINDS),
            "units": usage.units,
            "network": Coded(codes=usage.network, levels=NETWORKS),
            "uploaded_at": draw_upload(rng, at) + START_US,
        },
        END + START_US,
    )


def show_loyalty(people: People, loyalty: Loyalty) -> Columns:
    """`loyalty` rows of a block that were recorded by the data's end."""
    columns: dict[str, Column] = {
        "owner": loyalty.owner,
        "uuid": Coded(codes=loyalty.owner, levels=people.uuids),
        "valid_from": loyalty.valid_from + START_US,
        "recorded_at": loyalty.recorded_at + START_US,
        "tier": Coded(codes=loyalty.tier, levels=TIERS),
        "points": loyalty.points,
    }
    return take_rows(columns, seen_by_end(loyalty.recorded_at))


def show_customers(people: People) -> Columns:
    """`customers` of a block."""
    owner = np.arange(BLOCK)
    return {
        "owner": owner,
        "uuid": Coded(codes=owner, levels=people.uuids),
        "joined_at": people.joined + START_US,
        "birth_date": people.birth_day,
        "region": Coded(codes=people.region, levels=REGIONS),
        "sex": Coded(codes=people.sex, levels=SEXES),
        "handset": Coded(codes=people.handset, levels=HANDSETS),
    }


def loan_ids(block: int, owner: Ints, nth: Ints) -> Ints:
    """Ids of loans, unique over all blocks, with no order to learn from."""
    return scatter_ids((np.int64(block) * BLOCK + owner) * 64 + nth + 1)


def _mistake(serial: Ints, units: Ints) -> Floats:
    """The amount first sent in error: the next price on the list, or the one before the dearest."""
    true = units[serial & (2**24 - 1)]
    place = np.searchsorted(PRICES, true)
    wrong = PRICES[np.where(place + 1 < len(PRICES), place + 1, place - 1)]
    return np.asarray(wrong, dtype=np.float64)
