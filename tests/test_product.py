"""A product is declared once; what is wrong is told by field, with a hint, when it is loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from solvent import (
    Applications,
    Attributes,
    Card,
    Events,
    Link,
    Product,
    Question,
    behaviour,
    category,
    count,
    equals,
    integer,
    maximum,
    money,
)
from solvent.errors import DeclarationError, MissingFileError
from solvent.product import load_product

FORMS = Applications(
    name="forms", files="forms.csv", id="id_", key="who",
    columns={"income": money(), "sex": category()},
)  # fmt: skip
BAD = equals("defaulted", 1, matured="given")
SOURCE = """
from solvent import Applications, Product, behaviour, equals, money
forms = Applications(name="forms", files="f.csv", id="i", key="k", columns={"income": money()})
product = Product(name="shop", applications=forms, features=[behaviour(forms)],
                  bad=equals("defaulted", 1, matured="given"))
"""


def _product(**changes: object) -> Product:
    settings = {"name": "shop", "applications": FORMS, "features": [behaviour(FORMS)], "bad": BAD}
    return Product(**(settings | changes))  # type: ignore[arg-type]  # wrong on purpose, at times


def _load(folder: Path, source: str) -> Product:
    (folder / "product.py").write_text(source, encoding="utf-8")
    return load_product(folder).product


def test_a_product_gathers_single_features_and_groups_of_them_in_order() -> None:
    visits = Events(name="visits", files="v.csv", key="who", at="at", relative="days")
    product = _product(sources=(visits,), features=[behaviour(FORMS), count(visits)])
    assert [f.name for f in product.plan.features] == ["income", "sex", "visits_count"]


def test_a_protected_column_is_kept_but_never_given_to_a_model() -> None:
    plan = _product(protected=("sex",)).plan
    assert [f.name for f in plan.features] == ["income", "sex"]
    assert [f.name for f in plan.model_features] == ["income"]


@pytest.mark.parametrize(
    ("changes", "field", "hint"),
    [
        ({"name": "my shop"}, "name", "letters"),
        ({"protected": "sex"}, "protected", "comma"),
        ({"protected": ("gender",)}, "protected", "declare the column"),
        ({"features": ["income"]}, "features", "behaviour(source)"),
        ({"features": [behaviour(FORMS), behaviour(FORMS)]}, "features", "called("),
        ({"amount": "loan"}, "amount", "columns"),
        ({"test_share": 1.0}, "test_share", "0.25"),
        ({"observed_until": "soon"}, "observed_until", "2024"),
        ({"bad": equals("sex", "F", matured="given")}, "features", "leave it out"),
    ],
)
def test_what_is_wrong_is_told_by_field_with_a_hint(
    changes: dict[str, object], field: str, hint: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        _product(**changes)
    assert caught.value.field == field
    assert hint in caught.value.hint


def test_a_feature_of_an_undeclared_source_is_told_by_its_name() -> None:
    visits = Events(name="visits", files="v.csv", key="who", at="at", relative="days")
    with pytest.raises(DeclarationError, match="visits"):
        _product(features=[count(visits)])


def test_a_product_is_loaded_with_the_digest_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "product.py").write_text(SOURCE, encoding="utf-8")
    loaded = load_product(tmp_path)
    assert loaded.product.name == "shop"
    assert len(loaded.digest) == 64
    assert not (tmp_path / "__pycache__").exists()


def test_a_folder_without_a_product_is_told_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="solvent new"):
        load_product(tmp_path)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("product = 1", "declares no product"),
        ("x = (", "line 1"),
        ("import solvent\n\nsolvent.nothing", "line 3"),
        (SOURCE.replace("money()", "money(scale=99)"), "scale"),
        (SOURCE.replace("features=", "feature="), "feature"),
    ],
)
def test_a_file_that_cannot_be_run_is_told_with_its_line(
    tmp_path: Path, source: str, words: str
) -> None:
    with pytest.raises(DeclarationError, match=words):
        _load(tmp_path, source)


@pytest.mark.parametrize(("as_of", "relative"), [("at", "days"), (None, None)])
def test_dated_and_undated_tables_do_not_mix(as_of: str | None, relative: str | None) -> None:
    forms = Applications(name="forms", files="f", id="i", key="k", as_of=as_of, zone="UTC")
    visits = Events(name="visits", files="v", key="k", at="t", relative=relative, zone="UTC")
    with pytest.raises(DeclarationError) as caught:
        _product(applications=forms, sources=(visits,), features=[count(visits)])
    assert caught.value.field == "visits"
    assert "relative" in caught.value.hint


def test_undated_applications_take_relative_events() -> None:
    visits = Events(name="visits", files="v", key="who", at="t", relative="days")
    assert _product(sources=(visits,), features=[count(visits)]).plan.sources == (visits,)


# ---- going live: form, reasons, split, recall


INCOME = Question(column="income", text="What do you earn?")


@pytest.mark.parametrize(
    ("changes", "field", "hint"),
    [
        ({"split": "by_chance"}, "split", "by_time, at_random"),
        ({"recall": 0.0}, "recall", "0.8"),
        ({"recall": 1.01}, "recall", "0.8"),
        ({"recall": float("nan")}, "recall", "0.8"),
        ({"form": "income"}, "form", "comma"),
        ({"form": (Question(column="incme", text="Income?"),)}, "form", "income, sex"),
        (
            {"form": (Question(column="sex", text="Sex?"),), "protected": ("sex",)},
            "form",
            "leave the question out",
        ),
        ({"form": (INCOME, INCOME)}, "form", "leave one"),
        ({"reasons": {"income": " "}}, "reasons", "an applicant reads"),
    ],
)
def test_what_cannot_go_live_is_told_by_field_with_a_hint(
    changes: dict[str, object], field: str, hint: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        _product(**changes)
    assert caught.value.field == field
    assert hint in caught.value.hint


@pytest.mark.parametrize("recall", [None, 0.01, 1.0, 1])
def test_a_recall_is_a_share_of_the_defaulters(recall: float | None) -> None:
    assert _product(recall=recall).recall == recall


def test_a_split_at_random_is_part_of_the_plan() -> None:
    assert not _product().plan.at_random
    assert _product(split="at_random").plan.at_random


def test_a_list_of_questions_is_kept_as_a_tuple_in_its_order() -> None:
    sex = Question(column="sex", text="Sex?")
    assert _product(form=[sex, INCOME]).form == (sex, INCOME)
    assert _product().form == ()


def test_a_key_is_called_a_client_number_unless_the_product_says_so() -> None:
    assert _product().key_words == "client number"
    assert _product(key_words="phone number").key_words == "phone number"


def test_a_policy_may_read_application_values_that_no_feature_gives_as_they_are() -> None:
    extras = _product(features=[behaviour(FORMS, only=("sex",))]).plan.extras
    assert [feature.name for feature in extras] == ["income"]
    assert _product().plan.extras == ()


def test_a_policy_reads_neither_protected_columns_nor_the_outcome() -> None:
    forms = Applications(
        name="forms", files="forms.csv", id="id_", key="who",
        columns={"income": money(), "sex": category(), "age": integer(), **BAD.columns},
    )  # fmt: skip
    product = _product(
        applications=forms, features=[behaviour(forms, only=("income",))], protected=("sex",)
    )
    assert [feature.name for feature in product.plan.extras] == ["age"]


def test_a_direction_is_found_by_the_first_pattern_that_matches() -> None:
    product = _product(directions={"income": "safer", "in*": "riskier"})
    assert product.directions_of(["income", "installs", "age"]) == {"income": -1, "installs": 1}


def test_a_direction_is_riskier_or_safer() -> None:
    with pytest.raises(DeclarationError, match=r"directions: 'up' .*\n.*riskier or safer"):
        _product(directions={"income": "up"})


@pytest.mark.parametrize(
    ("pattern", "words", "hint"),
    [
        ("incme", "'incme' matches no feature", "did you mean 'income'"),
        ("wealth_*", "matches no feature", "solvent features DIR"),
        ("sex", "sex is a category", "directions of numbers"),
        ("s*", "sex is a category", "directions of numbers"),
    ],
)
def test_a_direction_of_nothing_or_of_a_category_is_refused(
    pattern: str, words: str, hint: str
) -> None:
    with pytest.raises(DeclarationError, match=words) as caught:
        _product(directions={"income": "safer", pattern: "riskier"})
    assert caught.value.field == "directions"
    assert hint in caught.value.hint
    assert _product(directions={"*": "safer"}).directions == {"*": "safer"}


# ---------------------------------------------------------------------------- a chain of models

CLIENTS = Attributes(
    name="clients", files="c.csv", key="who", columns={"arrears": integer()}
)  # fmt: skip
LOANS = Events(name="loans", files="l.csv", key="who", id="loan", at="at", relative="days")
MONTHS = Events(
    name="months", files="m.csv", key="loan", at="at", relative="days", parent="loans",
)  # fmt: skip
CLIENT, NEWCOMER = Link(name="client", needs=("clients",)), Link(name="newcomer")


def _chained(*links: Link, **changes: object) -> Product:
    return _product(
        sources=(CLIENTS, LOANS, MONTHS), chain=links,
        features=[
            behaviour(FORMS), behaviour(CLIENTS), count(LOANS),
            maximum(LOANS, LOANS.of(count(MONTHS))),
        ],
        **changes,
    )  # fmt: skip


def test_a_link_reads_what_needs_no_source_but_its_own() -> None:
    """With a table everything below it comes along; what the chain asks is given to no model."""
    borrower = Link(name="borrower", needs=("clients", "loans"))
    product = _chained(borrower, CLIENT, NEWCOMER)
    plan = product.plan
    offered = [feature.name for feature in plan.model_features]
    read = [link.reads(plan.model_features, product.sources) for link in product.chain]
    assert read[0] == tuple(offered)
    assert read[1] == ("income", "sex", "clients_arrears")
    assert read[2] == ("income", "sex")
    assert plan.presence == ("clients_known", "loans_known")
    asked = {feature.name for feature in plan.scored_features} - set(offered)
    assert asked == set(plan.presence)


def test_a_link_may_name_what_it_reads_instead() -> None:
    product = _chained(CLIENT, Link(name="newcomer", features=("income", "loans_*")))
    read = product.chain[1].reads(product.plan.model_features, product.sources)
    assert read == ("income", "loans_count", "loans_months_count_max")


@pytest.mark.parametrize(
    ("links", "field", "words"),
    [
        ((Link(name="client", needs=("client",)), NEWCOMER), "chain.client.needs", "'clients'"),
        ((Link(name="x", needs=("months",)), NEWCOMER), "chain.x.needs", "'loans'"),
        ((CLIENT,), "chain", "without needs"),
        ((NEWCOMER,), "chain", "without needs"),
        ((CLIENT, Link(name="loan", needs=("loans",))), "chain", "without needs"),
        ((CLIENT, CLIENT, NEWCOMER), "chain", "another name"),
        ((CLIENT, replace(CLIENT, name="again"), NEWCOMER), "chain.again", "needs more first"),
        ((NEWCOMER, CLIENT, Link(name="x")), "chain.client", "needs more first"),
        ((CLIENT, Link(name="x", features=("clint_*",))), "chain.x.features", "leave features"),
    ],
)
def test_a_chain_that_cannot_score_everybody_is_refused(
    links: tuple[Link, ...], field: str, words: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        _chained(*links)
    assert caught.value.field == field
    assert words in caught.value.hint


def test_a_link_with_nothing_to_read_is_refused() -> None:
    with pytest.raises(DeclarationError, match="no feature to read") as caught:
        _product(sources=(CLIENTS,), features=[behaviour(CLIENTS)], chain=(CLIENT, NEWCOMER))
    assert caught.value.field == "chain.newcomer"


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"name": "my clients"}, "chain"),
        ({"name": "client", "needs": "clients"}, "chain.client.needs"),
        ({"name": "client", "features": "income"}, "chain.client.features"),
    ],
)
def test_a_link_that_is_written_wrongly_is_told(settings: dict[str, str], field: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        Link(**settings)  # type: ignore[arg-type]  # wrong on purpose
    assert caught.value.field == field


def test_a_card_says_nothing_of_features_that_are_not_there() -> None:
    assert _product(card=Card(drop=("income",))).card == Card(drop=("income",))
    with pytest.raises(DeclarationError, match=r"card.keep: 'wealth' matches no feature"):
        _product(card=Card(keep=("wealth",)))
    with pytest.raises(DeclarationError, match=r"card: a str is no card"):
        _product(card="scorecard")
