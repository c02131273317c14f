"""The local registry: versions count up, and nothing changed is ever loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from solvent.errors import BundleError, WriteError
from solvent.features import FeatureFrame, NumberColumn
from solvent.models import TrainedModel, train_model
from solvent.progress import Silent
from solvent.store import ModelRegistry, home


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    """A small trained model."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=300)
    bad = rng.random(300) < 1 / (1 + np.exp(-values))
    frame = FeatureFrame(rows=300, columns=(NumberColumn(name="x", values=values),))
    return train_model(
        frame, bad, groups=np.arange(300), technique="logistic", seed=0, progress=Silent()
    )


def test_home_is_the_environment_s_choice_else_a_folder_here() -> None:
    assert home({}) == Path(".solvent")
    assert home({"SOLVENT_HOME": ""}) == Path(".solvent")
    assert home({"SOLVENT_HOME": "kept"}) == Path("kept")


def test_versions_count_up_and_the_newest_is_loaded_by_default(
    tmp_path: Path, model: TrainedModel
) -> None:
    registry = ModelRegistry(tmp_path / "home")
    assert registry.versions("shop") == ()
    assert [registry.add("shop", model, {"note": n}) for n in "ab"] == [1, 2]
    assert registry.versions("shop") == (1, 2)
    assert registry.load("shop").about["note"] == "b"
    first = registry.load("shop", 1)
    assert (first.about["note"], first.about["version"]) == ("a", 1)


def test_a_loaded_model_gives_the_pds_it_was_saved_with(
    tmp_path: Path, model: TrainedModel
) -> None:
    registry = ModelRegistry(tmp_path)
    registry.add("shop", model, {})
    frame = FeatureFrame(
        rows=3, columns=(NumberColumn(name="x", values=np.array([-1, 0, np.nan])),)
    )
    assert (registry.load("shop").model.pd(frame) == model.pd(frame)).all()


def test_what_is_not_there_is_told_with_what_is(tmp_path: Path, model: TrainedModel) -> None:
    registry = ModelRegistry(tmp_path)
    with pytest.raises(BundleError, match="solvent train"):
        registry.load("shop")
    registry.add("shop", model, {})
    with pytest.raises(BundleError, match="versions: 1"):
        registry.load("shop", 7)


def test_a_changed_file_is_refused(tmp_path: Path, model: TrainedModel) -> None:
    registry = ModelRegistry(tmp_path)
    version = registry.add("shop", model, {})
    for path in registry.path("shop", version).iterdir():
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b"0", b"1", 1))
        with pytest.raises(BundleError):
            registry.load("shop")
        path.write_bytes(whole)
    assert registry.load("shop").version == version


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path, model: TrainedModel) -> None:
    (tmp_path / "models").write_text("a file where a folder should be")
    with pytest.raises(WriteError, match="SOLVENT_HOME"):
        ModelRegistry(tmp_path).add("shop", model, {})
