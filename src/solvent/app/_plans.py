"""What is read to score applications with a registered model: its own declaration, other files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from solvent.app.live_product import model_words
from solvent.dataset import OpenData, Plan
from solvent.errors import MissingFileError
from solvent.features import Csv, from_json
from solvent.features.aggregates import tables_of
from solvent.models import TrainedModel
from solvent.models.chain import chain_of
from solvent.sources.files import is_remote, remote_address
from solvent.store import RegisteredModel


def scoring_plan(
    registered: RegisteredModel, applications: Path, csv: Csv | None, *, extras: bool = False
) -> Plan:
    """Return the plan that scores a file of applications.

    Args:
        registered: The model.
        applications: File or folder of the applications.
        csv: How the file is written today, which is no part of the model; None: as in training.
        extras: True to compute the application values a policy may read as well.
    """
    told: Mapping[str, Any] = registered.about["plan"]
    declared = from_json(told["applications"])
    features = from_json(told["features"])
    if extras:
        features = (*features, *from_json(registered.about["live"]["extras"]))
    return Plan(
        product=registered.product,
        applications=replace(
            declared, files=(_place(applications),), database=None,
            csv=declared.csv if csv is None else csv,
        ),
        sources=from_json(told["sources"]), features=features,
    )  # fmt: skip


def _place(applications: Path) -> str:
    return remote_address(applications) if is_remote(applications) else str(applications.resolve())


def require_whole(plan: Plan, data: OpenData) -> None:
    """Refuse a data folder that lacks a table the model learned from.

    Raises:
        MissingFileError: It does.
    """
    if _missing(plan, data):
        raise MissingFileError(
            "the model learned from this table, and the data folder lacks it",
            hint="check --data, or train a model that does without it", field=data.absent[0],
        )  # fmt: skip


def require_sources(plan: Plan, data: OpenData, model: TrainedModel) -> tuple[str, ...]:
    """Refuse a data folder that lacks a table which scoring needs.

    A chain of models does without one that only some of its links need: these score nobody then.

    Args:
        plan: What the model reads.
        data: The tables that are there.
        model: The model.

    Returns:
        What is done without, a sentence for each such table.

    Raises:
        MissingFileError: It lacks one that is needed.
    """
    missing, chain = _missing(plan, data), chain_of(model)
    if chain is None:
        require_whole(plan, data)
        return ()
    left = [link for link in chain.links if not missing & set(link.asks)]
    if missing & {name for link in left for name in link.trained.features}:
        require_whole(plan, data)
    if len(left) == len(chain.links):
        return ()
    with_ = " or ".join(model_words(link.words) for link in left)
    asked = {name for link in chain.links for name in link.asks} & missing
    tables = {table for one in plan.features if one.name in asked for table in tables_of(one)}
    return tuple(
        f"the data hold no {name}, so nobody is known there: all are scored with {with_}"
        for name in sorted(tables)
    )


def _missing(plan: Plan, data: OpenData) -> set[str]:
    there = {feature.name for feature in data.plan.features}
    return {feature.name for feature in plan.features} - there
