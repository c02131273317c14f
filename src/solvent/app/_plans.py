"""What is read to score applications with a registered model: its own declaration, other files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from solvent.dataset import OpenData, Plan
from solvent.errors import MissingFileError
from solvent.features import Csv, from_json
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


def require_sources(plan: Plan, data: OpenData) -> None:
    """Refuse a data folder that lacks a table the model learned from.

    Raises:
        MissingFileError: It does.
    """
    if len(data.plan.features) < len(plan.features):
        raise MissingFileError(
            "the model learned from this table, and the data folder lacks it",
            hint="check --data, or train a model that does without it", field=data.absent[0],
        )  # fmt: skip
