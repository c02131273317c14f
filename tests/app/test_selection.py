"""Selection inside training: on the training side alone, frozen with the model, told afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from solvent.app.selection import costs_of, select_for, selection_of, why
from solvent.cli.main import app
from solvent.dataset import Dataset, build_dataset, open_data
from solvent.dataset.narrowing import tables_read
from solvent.errors import DeclarationError
from solvent.features import from_json
from solvent.models import Selection
from solvent.product import load_product
from solvent.progress import Silent
from solvent.sandbox import simulate
from solvent.store import ModelRegistry

AIRTIME = Path(__file__).parents[2] / "examples" / "airtime_loans"
NOW = 1_900_000_000_000_000
WISH = Selection(most=4, keep=("loans_never",))


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated airtime lender on disk."""
    folder = tmp_path_factory.mktemp("lender") / "data"
    simulate("airtime_loans", customers=1200, seed=5, out=folder)
    return folder


@pytest.fixture(scope="module")
def dataset(lender: Path) -> Dataset:
    """Its dataset, with every candidate."""
    with open_data(load_product(AIRTIME).product.plan, lender) as data:
        return build_dataset(data, seed=1, now=NOW)


@pytest.fixture(scope="module")
def home(lender: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one model of at most four features, and its report."""
    home = tmp_path_factory.mktemp("home")
    result = _run(home, "--data", str(lender), "--select", "4", "--report", str(home / "r.html"))
    assert result.exit_code == 0, result.output
    assert "Features selected on training applications" in result.output
    return home


def _run(home: Path, *arguments: str):
    environment = {"SOLVENT_HOME": str(home), "COLUMNS": "200"}
    return CliRunner().invoke(app, ["train", str(AIRTIME), *arguments], env=environment)


def test_outcomes_and_values_of_the_test_change_nothing_of_the_selection(dataset: Dataset) -> None:
    """With every test outcome turned round the findings are the same byte for byte."""
    turned = replace(dataset, bad=np.where(dataset.split.test, ~dataset.bad, dataset.bad))
    found = [
        select_for(one, WISH, seed=1, progress=Silent())[1] for one in (dataset, turned)
    ]  # fmt: skip
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].to_bytes() == found[1].to_bytes()
    assert found[0].rows == int(dataset.split.train.sum())


def test_a_narrowed_dataset_is_one_of_the_selected_features(dataset: Dataset) -> None:
    """It holds their columns as they were, a program of them, and the rest of the application."""
    narrow, found = select_for(dataset, WISH, seed=1, progress=Silent())
    assert found is not None
    names = tuple(f.name for f in narrow.open_data.plan.model_features)
    assert names == found.kept
    assert narrow.open_data.program.features == narrow.open_data.plan.features
    before = {f.name for f in (*dataset.open_data.plan.features, *dataset.open_data.plan.extras)}
    own = {f.name for f in narrow.open_data.plan.extras}
    assert own <= before
    assert narrow.extras.names == tuple(f.name for f in narrow.open_data.plan.extras)
    assert select_for(dataset, "auto", seed=1, progress=Silent()) == (dataset, None)


def test_a_bundle_computes_and_asks_for_the_selected_features_alone(home: Path) -> None:
    """Its plan, its model and its sources name nothing else; why is told of every candidate."""
    registered = ModelRegistry(home).load("airtime_loans")
    found = selection_of(home, "airtime_loans")
    assert found is not None
    features = from_json(registered.about["plan"]["features"])
    assert {*registered.model.features} == {*found.kept} == {f.name for f in features}
    assert 1 <= len(found.kept) <= 4
    live = registered.about["live"]
    sources = {table.name for table in from_json(registered.about["plan"]["sources"])}
    declared = {table.name for table in load_product(AIRTIME).product.sources}
    assert sources | {*live["unread"]} == declared
    assert not sources & {*live["unread"]}
    assert not {*live["dropped"]} & {*found.kept}
    for candidate in found.candidates:
        told = why(home, "airtime_loans", candidate.name)
        assert told == candidate
        assert told.words
    with pytest.raises(DeclarationError):
        why(home, "airtime_loans", "nobody")
    assert "Which features were kept" in (home / "r.html").read_text(encoding="utf-8")


def test_a_selected_model_scores_without_the_tables_nobody_reads(
    home: Path, lender: Path, tmp_path: Path
) -> None:
    """Scoring needs the files of the sources that are read, and no other."""
    about = ModelRegistry(home).load("airtime_loans").about
    read = list(from_json(about["plan"]["sources"]))
    few = tmp_path / "few"
    few.mkdir()
    for table in read:
        for path in table.paths:
            (few / path).symlink_to(lender / path)
    out = tmp_path / "out.csv"
    result = CliRunner().invoke(
        app,
        ["score", str(AIRTIME), str(lender / "loans.parquet"), "--data", str(few), "-o", str(out)],
        env={"SOLVENT_HOME": str(home)},
    )
    assert result.exit_code == 0, result.output
    assert out.is_file()


def test_costs_tell_the_application_from_what_must_be_looked_up(dataset: Dataset) -> None:
    """What the applicant says is free; aggregates cost by the columns they read."""
    plan = dataset.open_data.plan
    costs = costs_of(plan.model_features)
    looked_up = [f for f in plan.model_features if hasattr(f, "table")]
    assert looked_up
    assert all(costs[feature.name] >= 1.0 for feature in looked_up)
    assert tables_read(plan) >= {f.table for f in looked_up if f.name in costs}


@pytest.mark.parametrize("wrong", ["0", "-1", "abc", "3.5", ""])
def test_a_number_of_features_that_is_none_is_refused(
    wrong: str, lender: Path, tmp_path: Path
) -> None:
    """The error names the option and says what may be given."""
    result = _run(tmp_path, "--data", str(lender), "--select", wrong)
    assert result.exit_code == 1
    assert "select" in result.output
    assert '"all"' in result.output
    assert "Traceback" not in result.output
