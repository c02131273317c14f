"""Contributions are Shapley values by their definition, of every technique made of trees."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.features import FeatureFrame
from solvent.models import FittedModel, Guidance, find_technique, start_training
from solvent.models.chain import chain_of
from solvent.models.scorers.blend import BlendModel
from solvent.models.scorers.trees import TreesModel
from solvent.progress import Silent
from tests.models.frames import applicants, customers
from tests.models.shapley import read_trees, shapley
from tests.models.test_chain import fitted, frame_of

QUICK = {
    "boosted_trees": {"learning_rate": 0.2},
    "random_forest": {"trees": 20},
    "catboost": {"learning_rate": 0.2, "depth": 4},
}
EXACT = 1e-9


def grown(technique: str, rows: int = 500) -> tuple[FittedModel, FeatureFrame]:
    frame, bad = applicants(rows, towns=12)
    training = start_training(
        frame, bad, groups=customers(rows), seed=1,
        guidance=Guidance(settings=QUICK.get(technique, {})),
    )  # fmt: skip
    return find_technique(technique).fit(training, progress=Silent()).model, frame


def by_definition(model: FittedModel, some: FeatureFrame) -> tuple[np.ndarray, int]:
    """The contributions of a model, those of its trees by definition; and how many trees it has.

    The value of a coalition in a weighted sum is the weighted sum of its values there.
    """
    if isinstance(model, TreesModel):
        trees = read_trees(model.text)
        found = np.array([shapley(trees, row) for row in np.asarray(model.encoder.matrix(some))])
        merged = model.encoder.sum_by_feature(found[:, :-1])
        return np.column_stack([merged, found[:, -1]]), len(trees)
    if not isinstance(model, BlendModel):
        return model.contributions(some), 0
    wanted, count = np.zeros((some.rows, len(model.features) + 1)), 0
    wanted[:, -1] = model.intercept
    for part in model.parts:
        told, trees = by_definition(part.model, some)
        places = [model.features.index(name) for name in part.model.features]
        wanted[:, [*places, -1]] += part.weight * told
        count += trees
    return wanted, count


@pytest.mark.parametrize("technique", [*QUICK, "blend"])
def test_contributions_are_shapley_values(technique: str) -> None:
    model, frame = grown(technique)
    some = frame.take(np.arange(4))
    told = model.contributions(some)
    wanted, trees = by_definition(model, some)
    assert trees
    assert np.abs(told[:, :-1]).max() > 0.01
    assert told == pytest.approx(wanted, abs=EXACT)
    assert told.sum(axis=1) == pytest.approx(model.margin(some), abs=EXACT)


def test_a_chain_tells_the_shapley_values_of_the_link_that_scores() -> None:
    trained = fitted(("boosted_trees", "random_forest"))
    frame, _, _ = frame_of(40, 2)
    chain = chain_of(trained)
    assert chain is not None
    places = chain.places(frame)
    for number, link in enumerate(chain.links):
        some = frame.take(np.flatnonzero(places == number)[:3])
        wanted, trees = by_definition(link.trained.model, some.select(link.trained.features))
        assert trees
        raw = link.trained.model.margin(some.select(link.trained.features))
        assert wanted.sum(axis=1) == pytest.approx(raw, abs=EXACT)
        own = link.trained.calibration.contributions(wanted)
        where = [*map(chain.features.index, link.trained.features), len(chain.features)]
        told = trained.contributions(some)
        assert told[:, where] == pytest.approx(own, abs=EXACT)
        assert told.sum(axis=1) == pytest.approx(trained.margin(some), abs=EXACT)
