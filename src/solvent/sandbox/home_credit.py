"""The home credit lender: instalment loans for people whom banks do not know.

Shaped as the public Home Credit data: each client applies once, all times count in days or months
from that application, and eight tables hang together. What the form says hangs together as in
life; earlier loans are paid month by month by people whose care, appetite for credit and strain
nobody sees, and which also drive the true probability of payment difficulties, from which `TARGET`
was drawn. One client in eight is in `application_test`, without an outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

import numpy as np

from solvent.sandbox._block import (
    BLOCK,
    Column,
    Columns,
    Ints,
    block_rng,
    stack_rows,
    take_column,
    take_rows,
)
from solvent.sandbox._home.bureau import draw_debts, show_balances, show_debts
from solvent.sandbox._home.cards import draw_cards, show_card_payments, show_cards
from solvent.sandbox._home.contracts import show_earlier
from solvent.sandbox._home.form import show_documents, show_form, show_others
from solvent.sandbox._home.housing import show_building
from solvent.sandbox._home.instalments import draw_instalments, show_instalments, show_months
from solvent.sandbox._home.people import People, draw_people
from solvent.sandbox._home.previous import draw_earlier
from solvent.sandbox._home.request import Request, draw_request
from solvent.sandbox._home.risk import draw_hidden, true_pd
from solvent.sandbox._home.schemas import TABLES
from solvent.sandbox._home.traits import Traits, draw_traits
from solvent.sandbox._lender import Lender

_TRAITS, _PEOPLE, _REQUEST, _FORM, _RISK, _BUREAU, _EARLIER, _PAYMENTS, _CARDS = range(9)
_FIRST_ID = 100_001
_TEST_SHARE = 0.125


def simulate_block(seed: int, block: int) -> Mapping[str, Columns]:
    """Simulate one block of clients: values in, tables out."""
    traits = draw_traits(block_rng(seed, block, _TRAITS))
    people = draw_people(block_rng(seed, block, _PEOPLE), traits)
    request = draw_request(block_rng(seed, block, _REQUEST), traits, people)
    tables = {
        **_show_applications(seed, block, traits, people, request),
        **_show_bureau(seed, block, traits, people),
        **_show_loans(seed, block, traits, people),
    }
    ids = _FIRST_ID + block * BLOCK + np.arange(BLOCK)
    return {name: _name_clients(table, ids) for name, table in tables.items()}


def _show_applications(
    seed: int, block: int, traits: Traits, people: People, request: Request
) -> dict[str, Columns]:
    forms, chances = block_rng(seed, block, _FORM), block_rng(seed, block, _RISK)
    pd = true_pd(traits, people, request, draw_hidden(chances))
    columns: dict[str, Column] = {
        "owner": np.arange(BLOCK),
        **show_form(forms, traits, people, request),
        **show_building(forms, traits, people),
        **show_documents(forms, people, request),
        **show_others(forms, traits, request),
        "TARGET": (chances.random(BLOCK) < pd).astype(np.int64),
        "true_pd": pd,
    }
    test = chances.random(BLOCK) < _TEST_SHARE
    return {
        "application_train": take_rows(columns, ~test),
        "application_test": take_rows(columns, test),
        "truth": columns,
    }


def _show_bureau(seed: int, block: int, traits: Traits, people: People) -> dict[str, Columns]:
    rng = block_rng(seed, block, _BUREAU)
    debts = draw_debts(rng, traits, people, block)
    return {
        "bureau": show_debts(rng, traits, debts),
        "bureau_balance": show_balances(rng, traits, debts),
    }


def _show_loans(seed: int, block: int, traits: Traits, people: People) -> dict[str, Columns]:
    """Earlier applications, and what became of those that were approved."""
    earlier = draw_earlier(block_rng(seed, block, _EARLIER), traits, people, block)
    shown = block_rng(seed, block, _PAYMENTS)
    drawn = draw_instalments(shown, traits, earlier)
    swipes = block_rng(seed, block, _CARDS)
    cards = draw_cards(swipes, traits, earlier)
    payments = [show_instalments(earlier, drawn), show_card_payments(earlier, cards)]
    return {
        "previous_application": show_earlier(shown, earlier),
        "POS_CASH_balance": show_months(shown, earlier, drawn),
        "installments_payments": stack_rows([dict(part) for part in payments]),
        "credit_card_balance": show_cards(swipes, earlier, cards),
    }


def _name_clients(table: Columns, ids: Ints) -> Columns:
    return {**table, "SK_ID_CURR": take_column(ids, cast("Ints", table["owner"]))}


HOME_CREDIT = Lender(
    name="home_credit",
    title="A lender of instalment loans to people whom banks do not know: eight related tables",
    version="1",
    period_start=None,
    lending_start=None,
    observed_until=None,
    tables=MappingProxyType(TABLES),
    simulate_block=simulate_block,
)
