"""The techniques written in docs/techniques.md are run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from solvent.errors import TechniqueError
from solvent.metrics import auc
from solvent.models import (
    Training,
    find_technique,
    fit_model,
    load_bundle,
    save_bundle,
    start_training,
    technique_names,
)
from solvent.progress import Silent
from tests.models.frames import applicants, customers

CHAPTER = Path(__file__).resolve().parents[2] / "docs" / "techniques.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product's folder with the chapter's techniques in it, each as the file it says."""
    made = tmp_path_factory.mktemp("product")
    text = CHAPTER.read_text(encoding="utf-8")
    found = re.findall(r"`(\w+\.py)`:\n\n```python\n(.*?)```", text, re.DOTALL)
    assert [name for name, _ in found] == ["discriminant.py", "mix.py", "neighbours.py"]
    for name, code in found:
        (made / name).write_text(code, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def training() -> Training:
    frame, bad = applicants(1500)
    return start_training(frame, bad, groups=customers(1500), seed=1)


@pytest.mark.parametrize("name", ["discriminant", "mix", "neighbours"])
def test_a_technique_of_ones_own_learns(name: str, folder: Path, training: Training) -> None:
    trained = fit_model(training, find_technique(name, folder), progress=Silent())
    fresh, truth = applicants(1000, seed=2)
    assert auc(trained.pd(fresh), truth) > 0.62
    assert auc(trained.out_of_fold, training.bad) == pytest.approx(
        auc(trained.pd(fresh), truth), abs=0.05
    )
    shown = trained.contributions(fresh).sum(axis=1)
    assert shown == pytest.approx(trained.margin(fresh), abs=1e-9)


def test_one_in_a_native_form_is_kept_and_read_back_without_its_file(
    folder: Path, training: Training, tmp_path: Path
) -> None:
    trained = fit_model(training, find_technique("discriminant", folder), progress=Silent())
    save_bundle(tmp_path / "bundle", trained, {})
    again, _ = load_bundle(tmp_path / "bundle")
    assert again.technique == "discriminant"
    assert (again.pd(training.frame) == trained.pd(training.frame)).all()


def test_one_without_a_native_form_is_not_kept(
    folder: Path, training: Training, tmp_path: Path
) -> None:
    trained = fit_model(training, find_technique("neighbours", folder), progress=Silent())
    with pytest.raises(TechniqueError, match="compared, not kept"):
        save_bundle(tmp_path / "bundle", trained, {})
    assert not list(tmp_path.iterdir())


def test_its_settings_are_heeded_and_others_refused(folder: Path, training: Training) -> None:
    technique = find_technique("discriminant", folder)
    plain = technique.fit(training, progress=Silent())
    held = technique.fit(training.tuned({"ridge": 10.0}), progress=Silent())
    assert np.abs(held.margin).mean() != np.abs(plain.margin).mean()
    with pytest.raises(TechniqueError, match=r"luck: .* no such setting"):
        technique.fit(training.tuned({"luck": 1.0}), progress=Silent())


def test_the_chapter_names_every_technique() -> None:
    text = CHAPTER.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in technique_names())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("technique = 1", "name, title, space, fit missing"),
        ("class Mine:\n    name = title = 'other'\n    space = fit = print\ntechnique = Mine()",
         "called 'other'"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_sound_technique_is_refused(
    code: str, words: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    with pytest.raises(TechniqueError, match=words):
        find_technique("mine", tmp_path)
