"""What one value is explained from: its own source, and what settles ties and corrections there."""

from __future__ import annotations

from pathlib import Path

import pytest

from solvent.app.explain import ExplainRequest, _narrowed, explain_application
from solvent.app.feature_names import find_feature
from solvent.dataset import Plan
from solvent.errors import DeclarationError
from solvent.features import (
    Applications,
    Events,
    Feature,
    category,
    count,
    integer,
    last,
    money,
    own,
    ratio,
    total,
)
from solvent.features.explain import Why
from solvent.product import load_product
from tests.cli.shops import write_rows

LOANS = Applications(
    name="loans", files="loans.csv", id="loan", key="who", as_of="asked", zone="UTC",
    columns={"amount": money("EUR"), "town": category()},
)  # fmt: skip
PAYMENTS, VISITS, CALLS = (
    Events(
        name=name, files=f"{name}.csv", id="no", key="who", at="at", available="seen", zone="UTC",
        columns={"amount": money("EUR"), "units": integer()},
    )
    for name in ("payments", "visits", "calls")
)  # fmt: skip
PAID, VISITED, CALLED = count(PAYMENTS), count(VISITS), count(CALLS)


def plan_of(*features: Feature) -> Plan:
    return Plan(
        product="p", applications=LOANS, sources=(PAYMENTS, VISITS, CALLS), features=features
    )


@pytest.mark.parametrize(
    ("features", "sources"),
    [
        ((PAID, VISITED, CALLED), {"payments"}),
        ((PAID, VISITED, ratio(VISITED, PAID)), {"payments", "visits"}),
        ((PAID, ratio(VISITED, PAID), ratio(CALLED, VISITED)), {"payments", "visits", "calls"}),
        ((PAID, ratio(CALLED, VISITED)), {"payments"}),
    ],
)
def test_sources_that_share_a_feature_are_read_together(
    features: tuple[Feature, ...], sources: set[str]
) -> None:
    """A feature of two sources brings the other one in, and through that a third."""
    narrowed = _narrowed(plan_of(*features), features, PAID)
    assert {source.name for source in narrowed.sources} == sources
    assert PAID in narrowed.features


PRODUCT = """
from solvent import Applications, Events, Product, category, equals, integer, last, money, total
loans = Applications(
    name="loans", files="loans.csv", id="loan", key="who", as_of="asked", zone="UTC",
    columns={"amount": money("EUR"), "town": category()},
)
payments = Events(
    name="payments", files="payments.csv", id="no", key="who", at="at", available="seen",
    zone="UTC", columns={"amount": money("EUR"), "units": integer()},
)
product = Product(
    name="p", applications=loans, sources=(payments,), data=".",
    features=[total(payments, payments["amount"]), last(payments, payments["units"])],
    bad=equals("bad", 1, matured="given"),
)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lender whose payment is corrected in a column that another feature alone reads."""
    (tmp_path / "product.py").write_text(PRODUCT, encoding="utf-8")
    write_rows(
        tmp_path / "loans.csv",
        [{"loan": "1", "who": "a", "asked": "2024-05-01", "amount": "5", "town": "X", "bad": "0"}],
    )
    first = {"no": "1", "who": "a", "at": "2024-03-01T00:00:00", "seen": "2024-03-01T00:00:00",
             "amount": "7", "units": "1"}  # fmt: skip
    write_rows(
        tmp_path / "payments.csv", [first, {**first, "seen": "2024-03-02T00:00:00", "units": "2"}]
    )
    return tmp_path


def explained(folder: Path, name: str) -> list[Why | None]:
    request = ExplainRequest(loaded=load_product(folder), data=folder, name=name, application="1")
    told = explain_application(request).explanation
    assert told.value is not None
    return [row.why for row in told.rows]


def test_what_another_feature_reads_makes_a_correction(folder: Path) -> None:
    """The sum alone would call the second row a repetition; together with `last` it corrects."""
    assert explained(folder, "payments_amount_sum") == [None, Why.REPLACED]


def test_a_value_only_a_policy_reads_is_explained(folder: Path) -> None:
    """An application column that no feature gives has its own explanation all the same."""
    request = ExplainRequest(loaded=load_product(folder), data=folder, name="town", application="1")
    told = explain_application(request).explanation
    assert told.value == "X"
    assert told.own == {"town": "X"}


def test_a_name_is_found_exactly_before_its_parts() -> None:
    """A name that is part of another one stands for itself; a part of several is ambiguous."""
    again, units = PAID.called("payments_count_again"), total(PAYMENTS, PAYMENTS["units"])
    features = (PAID, again, units)
    assert find_feature(features, "payments_count") is PAID
    assert find_feature(features, "units").name == "payments_units_sum"
    with pytest.raises(DeclarationError, match="3 features fit"):
        find_feature(features, "payments_*")
    with pytest.raises(DeclarationError, match="no feature is called"):
        find_feature((own(LOANS, LOANS["amount"]), last(PAYMENTS, PAYMENTS["units"])), "zzz")
