"""Applicants: many at once are judged bit for bit as each alone, at every amount."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from solvent.app.applicants import Applicants, value_at
from solvent.app.live_product import LiveProduct, Versioned, go_live
from solvent.app.policy_file import parse_policy
from solvent.dataset import OpenData, open_data
from solvent.dataset.build import keyed, read_applications
from solvent.features import CategoryColumn, NumberColumn
from solvent.policy import Judgement
from solvent.product import load_product
from solvent.scoring import score
from solvent.store import ModelRegistry
from tests.cli.shops import PRODUCT, Row, Shop, loan_rows, open_shop

SHOWN = 40
POLICY: dict[str, Any] = {
    "product": "shop", "name": "first", "cutoffs": {"approve_below": 0.4, "refer_below": 0.5},
    "cost_matrix": {"good_approved": 1, "bad_approved": -3},
    "knock_outs": [
        {"code": "new", "reason": "Too new", "when": {"feature": "months", "below": 3}},
        {"code": "rare", "reason": "Rare", "when": {"feature": "ratio", "above": 0.97},
         "verdict": "refer"},
    ],
    "bands": [
        {"name": "A", "score_from": 530, "price": 0.1},
        {"name": "B", "score_from": 480, "amount": 1500},
    ],
    "alternatives": [{"name": "tiny", "title": "Tiny", "approve_below": 0.6, "amount": 50}],
}  # fmt: skip
VARIANTS = [
    {"name": "local", "title": "Local", "when": {"feature": "city", "equals": "Lima"}},
    {"name": "loan", "title": "Loan"},
]
CAPS = [{"feature": "income", "times": 0.8, "otherwise": 500, "at_least": 100}]
OFFERS: dict[str, dict[str, Any]] = {
    "as asked": {"variants": VARIANTS, "price": 0.2},
    "as asked with caps": {"variants": VARIANTS, "caps": CAPS},
    "a ladder": {"variants": VARIANTS, "amounts": [200, 800, 1500, 3000], "price": 0.2},
    "a ladder with caps": {"variants": VARIANTS, "amounts": [200, 800, 3000], "caps": CAPS},
}


def _rows() -> list[Row]:
    """Loans of an amount, now and then unsaid; the more of the income it is, the worse."""
    draw = random.Random(9)  # noqa: S311 - figures, not secrets
    rows = []
    for place, row in enumerate(loan_rows()):
        wanted = draw.choice([200, 500, 800, 1500, 3000])
        risk = 1 / (1 + math.exp(1.5 - 1.5 * wanted / float(row["income"])))
        said = "" if place % 13 == 0 else f"{wanted}.00"
        rows.append(row | {"wanted": said, "defaulted": str(int(draw.random() < risk))})
    return rows


def _declare(technique: str, features: str) -> str:
    return (
        PRODUCT.replace('"logistic"', f'"{technique}", amount="wanted"')
        .replace('"months": integer("months"),', '"months": integer(), "wanted": money("EUR"),')
        .replace("features=[behaviour(loans)", f"features=[{features}")
    )


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A shop with a model, and whether a feature reads the amount asked for."""

    shop: Shop
    reads: bool


@pytest.fixture(
    scope="module",
    params=[
        ("logistic", "behaviour(loans)"),
        ("boosted_trees", "behaviour(loans)"),
        ("logistic", 'behaviour(loans, only=("income", "months", "ratio"))'),
    ],
    ids=["logistic", "boosted_trees", "amount unread"],
)
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    technique, features = request.param
    folder = tmp_path_factory.mktemp("shop")
    shop = open_shop(folder, _rows(), product=_declare(technique, features))
    result = shop.run("train")
    assert result.exit_code == 0, result.output
    return Trained(shop=shop, reads="only" not in features)


def _live(trained: Trained, offer: str) -> LiveProduct:
    registry = ModelRegistry(trained.shop.home)
    policy = parse_policy(POLICY | {"offer": OFFERS[offer]})
    return go_live(
        registry.load("shop"), Versioned(policy=policy, version=1, digest="0" * 64),
        registry.population("shop", 1, "test"), explained=False,
    )  # fmt: skip


@contextmanager
def _open(trained: Trained, live: LiveProduct) -> Iterator[tuple[OpenData, pa.Table]]:
    plan = load_product(trained.shop.folder).product.plan
    plan = replace(plan, features=live.program.features, extras=())
    with open_data(plan, trained.shop.data) as data:
        yield data, read_applications(data, outcomes=False).slice(0, SHOWN)


def _applicants(live: LiveProduct, data: OpenData, table: pa.Table) -> Applicants:
    return Applicants(live, *data.feed().aggregates(keyed(data, table)))


def _shown(found: Judgement) -> tuple[object, ...]:
    return (found.verdict, found.pd.hex(), found.score, found.amount, found.band, found.offer,
            found.alternatives, found.rules)  # fmt: skip


@pytest.mark.parametrize("offer", OFFERS)
def test_many_at_once_are_judged_bit_for_bit_as_each_alone(trained: Trained, offer: str) -> None:
    live = _live(trained, offer)
    with _open(trained, live) as (data, table):
        together = _applicants(live, data, table)
        assert len(together) == SHOWN
        verdicts = set()
        for place in range(SHOWN):
            found = together.judge(place)
            verdicts.add(found.verdict.value)
            alone = _applicants(live, data, table.slice(place, 1))
            assert _shown(found) == _shown(alone.judge(0)) == _shown(together.take(place).judge(0))
            assert together.values(place) == alone.values(0)
            assert (
                together.contributions(place, found.amount).tobytes()
                == alone.contributions(0, found.amount).tobytes()
            )
    assert verdicts > {"approve"}


def test_the_pd_of_a_judgement_is_the_models_at_the_amount_of_the_offer(trained: Trained) -> None:
    live = _live(trained, "a ladder")
    with _open(trained, live) as (data, table):
        together = _applicants(live, data, table)
        for place in range(SHOWN):
            found = together.judge(place)
            if found.offer is None:
                continue
            assert found.offer.amount is not None
            assert found.offer.amount.major == found.amount
            column = pa.array([found.amount * 100] * table.num_rows, pa.int64())  # type: ignore[operator]
            at = table.set_column(table.column_names.index("own.wanted"), "own.wanted", column)
            again = _applicants(live, data, at)
            assert again.scored()[0][place] == found.pd
            assert score(np.array([found.pd]))[0] == found.score


def test_amounts_change_the_pd_only_where_a_feature_reads_them(trained: Trained) -> None:
    live = _live(trained, "a ladder")
    with _open(trained, live) as (data, table):
        together = _applicants(live, data, table)
        few, many = together.scored(200.0)[0], together.scored(3000.0)[0]
        assert (few != many).any() == trained.reads
        assert together.scored(None)[0].shape == (SHOWN,)
        if trained.reads:
            assert few.mean() < many.mean()
        else:
            assert together.frame(200.0) is together.frame(None)


def test_what_was_asked_for_is_read_in_major_units_and_unsaid_is_none(trained: Trained) -> None:
    live = _live(trained, "as asked")
    with _open(trained, live) as (data, table):
        together = _applicants(live, data, table)
        written = {row["loan_id"]: row["wanted"] for row in _rows()}
        for place, name in enumerate(table["id"].to_pylist()):
            text = written[name]
            assert together.asked(place) == (float(text) if text else None)
        unsaid = [place for place in range(SHOWN) if together.asked(place) is None]
        assert unsaid
        found = [together.judge(place) for place in unsaid]
        assert {one.amount for one in found} == {None}
        for one in found:
            assert one.offer is None or (one.offer.amount, one.offer.fee) == (None, None)


def test_an_amount_asked_for_is_never_exceeded(trained: Trained) -> None:
    for offer in OFFERS:
        live = _live(trained, offer)
        with _open(trained, live) as (data, table):
            together = _applicants(live, data, table)
            for place in range(SHOWN):
                asked, found = together.asked(place), together.judge(place)
                if asked is None or found.offer is None:
                    continue
                assert found.offer.amount is not None
                assert found.offer.amount.major <= asked


def test_the_policy_reads_extras_and_features_as_they_are(trained: Trained) -> None:
    live = _live(trained, "a ladder with caps")
    with _open(trained, live) as (data, table):
        together = _applicants(live, data, table)
        values = together.values(0)
        assert set(values) == {"months", "ratio", "city", "income"}
        assert values["city"] in {"Bergen", "Lima"}
        income = table["own.income"].to_pylist()[0]
        assert values["income"] == income / 100


def test_a_value_is_a_number_a_label_or_not_known() -> None:
    numbers = NumberColumn(name="n", values=np.array([1.5, np.nan]))
    labels = CategoryColumn(name="c", codes=np.array([0, -1], np.int32), levels=("a",))
    assert [value_at(numbers, place) for place in (0, 1)] == [1.5, None]
    assert [value_at(labels, place) for place in (0, 1)] == ["a", None]


def test_a_shops_folder_is_left_as_it_was(trained: Trained) -> None:
    kept = {path.name for path in Path(trained.shop.folder).iterdir()}
    assert kept == {"product.py", "data"}
