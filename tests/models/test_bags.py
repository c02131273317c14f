"""Laws of what a unit of a bag's margin says."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.models import Training, start_training
from solvent.models.bags import ask, bag_spread, fold_of_asked
from solvent.models.calibrators.line import fit_line
from solvent.models.finding import find_technique
from solvent.models.mixing import learn_mix
from solvent.models.scorers.blend import BlendModel
from solvent.models.techniques.blend import Blend
from solvent.progress import Silent
from tests.models.frames import applicants, customers

FOLDS = 5


def _bag(rows: int, chance: float, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Margins of models that agree on what is true, err by chance, and know what they have seen."""
    rng = np.random.default_rng(seed)
    fold = rng.integers(0, FOLDS, rows)
    true, label = rng.normal(size=rows), rng.normal(size=rows)
    said = -2.0 + true + chance * rng.normal(size=(FOLDS, rows))
    seen = fold != np.arange(FOLDS)[:, None]
    return said + 0.8 * seen * label, fold


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0, 2.0])
def test_the_factor_is_one_models_variance_over_the_bags_on_rows_nobody_has_seen(
    chance: float,
) -> None:
    found = bag_spread(*_bag(20_000, chance))
    wanted = (1.0 + chance**2) / (1.0 + chance**2 / FOLDS)
    assert found.factor == pytest.approx(wanted, rel=0.05)
    assert found.centre == pytest.approx(-2.0, abs=0.05)


def test_the_factor_is_at_least_one_and_no_more_than_there_are_models() -> None:
    said, fold = _bag(300, 1.0)
    alike = np.tile(said[0], (FOLDS, 1))
    assert bag_spread(alike, fold).factor == pytest.approx(1.0)
    noise = np.random.default_rng(2).normal(size=said.shape)
    assert 3.5 < bag_spread(noise, fold).factor <= FOLDS
    assert bag_spread(np.zeros((FOLDS, 300)), fold).factor == 1.0


def test_a_fold_whose_margins_lie_higher_does_not_widen_them() -> None:
    said, fold = _bag(5000, 0.5)
    higher = said + np.arange(FOLDS)[:, None]
    assert bag_spread(higher, fold).factor == pytest.approx(bag_spread(said, fold).factor)


@pytest.fixture(scope="module")
def training() -> Training:
    frame, bad = applicants(1500)
    return start_training(frame, bad, groups=customers(1500), seed=1)


def _slope(margin: np.ndarray, bad: np.ndarray) -> float:
    return fit_line(margin, bad).slope


@pytest.mark.parametrize("told", [False, True], ids=["numbers", "categories too"])
def test_boosted_trees_are_the_mean_of_the_folds_models_as_bold_as_each(
    training: Training, told: bool
) -> None:
    """Of numbers alone they are one booster; of categories each fold knows something else."""
    training = training if told else training.reading(["income", "age"])
    learnt = find_technique("boosted_trees").fit(training, progress=Silent())
    fresh, bad = applicants(20_000, seed=2)
    each = np.stack([model.margin(fresh) for model in learnt.bag])
    spread = bag_spread(ask(learnt.bag, training), fold_of_asked(training))
    wanted = spread.factor * each.mean(axis=0) + spread.shift
    assert learnt.model.margin(fresh) == pytest.approx(wanted, abs=1e-9)
    assert learnt.model.scorer == ("blend" if told else "trees")
    alone = float(np.mean([_slope(one, bad) for one in each]))
    assert _slope(each.mean(axis=0), bad) > 1.04 * alone
    assert _slope(learnt.model.margin(fresh), bad) == pytest.approx(alone, rel=0.025)


def test_a_blend_is_made_as_bold_as_its_members_were_out_of_fold(training: Training) -> None:
    members = [
        find_technique(name).fit(training, progress=Silent())
        for name in ("logistic", "boosted_trees")
    ]
    margins = np.column_stack([one.margin for one in members])
    mix = learn_mix(margins, training.bad)
    said = sum(
        weight * ask(one.bag, training) for weight, one in zip(mix.weights, members, strict=True)
    )
    spread = bag_spread(said + mix.intercept, fold_of_asked(training))
    model = Blend(members=("logistic", "boosted_trees")).fit(training, progress=Silent()).model
    assert isinstance(model, BlendModel)
    assert spread.factor > 1.01
    weights = np.array([part.weight for part in model.parts]).reshape(2, FOLDS).sum(axis=1)
    assert weights == pytest.approx(spread.factor * mix.weights, rel=1e-9)
    plain = mix.intercept + sum(
        weight * np.mean([part.margin(training.frame) for part in one.bag], axis=0)
        for weight, one in zip(mix.weights, members, strict=True)
    )
    found = model.margin(training.frame)
    assert found == pytest.approx(spread.centre + spread.factor * (plain - spread.centre), abs=1e-9)
