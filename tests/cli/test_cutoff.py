"""`solvent cutoff`: which cutoff, what for, and where it is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from solvent.app.cutoff import choose_cutoff
from tests.cli.shops import POLICY, Shop, open_live_shop, told_once


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a model."""
    return open_live_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def shop(trained: Shop, tmp_path: Path) -> Shop:
    """The same shop, to be written in."""
    shutil.copytree(trained.folder, tmp_path / "shop")
    return Shop(folder=tmp_path / "shop", home=trained.home)


def _words(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").split())


def test_it_says_where_the_cutoff_was_chosen_and_where_judged(shop: Shop) -> None:
    result = shop.run("cutoff", "--maximise", "profit")
    assert result.exit_code == 0, result.output
    found = choose_cutoff("shop", shop.folder, shop.home)
    words = _words(result.output)
    assert f"cutoff approve a PD below {found.digits}: the highest profit" in words
    assert "with 90 % confidence" in words
    assert f"{found.best.n:,} training applications" in words  # type: ignore[union-attr]
    assert f"judged on {found.compared.n} test applications the model had not seen" in words
    for word in ("this cutoff", "policy's own 0.35", "repaid", "went bad", "EUR", "--write"):
        assert word in words
    assert shop.policy.read_text("utf-8") == POLICY


def test_write_changes_the_number_and_the_next_command_takes_it(shop: Shop) -> None:
    result = shop.run("cutoff", "--recall", "0.8", "--write")
    assert result.exit_code == 0, result.output
    found = choose_cutoff("shop", shop.folder, shop.home, recall=0.8)
    assert found.goal.replace("\u202f", " ") == "80 % of the defaulters caught"
    text = shop.policy.read_text("utf-8")
    assert text == POLICY.replace("approve_below: 0.35", f"approve_below: {found.digits}", 1)
    assert f"solvent policy {shop.folder}" in result.output
    assert found.policy == found.at  # the policy's own cutoff is now this one


@pytest.mark.parametrize("words", [(), ("--maximise", "profit", "--recall", "0.8")])
def test_one_goal_is_needed_and_no_more(shop: Shop, words: tuple[str, ...]) -> None:
    told_once(
        shop.run("cutoff", *words), "what the cutoff is for", "--maximise profit, or --recall 0.8"
    )


@pytest.mark.parametrize("recall", ["0", "-0.1", "1.01", "nan"])
def test_a_recall_is_a_share(shop: Shop, recall: str) -> None:
    told_once(shop.run("cutoff", "--recall", recall), "recall")


def test_a_cutoff_the_policy_cannot_bear_is_not_written(shop: Shop) -> None:
    text = POLICY.replace("0.35 ", "0.05 ").replace("refer_below: 0.6", "refer_below: 0.051")
    shop.policy.write_text(text, encoding="utf-8")
    told_once(shop.run("cutoff", "--recall", "0.3", "--write"), "cutoffs.refer_below")
    assert shop.policy.read_text("utf-8") == text


def test_a_lender_who_can_only_lose_is_told_that_nobody_is_approved(shop: Shop) -> None:
    shop.policy.write_text(POLICY.replace("rate: 0.2", "rate: -0.2"), encoding="utf-8")
    result = shop.run("cutoff", "--maximise", "profit")
    assert result.exit_code == 0, result.output
    assert "warning: nobody is approved at this cutoff" in result.output


def test_without_a_model_or_a_policy_the_way_to_one_is_told(shop: Shop, tmp_path: Path) -> None:
    alone = Shop(folder=shop.folder, home=tmp_path / "empty")
    told_once(alone.run("cutoff", "--maximise", "profit"), "solvent train")
    told_once(shop.run("cutoff", "--maximise", "profit", "--model", "7"), "7")
    shop.policy.unlink()
    told_once(shop.run("cutoff", "--maximise", "profit"), "policy.yaml")
