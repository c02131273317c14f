"""The local registry: versions count up, and nothing changed is ever loaded."""

from __future__ import annotations

import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
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
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        with pytest.raises(BundleError):
            registry.load("shop")
        path.write_bytes(whole)
    assert registry.load("shop").version == version


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path, model: TrainedModel) -> None:
    (tmp_path / "models").write_text("a file where a folder should be")
    with pytest.raises(WriteError, match="SOLVENT_HOME"):
        ModelRegistry(tmp_path).add("shop", model, {})


def test_a_version_that_was_removed_does_not_come_back(tmp_path: Path, model: TrainedModel) -> None:
    registry = ModelRegistry(tmp_path)
    assert [registry.add("shop", model, {}) for _ in "ab"] == [1, 2]
    shutil.rmtree(registry.path("shop", 2))
    assert registry.versions("shop") == (1,)
    assert registry.add("shop", model, {}) == 3
    assert registry.versions("shop") == (1, 3)
    assert {path.name for path in (tmp_path / "models" / "shop").iterdir()} == {"1", "3", "latest"}


def test_trainings_at_once_get_a_version_each(tmp_path: Path, model: TrainedModel) -> None:
    with ThreadPoolExecutor(8) as threads:
        added = [
            threads.submit(ModelRegistry(tmp_path).add, "shop", model, {"note": n})
            for n in range(24)
        ]
        versions = [one.result() for one in added]
    assert sorted(versions) == list(range(1, 25))
    registry = ModelRegistry(tmp_path)
    for note, version in enumerate(versions):
        about = registry.load("shop", version).about
        assert (about["note"], about["version"]) == (note, version)
    assert registry.add("shop", model, {}) == 25


def test_a_version_another_training_took_meanwhile_is_passed_over(
    tmp_path: Path, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = ModelRegistry(tmp_path)
    registry.add("shop", model, {"note": "theirs"})
    (tmp_path / "models" / "shop" / "latest").unlink()
    seen = iter([(), (1,), (1,), (1, 2)])
    monkeypatch.setattr(ModelRegistry, "versions", lambda self, product: next(seen))
    assert registry.add("shop", model, {"note": "mine"}) == 2


def test_a_bundle_is_for_nobody_else_to_read(tmp_path: Path, model: TrainedModel) -> None:
    registry = ModelRegistry(tmp_path)
    folder = registry.path("shop", registry.add("shop", model, {}))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_where_models_were_looked_for_is_told(tmp_path: Path) -> None:
    with pytest.raises(BundleError) as found:
        ModelRegistry(tmp_path).load("shop")
    assert str(tmp_path / "models") in str(found.value)
    assert "SOLVENT_HOME" in str(found.value)


def test_a_note_that_is_no_number_is_told(tmp_path: Path, model: TrainedModel) -> None:
    registry = ModelRegistry(tmp_path)
    registry.add("shop", model, {})
    (tmp_path / "models" / "shop" / "latest").write_text("two", encoding="ascii")
    with pytest.raises(WriteError, match="does not hold a version"):
        registry.add("shop", model, {})
    with pytest.raises(WriteError, match="does not hold a version"):
        registry.require_place("shop")
    assert registry.versions("shop") == (1,)
