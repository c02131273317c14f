"""A registered card, to be printed or carried elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solvent.errors import DeclarationError
from solvent.features import FeatureFrame
from solvent.metrics import auc
from solvent.models import Population, TrainedModel, points_card
from solvent.models.chain import chain_of
from solvent.models.points import PointsCard
from solvent.models.technique import BoolArray, rank_correlation
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
        link: Of a chain of models the one whose card is asked for; empty where there is one model.
    """

    loaded: LoadedProduct
    home: Path
    version: int | None = None
    link: str = ""


def card_of(request: CardRequest) -> CardRecord:
    """Return a registered card with everything its page says.

    Raises:
        BundleError: No such model is registered, or it is no card.
        DeclarationError: It is a chain and the link is none of its own, or no chain.
    """
    registry, product = ModelRegistry(request.home), request.loaded.product
    registered = registry.load(product.name, request.version)
    population = registry.population(product.name, registered.version, "test")
    return _record(registered, _asked(registered, request.link, population))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """The model whose card is asked for.

    Args:
        trained: The model.
        words: Whom it is for; empty where it is for everybody.
        auc: On the test applications that it scores; None where it cannot be told.
        learnt_from: Training applications.
        frame, bad: Test applications that it scores.
    """

    trained: TrainedModel
    words: str
    auc: float | None
    learnt_from: int
    frame: FeatureFrame
    bad: BoolArray


def _asked(registered: RegisteredModel, link: str, population: Population) -> _Asked:
    about, chain = registered.about, chain_of(registered.model)
    if chain is None:
        if link:
            raise DeclarationError(
                "is asked for, but the model is no chain of models", hint="leave it out",
                field="link",
            )  # fmt: skip
        return _Asked(
            trained=registered.model, words="", frame=population.frame, bad=population.bad,
            auc=float(about["metrics"]["test"]["auc"]["auc"]),
            learnt_from=int(about["split"]["train"]),
        )  # fmt: skip
    names = [one.name for one in chain.links]
    if link not in names:
        wrong = f"{link!r} is none of its models" if link else "the model is a chain of several"
        raise DeclarationError(
            wrong, hint=f"choose one: {', '.join(f'--link {name}' for name in names)}",
            field="link",
        )  # fmt: skip
    place = names.index(link)
    chosen, told = chain.links[place], {one["name"]: one for one in about["links"]}[link]
    rows = np.flatnonzero(chain.places(population.frame) == place)
    test = told["test"]
    return _Asked(
        trained=chosen.trained, words=chosen.words, frame=population.frame.take(rows),
        bad=population.bad[rows], learnt_from=int(told["learnt"]),
        auc=None if test is None else float(test["auc"]["auc"]),
    )  # fmt: skip


def _record(registered: RegisteredModel, asked: _Asked) -> CardRecord:
    about, card = registered.about, points_card(asked.trained)
    told = {line["name"]: line for line in about["features"]}
    title = str(about["title"] or registered.product.replace("_", " "))
    return CardRecord(
        product=registered.product,
        title=f"{title}: {asked.words}" if asked.words else title,
        version=registered.version,
        created_at=str(about["created_at"]),
        bad_words=str(about["bad"].get("words", "")),
        card=card,
        titles={name: str(line["title"]) for name, line in told.items()},
        units={name: str(line.get("unit", "")) for name, line in told.items()},
        auc=asked.auc,
        learnt_from=asked.learnt_from,
        rounding=_rounding(card, asked.frame, asked.bad),
    )


def _rounding(card: PointsCard, frame: FeatureFrame, bad: BoolArray) -> Rounding | None:
    """Return what rounding costs on applications the card has not seen; None without both kinds."""
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
