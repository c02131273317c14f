"""`solvent policy`: checked word by word, said in words, kept once."""

from __future__ import annotations

from pathlib import Path

import pytest

from solvent.store import PolicyRegistry
from tests.cli.shops import LIVE, POLICY, Shop, open_live_shop, open_shop, told_once


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a model."""
    return open_live_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def edited(shop: Shop, tmp_path: Path) -> Shop:
    """The same model, and a product folder whose policy a test may spoil."""
    other = Shop(folder=tmp_path / "shop", home=shop.home)
    other.folder.mkdir()
    other.declare(LIVE)
    other.policy.write_text(POLICY, encoding="utf-8")
    return other


def test_a_policy_is_said_in_words(shop: Shop) -> None:
    result = shop.run("policy")
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.replace("\u202f", " ").split())
    for told in (
        "Policy first of shop",
        "approve a PD below 35.0 %",
        "refer a PD from there to below 60.0 %",
        "decline a PD of 60.0 % or more",
        "decline The account is too young (young_account)",
        "instead Voucher, for a PD below 65.0 %",
        "offer =Cash, the largest of 50, 100 EUR whose own PD is approved",
        "60.0 % of the amount",
    ):
        assert told in words


def test_the_same_content_is_the_same_version_and_another_is_the_next(edited: Shop) -> None:
    registry = PolicyRegistry(edited.home)
    assert "policy   shop version 1" in edited.run("policy").output
    # comments and ways of writing are no content
    edited.policy.write_text(POLICY.replace("0.35   # a PD below it gets a loan", "0.350"), "utf-8")
    assert "policy   shop version 1" in edited.run("policy").output
    assert registry.versions("shop") == (1,)
    edited.policy.write_text(POLICY.replace("0.35", "0.34"), "utf-8")
    assert "policy   shop version 2" in edited.run("policy").output
    assert registry.versions("shop") == (1, 2)


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("feature: months", "feature: month", ("month: ", "did you mean months")),
        (
            "{feature: months, below: 12}",
            "{feature: city, above: 12}",
            ("city: is a category", "labels in quotes"),
        ),
        (
            "{feature: months, below: 12}",
            '{feature: months, equals: "12"}',
            ("months: is a number", "numbers without"),
        ),
        ("product: shop", "product: shpo", ("product: ", "'shpo'", "write product: shop")),
        ("refer_below: 0.6", "refer_below: 0.2", ("cutoffs.refer_below: ", "approve_below")),
        ("knock_outs:", "knock_out:", ("knock_out: ", "did you mean 'knock_outs'?")),
        ("product: shop\n", "product: [\n", ("policy.yaml: cannot be read as YAML",)),
        ("  lgd: 0.6", "  lgd: 1.6", ("economics", "lgd")),
        (POLICY, "", ("policy.yaml: declares nothing",)),
    ],
)
def test_a_faulty_policy_is_refused_by_name_and_not_kept(
    edited: Shop, right: str, wrong: str, words: tuple[str, ...]
) -> None:
    before = PolicyRegistry(edited.home).versions("shop")
    edited.policy.write_text(POLICY.replace(right, wrong, 1), encoding="utf-8")
    result = edited.run("policy")
    told_once(result, *words)
    assert PolicyRegistry(edited.home).versions("shop") == before


def test_without_a_policy_the_file_is_named(edited: Shop) -> None:
    edited.policy.unlink()
    told_once(edited.run("policy"), "policy.yaml", "see examples/airtime_loans/policy.yaml")


def test_without_a_model_the_policy_is_kept_and_warned_of(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, product=LIVE)
    shop.policy.write_text(POLICY.replace("feature: months", "feature: nothing"), "utf-8")
    result = shop.run("policy")
    assert result.exit_code == 0
    assert "warning: no model of shop is trained yet: its features are not checked" in result.output
    assert PolicyRegistry(shop.home).versions("shop") == (1,)


def test_features_without_a_reason_are_named_before_a_policy_goes_live(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    shop.policy.write_text(POLICY, encoding="utf-8")
    assert shop.run("train").exit_code == 0
    told_once(shop.run("policy"), "features have no reason text", "income", "reasons=")
    assert PolicyRegistry(shop.home).versions("shop") == ()
