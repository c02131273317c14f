"""A registered card, to be printed or carried elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solvent.metrics import auc
from solvent.models import Population, points_card
from solvent.models.points import PointsCard
from solvent.models.technique import rank_correlation
from solvent.product import LoadedProduct
from solvent.report.card import CardRecord, Rounding
from solvent.store import ModelRegistry, RegisteredModel


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRequest:
    """Which card.

    Args:
        loaded: The product.
        home: Folder of the registry.
        version: Version of the model; None for the newest.
    """

    loaded: LoadedProduct
    home: Path
    version: int | None = None


def card_of(request: CardRequest) -> CardRecord:
    """Return a registered card with everything its page says.

    Raises:
        BundleError: No such model is registered, or it is no card.
    """
    registry, product = ModelRegistry(request.home), request.loaded.product
    registered = registry.load(product.name, request.version)
    card = points_card(registered.model)
    population = registry.population(product.name, registered.version, "test")
    return _record(registered, card, population)


def _record(registered: RegisteredModel, card: PointsCard, population: Population) -> CardRecord:
    about = registered.about
    told = {line["name"]: line for line in about["features"]}
    return CardRecord(
        product=registered.product,
        title=str(about["title"] or registered.product.replace("_", " ")),
        version=registered.version,
        created_at=str(about["created_at"]),
        bad_words=str(about["bad"].get("words", "")),
        card=card,
        titles={name: str(line["title"]) for name, line in told.items()},
        units={name: str(line.get("unit", "")) for name, line in told.items()},
        auc=float(about["metrics"]["test"]["auc"]["auc"]),
        learnt_from=int(about["split"]["train"]),
        rounding=_rounding(card, population),
    )


def _rounding(card: PointsCard, population: Population) -> Rounding | None:
    """Return what rounding costs on applications the card has not seen; None without both kinds."""
    frame, bad = population.frame, population.bad
    if bad.all() or not bad.any():
        return None
    points, exact = card.scores(frame), card.exact_scores(frame)
    return Rounding(
        applications=len(bad), auc=auc(_falling(points), bad), auc_exact=auc(_falling(exact), bad),
        agreement=rank_correlation(points.astype(np.float64), exact),
        furthest=float(np.abs(points - exact).max()),
    )  # fmt: skip


def _falling(scores: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return numbers in [0, 1] that rank as scores do, the other way round."""
    _, place = np.unique(scores, return_inverse=True)
    ranked: NDArray[np.float64] = 1.0 - place / max(int(place.max()), 1)
    return ranked
