"""The models of a chain, judged: each on those it scores, and each alone on everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvent.app._differences import difference_of
from solvent.dataset import Dataset
from solvent.dataset.gate import scored_frame
from solvent.errors import MetricError
from solvent.metrics import AucInterval, Validation, auc_interval, validate
from solvent.models import TrainedModel
from solvent.models.chain import chain_of
from solvent.models.scorers.chain import known_to
from solvent.product import Product
from solvent.report import LinkLine

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


def link_lines(
    dataset: Dataset, product: Product, model: TrainedModel, pd_test: FloatArray, cutoff: float
) -> tuple[LinkLine, ...]:
    """Return the figures of each link of a chain; none where there is one model.

    Args:
        dataset: What it was trained and is tested on.
        product: The declaration.
        model: The model.
        pd_test: PD of each test application.
        cutoff: The stated cutoff.
    """
    chain = chain_of(model)
    if chain is None:
        return ()
    sides = scored_frame(dataset.open_data.plan, dataset.frame)
    test, bad = sides.take(dataset.split.test), dataset.bad[dataset.split.test]
    customer = dataset.customer[dataset.split.test]
    learning, place = sides.take(dataset.split.train), chain.places(test)
    last = chain.links[-1].trained.pd(test)
    titles = {source.name: source.words for source in product.sources}
    needs = {link.name: tuple(titles[name] for name in link.needs) for link in product.chain}
    found = []
    for number, link in enumerate(chain.links):
        rows, alone = place == number, link.trained.pd(test)
        is_last = number == len(chain.links) - 1
        found.append(
            LinkLine(
                name=link.name, words=link.words, needs=needs[link.name],
                technique=link.trained.technique, features=len(link.trained.features),
                learnt=int(known_to(learning, link.asks).sum()), tested=int(rows.sum()),
                test=_validated(pd_test[rows], bad[rows], customer[rows], cutoff),
                over_last=None if is_last
                else difference_of(pd_test[rows], last[rows], bad[rows], customer[rows]),
                alone=_interval(alone, bad, customer),
                gain=difference_of(pd_test, alone, bad, customer),
                contest=link.trained.contest,
            )
        )  # fmt: skip
    return tuple(found)


def _validated(
    pd: FloatArray, bad: BoolArray, customer: IntArray, cutoff: float
) -> Validation | None:
    try:
        return validate(pd, bad, cutoff=cutoff, clusters=customer)
    except MetricError:  # too few customers of a kind
        return None


def _interval(pd: FloatArray, bad: BoolArray, customer: IntArray) -> AucInterval | None:
    try:
        return auc_interval(pd, bad, clusters=customer)
    except MetricError:  # too few customers of a kind
        return None


def links_aside(dataset: Dataset, product: Product) -> Iterator[dict[str, str]]:
    """Yield the links that could not learn, each with the absent source it needs."""
    absent = dataset.open_data.absent
    for link in product.chain:
        for name in link.needs:
            if name in absent:
                yield {"name": link.name, "words": link.whom, "source": name}
                break


def link_facts(lines: tuple[LinkLine, ...]) -> list[dict[str, Any]]:
    """Return what a bundle tells of the links: plain JSON."""
    return [
        {
            "name": line.name, "words": line.words, "needs": list(line.needs),
            "technique": line.technique, "features": line.features, "learnt": line.learnt,
            "tested": line.tested, "test": None if line.test is None else line.test.as_dict(),
            "contest": [one.document() for one in line.contest],
        }
        for line in lines
    ]  # fmt: skip
