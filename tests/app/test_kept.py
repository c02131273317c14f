"""What training keeps for going live: words, questions and people to compare, nobody's name."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from solvent.app._kept import (
    MOST_CHOICES,
    _population,
    live_facts,
    populations,
    questions,
    whole_ids,
)
from solvent.dataset import Dataset, build_dataset, open_data
from solvent.dataset.gate import model_frame
from solvent.domain import Question
from solvent.features import CategoryColumn, NumberColumn, from_json
from solvent.models import train_model
from solvent.product import Product, load_product
from solvent.progress import Silent
from tests.cli.shops import CANARY, PRODUCT, Row, loan_rows, open_shop

CALLS = """
calls = Events(
    name="calls", files="calls.csv", key="customer", at="called_at", optional=True,
    columns={"minutes": number()},
)
"""
DECLARED = (
    PRODUCT.replace("product = Product(", f"{CALLS}product = Product(")
    .replace("sources=(payments,)", "sources=(payments, calls)")
    .replace("[behaviour(loans)", '[behaviour(loans, only=("income", "city", "faith"))')
    .replace("over=(90,))]", "over=(90,)), *behaviour(calls, over=(90,))]")
    .replace(
        "bad=equals",
        'reasons={"income": "Income", "payments_*": "How you paid", "*": "More"},\n'
        '    key_words="account", bad=equals',
    )
)
TOWNS = [f"Town {place:03}" for place in range(60)]
NOW = 1_800_000_000_000_000


def _rows() -> list[Row]:
    """Loans from sixty towns, some of them often."""
    return [
        row | {"city": TOWNS[(place * place) % (1 + place % 60)]}
        for place, row in enumerate(loan_rows())
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with sixty towns, a protected faith and no file of calls."""
    return open_shop(tmp_path_factory.mktemp("kept"), _rows(), product=DECLARED).folder


@pytest.fixture(scope="module")
def product(folder: Path) -> Product:
    return load_product(folder).product


@pytest.fixture(scope="module")
def dataset(folder: Path, product: Product) -> Dataset:
    with open_data(product.plan, folder / "data") as data:
        return build_dataset(data, seed=0, now=NOW)


@pytest.fixture(scope="module")
def facts(product: Product, dataset: Dataset) -> dict[str, Any]:
    return live_facts(product, dataset)


def _asked(facts: dict[str, Any], column: str) -> dict[str, Any]:
    (found,) = (one for one in facts["form"] if one["column"] == column)
    return dict(found)


def test_what_is_kept_is_plain_json_and_holds_nobody(facts: dict[str, Any]) -> None:
    text = json.dumps(facts, allow_nan=False)
    assert json.loads(text) == facts
    assert CANARY not in text
    assert "full_name" not in text


def test_a_form_nobody_declared_asks_for_each_column_the_model_reads(
    facts: dict[str, Any], product: Product
) -> None:
    assert [one["column"] for one in facts["form"]] == ["income", "city"]
    assert not facts["public"]
    assert _asked(facts, "income") == {
        "column": "income", "text": "Income", "detail": "", "kind": "money", "unit": "EUR",
        "choices": [], "at_least": None, "at_most": None, "required": False,
    }  # fmt: skip
    assert [one.column for one in questions(product, product.plan.model_features)] == [
        "income",
        "city",
    ]


def test_choices_are_the_levels_seen_most_frequent_first(
    facts: dict[str, Any], dataset: Dataset
) -> None:
    held = dataset.applications.columns["city"]
    seen = Counter(held.levels[code] for code in held.array.tolist() if code >= 0)
    choices = _asked(facts, "city")["choices"]
    assert len(choices) == min(MOST_CHOICES, len(seen))
    counts = [seen[one["value"]] for one in choices]
    assert counts == sorted(seen.values(), reverse=True)[: len(choices)]
    assert all(one["value"] == one["words"] for one in choices)
    assert counts[0] > counts[-1] > 0


def test_a_declared_form_is_asked_as_it_stands(product: Product, dataset: Dataset) -> None:
    form = (
        Question(column="months", text="How long?", at_least=0, at_most=600, unit="months here"),
        Question(column="city", text="Where?", choices={"Town 001": "First"}, detail="Town"),
        Question(column="city", text="Where?"),
    )
    facts = live_facts(replace(product, form=form[:2]), dataset)
    assert facts["public"]
    months, city = facts["form"]
    assert (months["kind"], months["unit"], months["required"]) == ("integer", "months here", True)
    assert (months["at_least"], months["at_most"], months["choices"]) == (0, 600, [])
    assert (city["detail"], city["choices"]) == ("Town", [{"value": "Town 001", "words": "First"}])
    (offered,) = live_facts(replace(product, form=form[2:]), dataset)["form"]
    assert len(offered["choices"]) == MOST_CHOICES


def test_features_of_a_source_that_is_not_there_are_listed_as_absent(
    facts: dict[str, Any], product: Product, dataset: Dataset
) -> None:
    absent = {f.name for f in product.plan.features if f.name.startswith(("calls", "since"))}
    told = set(facts["absent"])
    assert told == {f.name for f in product.plan.features} - set(dataset.frame.names)
    assert {name for name in absent if "calls" in name} <= told
    assert told
    assert not told & set(facts["texts"])


def test_extras_are_the_columns_no_model_reads_and_never_a_protected_one(
    facts: dict[str, Any], dataset: Dataset
) -> None:
    extras = from_json(facts["extras"])
    assert [feature.name for feature in extras] == ["months", "ratio"]
    assert dataset.extras.names == ("months", "ratio")
    assert "faith" not in {*facts["texts"], *facts["reasons"]}


def test_every_feature_and_extra_has_words_and_the_first_pattern_gives_its_reason(
    facts: dict[str, Any], product: Product, dataset: Dataset
) -> None:
    known = {f.name for f in product.plan.model_features} - set(facts["absent"])
    assert set(facts["texts"]) == known | {"months", "ratio"} == set(facts["reasons"])
    assert facts["reasons"]["income"] == "Income"
    assert facts["reasons"]["payments_count_90d"] == "How you paid"
    assert facts["reasons"]["city"] == "More"
    assert facts["texts"]["income"]["theme"] == "Application"
    assert facts["texts"]["payments_count_90d"]["theme"] == "Payments"
    bare = live_facts(replace(product, reasons={"income": "Income"}), dataset)
    assert bare["reasons"] == {"income": "Income"}


def test_a_source_says_whether_its_files_keep_ids_as_whole_numbers(dataset: Dataset) -> None:
    data = dataset.open_data
    assert whole_ids(data) == []
    numbered = replace(data.sources["payments"], whole_names=frozenset({"event_id"}))
    assert whole_ids(replace(data, sources={"payments": numbered})) == ["payments"]


# ---- people to compare with


def test_populations_hold_the_test_and_the_training_side_with_what_the_model_says(
    dataset: Dataset,
) -> None:
    side = dataset.split.train
    frame = model_frame(dataset.open_data.plan, dataset.frame)
    model = train_model(
        frame.take(side), dataset.bad[side], groups=dataset.customer[side], technique="logistic",
        seed=0, progress=Silent(),
    )  # fmt: skip
    tested = frame.take(dataset.split.test)
    pd = model.pd(tested)
    kept = populations(dataset, model, pd)
    test, train = kept["test"], kept["train"]
    assert (test.pd == pd).all()
    assert (test.bad == dataset.bad[dataset.split.test]).all()
    assert (test.as_of == dataset.applications.as_of[dataset.split.test]).all()
    assert (train.pd == model.out_of_fold).all()
    assert (train.bad == dataset.bad[side]).all()
    told = model.contributions(tested.take(test.explained))
    assert test.contributions.shape == (len(test.explained), len(model.features) + 1)
    assert (test.contributions == told).all()
    assert len(train.explained) == 0
    assert test.frame.names == (*frame.names, "months", "ratio")
    assert train.frame.names == test.frame.names, "rules over behaviour apply to both sides"


def test_a_population_names_nobody(dataset: Dataset) -> None:
    places = np.arange(20)
    found = _population(
        dataset, dataset.extras, places, np.full(20, 0.5), (np.empty(0, np.int64), np.empty((0, 0)))
    )
    raw = found.to_bytes()
    assert CANARY.encode() not in raw
    for column in found.frame:
        assert isinstance(column, NumberColumn | CategoryColumn)
        assert column.name in {"months", "ratio"}
