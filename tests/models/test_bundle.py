"""Laws of the frozen bundle."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from solvent.errors import BundleError, WriteError
from solvent.models import bundle_digest, load_bundle, save_bundle, train_model
from solvent.models.trained import TrainedModel
from solvent.progress import Silent
from tests.models.frames import applicants, customers

ABOUT = {"product": "made up", "seed": 1, "metrics": {"auc": 0.7}}


@pytest.fixture(scope="module", params=["boosted_trees", "logistic", "neural_network"])
def trained(request: pytest.FixtureRequest) -> TrainedModel:
    frame, bad = applicants(1500)
    return train_model(
        frame, bad, groups=customers(1500), technique=request.param, seed=1, progress=Silent()
    )


@pytest.fixture
def folder(trained: TrainedModel, tmp_path: Path) -> Path:
    save_bundle(tmp_path / "bundle", trained, ABOUT)
    return tmp_path / "bundle"


def test_what_was_saved_is_read_back_bit_for_bit(trained: TrainedModel, folder: Path) -> None:
    again, about = load_bundle(folder)
    frame, _ = applicants(300, seed=2)
    assert (again.pd(frame) == trained.pd(frame)).all()
    assert (again.contributions(frame) == trained.contributions(frame)).all()
    assert again.importance() == trained.importance()
    assert again.features == trained.features
    assert about == ABOUT


def test_saving_twice_gives_the_same_bytes_and_digest(
    trained: TrainedModel, folder: Path, tmp_path: Path
) -> None:
    digest = save_bundle(tmp_path / "again", trained, ABOUT)
    assert digest == bundle_digest(folder)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_flipped_bit_anywhere_is_found(folder: Path) -> None:
    rng = np.random.default_rng(1)
    for path in sorted(folder.iterdir()):
        good = path.read_bytes()
        for place in {0, len(good) - 1, *rng.integers(0, len(good), 25).tolist()}:
            flipped = bytearray(good)
            flipped[place] ^= 1 << int(rng.integers(0, 8))
            path.write_bytes(flipped)
            with pytest.raises(BundleError):
                load_bundle(folder)
        path.write_bytes(good)
    assert load_bundle(folder)[1] == ABOUT


def test_a_missing_cut_or_added_file_is_refused_by_name(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        good = path.read_bytes()
        path.write_bytes(good[: len(good) // 2])
        with pytest.raises(BundleError, match=path.name):
            load_bundle(folder)
        path.unlink()
        with pytest.raises(BundleError, match=f"{path.name}: is missing"):
            load_bundle(folder)
        path.write_bytes(good)
    (folder / "notes.txt").write_text("hello")
    with pytest.raises(BundleError, match=r"notes\.txt"):
        load_bundle(folder)


def test_a_link_in_the_place_of_a_file_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.move(folder / "calibration.json", tmp_path / "elsewhere.json")
    (folder / "calibration.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(BundleError, match=r"calibration\.json"):
        load_bundle(folder)


def test_another_format_is_refused_with_what_to_do(folder: Path) -> None:
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_bytes())
    manifest.write_text(json.dumps({**content, "format": 3}))
    with pytest.raises(BundleError, match=r"format 3.*\n.*train again"):
        load_bundle(folder)


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json"):
        load_bundle(tmp_path / "nowhere")


def test_a_bundle_is_never_overwritten(trained: TrainedModel, folder: Path) -> None:
    with pytest.raises(WriteError, match="new folder"):
        save_bundle(folder, trained, {})
    assert load_bundle(folder)[1] == ABOUT


@pytest.mark.parametrize("about", [{"auc": float("nan")}, {"when": object()}])
def test_what_is_not_json_leaves_nothing_behind(
    trained: TrainedModel, tmp_path: Path, about: dict[str, object]
) -> None:
    with pytest.raises(WriteError, match="about"):
        save_bundle(tmp_path / "bundle", trained, about)
    assert not list(tmp_path.iterdir())


def test_a_write_that_fails_half_way_leaves_nothing_behind(
    trained: TrainedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(WriteError, match="No space left"):
        save_bundle(tmp_path / "bundle", trained, ABOUT)
    assert not list(tmp_path.iterdir())
