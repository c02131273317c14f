"""`solvent train --tune`: settings are searched, kept with the model, told, and found again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from solvent.models.finding import technique_names
from tests.app.own_techniques import MINE, RIGID
from tests.cli.shops import CANARY, Shop, open_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A corner shop with one model, tuned in six trials."""
    opened = open_shop(tmp_path_factory.mktemp("shop"))
    for name, text in {"mine": MINE, "rigid": RIGID}.items():
        (opened.folder / f"{name}.py").write_text(text, encoding="utf-8")
    done = train(opened, "--technique", "mine", "--report", str(opened.folder / "page.html"))
    assert "6 trials: " in done
    return opened


def train(shop: Shop, *words: str, tune: str = "6 trials") -> str:
    result = shop.run("train", "--tune", tune, *words)
    assert result.exit_code == 0, result.output
    return result.output


def about(shop: Shop, version: int) -> dict[str, object]:
    path = shop.home / "models" / "shop" / str(version) / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8"))["about"]


def trials(shop: Shop, technique: str) -> list[str]:
    (path,) = (shop.home / "tuning" / "shop").glob(f"{technique}-*.jsonl")
    return path.read_text(encoding="utf-8").splitlines()


def test_the_settings_chosen_and_all_trials_are_kept_with_the_model(shop: Shop) -> None:
    told = about(shop, 1)
    assert told["technique"] == "mine"
    (tuning,) = told["tuning"]
    assert [trial["number"] for trial in tuning["trials"]] == list(range(6))
    done = [trial for trial in tuning["trials"] if trial["state"] == "done"]
    best = min(done, key=lambda trial: (trial["losses"][-1], trial["number"]))
    assert tuning["settings"] == best["settings"]
    assert tuning["space"] == {"penalty": {"high": 1e4, "log": True, "low": 10.0, "whole": False}}


def test_the_report_has_a_chapter_on_it(shop: Shop) -> None:
    page = (shop.folder / "page.html").read_text(encoding="utf-8")
    assert "Which settings were tried" in page
    assert "penalty" in page
    assert CANARY not in page


def test_the_same_command_again_tries_nothing_anew_and_chooses_the_same(shop: Shop) -> None:
    noted = trials(shop, "mine")
    train(shop, "--technique", "mine")
    assert trials(shop, "mine") == noted
    assert about(shop, 2)["tuning"] == about(shop, 1)["tuning"]
    train(shop, "--technique", "mine", tune="8")
    assert trials(shop, "mine")[:6] == noted
    assert len(trials(shop, "mine")) == 8


def test_another_home_finds_the_same(shop: Shop, tmp_path: Path) -> None:
    elsewhere = Shop(folder=shop.folder, home=tmp_path / "home")
    train(elsewhere, "--technique", "mine")
    assert about(elsewhere, 1)["tuning"] == about(shop, 1)["tuning"]


def test_another_seed_and_other_data_are_another_search(shop: Shop, tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = Shop(folder=shop.folder, home=home)
    train(first, "--technique", "mine", tune="1")
    train(first, "--technique", "mine", "--seed", "1", tune="1")
    other = open_shop(tmp_path / "other")
    (other.folder / "mine.py").write_text(MINE + "\n# changed\n", encoding="utf-8")
    train(Shop(folder=other.folder, home=home), "--technique", "mine", tune="1")
    assert len(list((home / "tuning" / "shop").glob("mine-*.jsonl"))) == 3


def test_a_technique_that_comes_with_solvent_is_tuned_too(shop: Shop) -> None:
    told = train(shop, "--technique", "logistic", tune="2")
    assert "log loss out of fold" in told or "left so" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tune", "soon"), "tune: 'soon' is no budget"),
        (("--tune", "5", "--technique", "rigid"), "rigid has no setting to tune"),
    ],
)
def test_what_cannot_be_tuned_is_refused_before_a_table_is_read(
    shop: Shop, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    refused = shop.run("train", "--data", tmp_path, *words)
    assert refused.exit_code == 1
    assert said in refused.output
    assert "hint: " in refused.output


def test_without_optuna_training_says_what_to_install(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    refused = shop.run("train", "--tune", "5", "--technique", "mine")
    assert refused.exit_code == 1
    assert 'install "solvent[train]"' in refused.output


def test_the_help_names_every_technique(shop: Shop) -> None:
    shown = " ".join(shop.invoke("train", "--help").output.split())
    assert all(name in shown for name in technique_names())
    assert "beside product.py" in shown
