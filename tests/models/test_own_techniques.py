"""Techniques found by name, settings they are told, and trainings that know a part of the rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solvent.errors import OneClassError, TechniqueError
from solvent.models import Guidance, find_technique, fit_model, start_training
from solvent.models.finding import own_technique_names, technique_extra, technique_names
from solvent.models.technique import part_of, require_margins
from solvent.models.techniques.logistic import PENALTIES, SPACE
from solvent.progress import Silent
from tests.models.frames import applicants, customers

FRAME, BAD = applicants(800)
TRAINING = start_training(
    FRAME, BAD, groups=customers(800) // 2, seed=1, guidance=Guidance(periods=customers(800) // 80)
)


@pytest.mark.parametrize(
    ("margin", "rows", "found"),
    [
        ([0.1, 0.2], 2, "a list"),
        (np.array([0.1]), 2, r"of shape \(1,\)"),
        (np.array([[0.1]]), 1, r"of shape \(1, 1\)"),
        (np.array([1]), 1, "of type int"),
        (np.array([np.nan]), 1, "1 times not finite"),
        (np.array([np.inf]), 1, "1 times not finite"),
        (np.array([0.1, np.nan, -np.inf]), 3, "2 times not finite"),
    ],
)
def test_margins_are_a_finite_number_for_each_row(margin: object, rows: int, found: str) -> None:
    with pytest.raises(TechniqueError, match=f"found {found}") as caught:
        require_margins(margin, range(rows), "own")  # type: ignore[arg-type]
    assert caught.value.field == "own.margin"
    require_margins(np.array([0.1]), range(1), "own")
    require_margins(np.array([]), range(0), "own")


def test_files_that_assign_technique_are_techniques_and_are_not_run(tmp_path: Path) -> None:
    texts = {
        "plain.py": "technique = 1", "typed.py": "technique: object = 1", "broken.py": "x = (\n"
        "technique = ", "product.py": "product = 1", "inner.py": "def f():\n    technique = 1\n",
        "prepare.py": "raise SystemExit(1)", "not-a-name.py": "technique = 1", "notes.txt":
        "technique = 1",
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert own_technique_names(tmp_path) == ("broken", "plain", "typed")


def test_an_extra_bears_the_name_of_its_technique() -> None:
    assert technique_extra("catboost") == "catboost"
    assert technique_extra("logistic") == ""
    assert technique_extra("no_such_technique") == ""


@pytest.mark.parametrize("name", technique_names())
def test_every_technique_tells_a_space_that_can_be_searched(name: str) -> None:
    for one in find_technique(name).space().values():
        assert one.low < one.high
        assert one.low > 0 or not one.log
        assert not one.whole or one.low == int(one.low)


def test_a_part_knows_its_rows_alone_and_keeps_a_customer_in_one_fold() -> None:
    rows = np.arange(800) % 3 != 0
    part = part_of(TRAINING, rows, folds=3)
    assert part.folds == 3
    assert part.frame["income"].values.tolist() == FRAME["income"].values[rows].tolist()
    assert part.bad.tolist() == BAD[rows].tolist()
    assert part.guidance.periods.tolist() == TRAINING.guidance.periods[rows].tolist()
    for group in np.unique(part.groups):
        assert len(set(part.fold[part.groups == group].tolist())) == 1
    with pytest.raises(OneClassError):
        part_of(TRAINING, BAD)


def test_the_penalty_chosen_and_the_same_penalty_told_give_the_same_model() -> None:
    logistic = find_technique("logistic")
    chosen = fit_model(TRAINING, logistic, progress=Silent())
    told = [
        fit_model(TRAINING.tuned({"penalty": penalty}), logistic, progress=Silent())
        for penalty in PENALTIES
    ]
    assert any(chosen.model.save() == model.model.save() for model in told)
    assert len({str(model.model.save()) for model in told}) == len(PENALTIES)


def test_bends_told_are_bends_made() -> None:
    straight = TRAINING.tuned({"bends": 0, "penalty": 10.0})
    model = fit_model(straight, find_technique("logistic"), progress=Silent())
    bent = fit_model(
        straight.tuned({"bends": 4, "penalty": 10.0}), find_technique("logistic"), progress=Silent()
    )
    assert len(bent.model.line.weights) == len(model.model.line.weights) + 8


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"leaves": 3.0}, "logistic has no such setting"),
        ({"penalty": 1e9}, "1e.09 is no value for a setting of logistic"),
        ({"bends": 1.5}, "1.5 is no value for a setting of logistic"),
        ({"bends": -1}, "-1 is no value for a setting of logistic"),
    ],
)
def test_settings_that_are_unknown_or_out_of_range_are_refused(
    settings: dict[str, float], said: str
) -> None:
    with pytest.raises(TechniqueError, match=said):
        find_technique("logistic").fit(TRAINING.tuned(settings), progress=Silent())
    assert set(SPACE) == {"bends", "penalty"}


def test_a_training_reads_the_features_it_is_offered() -> None:
    offered = TRAINING.reading(("age", "town"))
    assert offered.frame.names == ("age", "town")
    assert replace(offered, frame=FRAME).frame.names == FRAME.names
