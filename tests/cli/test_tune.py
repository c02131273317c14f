"""`solvent train --tune`: settings are searched, kept with the model, told, and found again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from solvent.cli.train import _show_tuning
from solvent.models.finding import technique_names
from solvent.models.trials import State, Trial
from solvent.models.tuning import Tuned
from tests.app.own_techniques import MINE, RIGID
from tests.cli.shops import CANARY, PRODUCT, Shop, loan_rows, open_shop


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


CHAIN = PRODUCT.replace("import Applications,", "import Applications, Link,").replace(
    "product = Product(",
    'product = Product(chain=(Link(name="client", needs=("payments",), words="clients"), '
    'Link(name="newcomer", words="newcomers", technique="mine")), ',
)


def test_a_chain_is_tuned_link_by_link_and_the_report_shows_the_trials_of_each(
    tmp_path: Path,
) -> None:
    opened = open_shop(tmp_path, loan_rows(600), product=CHAIN)
    (opened.folder / "mine.py").write_text(MINE, encoding="utf-8")
    page = tmp_path / "page.html"
    told = train(opened, "--report", str(page), tune="5")
    assert "logistic regression, for clients: 2 trials" in told
    assert "our own line, for newcomers: 3 trials" in told
    found = about(opened, 1)["tuning"]
    assert [(one["link"], one["technique"], len(one["trials"])) for one in found] == [
        ("client", "logistic", 2),
        ("newcomer", "mine", 3),
    ]
    shown = page.read_text(encoding="utf-8")
    assert "logistic regression, for clients: the best 2 of 2 trials" in shown
    assert "our own line, for newcomers: the best 3 of 3 trials" in shown
    refused = opened.run("train", "--tune", "1")
    assert refused.exit_code == 1
    assert "1 trial cannot be shared by 2 techniques (logistic, mine)" in refused.output


def test_a_title_keeps_its_capitals_where_several_were_tuned(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = Tuned(
        technique="catboost", title="CatBoost", whom="SME clients", link="sme", budget="1 trial",
        folds=3, space={}, trials=(
            Trial(number=0, settings={"depth": 3}, losses=(0.5,), state=State.DONE, seconds=1.0),
        ),
    )  # fmt: skip
    _show_tuning((found, found))
    shown = capsys.readouterr().out
    assert shown.count("CatBoost, for SME clients: settings chosen") == 2
    _show_tuning((found,))
    assert "Settings chosen" in capsys.readouterr().out


def test_a_scorecard_is_tuned_too(shop: Shop) -> None:
    told = train(shop, "--technique", "scorecard", tune="2")
    assert "2 trials: " in told


def test_the_help_says_what_a_seed_does_not_tell(shop: Shop) -> None:
    shown = " ".join(shop.invoke("train", "--help").output.replace("│", " ").split())
    assert "how many of them fit in a time, no seed tells" in shown
