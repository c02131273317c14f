"""A dataset whose plan holds some of its features, as if no other had been declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from solvent.dataset.build import Dataset, own_values
from solvent.dataset.plan import Plan, extras_of
from solvent.features.aggregates import tables_of
from solvent.features.program import compile_features


def narrowed(dataset: Dataset, names: Iterable[str]) -> Dataset:
    """Return the dataset with the named features of the model, and no other.

    Features that read a protected column stay, as does what a chain asks: no model is given them
    anyway. An application column whose feature goes becomes a value a policy may read.

    Args:
        dataset: The dataset.
        names: Features a model may be given.
    """
    plan, kept = dataset.open_data.plan, set(names)
    gone = {feature.name for feature in plan.model_features} - kept
    features = tuple(feature for feature in plan.features if feature.name not in gone)
    closed = (*plan.protected, *(plan.bad.columns if plan.bad is not None else ()))
    plan = replace(
        plan, features=features, extras=extras_of(plan.applications, features, closed)
    )  # fmt: skip
    program = compile_features(plan.applications, plan.sources, features)
    return replace(
        dataset, open_data=replace(dataset.open_data, plan=plan, program=program),
        frame=dataset.frame.select([feature.name for feature in features]),
        extras=own_values(plan, dataset.applications),
    )  # fmt: skip


def tables_read(plan: Plan) -> set[str]:
    """Return the names of the sources that scoring reads."""
    return {name for feature in plan.scored_features for name in tables_of(feature)}
