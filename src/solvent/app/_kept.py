"""What training keeps beside a model so that it can go live: words, questions, people to compare.

The API and its workers run no code of a product: all they know of it is written down here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvent.dataset import Dataset, OpenData
from solvent.dataset.changing import changeable_facts
from solvent.dataset.gate import scored_frame
from solvent.dataset.narrowing import tables_read
from solvent.domain import Question
from solvent.features import (
    Aggregate,
    Feature,
    FeatureFrame,
    Kind,
    Own,
    Table,
    to_json,
)
from solvent.features.describe import capital, plural
from solvent.features.words import row_words
from solvent.models import Population, Selected, TrainedModel
from solvent.models.chain import places_of
from solvent.models.technique import sample_rows
from solvent.product import Product
from solvent.scoring import FEWEST, text_of

MOST_COMPARED = 10_000
"""Test applications kept to compare others with."""
MOST_EXPLAINED = 2_000
"""Of those, how many with what each feature added."""
MOST_LEARNT = 20_000
"""Training applications kept to choose cutoffs on, with every feature: rules apply there too."""
MOST_CHOICES = 40
APPLICATION_THEME = "Application"
_KINDS = {
    Kind.MONEY: "money", Kind.INTEGER: "integer", Kind.NUMBER: "number", Kind.FLAG: "yes_no",
    Kind.CATEGORY: "choice", Kind.DATE: "date", Kind.INSTANT: "date",
}  # fmt: skip


def populations(
    dataset: Dataset, model: TrainedModel, pd_test: NDArray[np.float64]
) -> dict[str, Population]:
    """Return the applications a model keeps: of the test side, and of the training side.

    Args:
        dataset: The dataset it was trained on.
        model: The model.
        pd_test: PD of each test application.
    """
    plan = dataset.open_data.plan
    judged, learnt = np.flatnonzero(dataset.split.test), np.flatnonzero(dataset.split.train)
    features = scored_frame(plan, dataset.frame)
    links = places_of(model, features.take(judged))
    some = _of_each(links, MOST_COMPARED)
    explained = _of_each(links[some], MOST_EXPLAINED)
    told = model.contributions(features.take(judged[some[explained]]))
    few = sample_rows(len(learnt), MOST_LEARNT)
    return {
        "test": _population(
            dataset, _beside(features, dataset.extras), judged[some], pd_test[some],
            (explained, told),
        ),
        "train": _population(
            dataset, _beside(features, dataset.extras), learnt[few],
            model.out_of_fold[few], (np.empty(0, np.int64), np.empty((0, 0))),
        ),
    }  # fmt: skip


def _of_each(links: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return about `most` rows, evenly spaced among those of each link: some of each, if few."""
    found = []
    for link in np.unique(links):
        own = np.flatnonzero(links == link)
        share = max(round(most * len(own) / len(links)), FEWEST)
        found.append(own[sample_rows(len(own), share)])
    return np.sort(np.concatenate(found))


def _population(
    dataset: Dataset,
    frame: FeatureFrame,
    places: NDArray[np.int64],
    pd: NDArray[np.float64],
    told: tuple[NDArray[np.int64], NDArray[np.float64]],
) -> Population:
    return Population(
        frame=frame.take(places), pd=pd, bad=dataset.bad[places],
        as_of=dataset.applications.as_of[places], explained=told[0], contributions=told[1],
    )  # fmt: skip


def _beside(left: FeatureFrame, right: FeatureFrame) -> FeatureFrame:
    return FeatureFrame(rows=left.rows, columns=(*left.columns, *right.columns))


def live_facts(
    product: Product, dataset: Dataset, selected: Selected | None = None
) -> dict[str, Any]:
    """Return what going live needs besides the model: plain JSON.

    Args:
        product: The declaration.
        dataset: What it was trained on.
        selected: How its features were selected.
    """
    plan, data = dataset.open_data.plan, dataset.open_data
    dropped = (
        set() if selected is None else {c.name for c in selected.candidates} - {*selected.kept}
    )
    computed = {f.name for f in (*plan.features, *plan.extras)} | dropped
    features = (*plan.scored_features, *plan.extras)
    reasons = {feature.name: text_of(feature.name, product.reasons) for feature in features}
    return {
        "extras": to_json(plan.extras),
        "texts": {f.name: {"title": f.title, "unit": f.unit, "theme": _theme(f)} for f in features},
        "reasons": {name: text for name, text in reasons.items() if text is not None},
        "form": [
            _asked(question, product, dataset)
            for question in questions(product, plan.model_features)
        ],
        "public": bool(product.form),
        "changeable": changeable_facts(
            product.changeable,
            features,
            _beside(dataset.frame, dataset.extras).take(dataset.split.train),
        ),
        "letter": {**asdict(product.letter), "rights": list(product.letter.rights)},
        "absent": sorted({f.name for f in product.plan.features} - computed),
        "dropped": sorted(dropped - {f.name for f in plan.extras}),
        "unread": unread_sources(dataset) if selected is not None else [],
        "key_words": product.key_words,
        "whole_ids": whole_ids(data),
        "tables": {table.name: capital(plural(_words(table))) for table in product.sources},
    }


def unread_sources(dataset: Dataset) -> list[str]:
    """Return the declared sources that are there and no feature of the model reads."""
    return sorted(dataset.open_data.sources.keys() - tables_read(dataset.open_data.plan))


def whole_ids(data: OpenData) -> list[str]:
    """Return the sources whose event ids the files keep as whole numbers."""
    return sorted(name for name, table in data.sources.items() if "event_id" in table.whole_names)


def questions(product: Product, features: Sequence[Feature]) -> Iterator[Question]:
    """Yield the questions of the form: those declared, else one for each column a feature reads.

    Args:
        product: The declaration.
        features: Those of the model.
    """
    if product.form:
        yield from product.form
        return
    read = {
        column.name: column
        for feature in features
        if isinstance(feature, Own)
        for column in feature.value.columns()
    }
    for name, declared in product.applications.columns.items():
        if name in read:
            yield Question(
                column=name, text=capital(declared.title or name.replace("_", " ")), required=False
            )


def _asked(question: Question, product: Product, dataset: Dataset) -> dict[str, Any]:
    declared = product.applications.columns[question.column]
    choices: Mapping[str, str] = question.choices
    if not choices and declared.kind is Kind.CATEGORY:
        choices = {level: level for level in _levels(question.column, dataset)}
    return {
        "column": question.column, "text": question.text, "detail": question.detail,
        "kind": _KINDS[declared.kind], "unit": question.unit or declared.unit,
        "choices": [{"value": value, "words": words} for value, words in choices.items()],
        "at_least": question.at_least, "at_most": question.at_most,
        "required": question.required,
    }  # fmt: skip


def _levels(column: str, dataset: Dataset) -> list[str]:
    """Return the levels of a category seen in training, the most frequent first."""
    values = dataset.applications.columns[column]
    counts = np.bincount(values.array[values.array >= 0].astype(np.int64))
    order = np.argsort(-counts, kind="stable")[:MOST_CHOICES]
    return [values.levels[place] for place in order.tolist() if counts[place]]


def _theme(feature: Feature) -> str:
    """Return the heading a feature stands under: what its rows are called."""
    if feature.parts:
        return _theme(feature.parts[0])
    if isinstance(feature, Aggregate):
        return capital(plural(feature.rows))
    return APPLICATION_THEME


def _words(table: Table) -> str:
    return row_words(table.name, table.title)
