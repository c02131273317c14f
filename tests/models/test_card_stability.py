"""The bins of a card from month to month."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from solvent.errors import DataError
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn
from solvent.models.card_stability import card_stability, month_numbers, month_words
from solvent.models.scorers.card import CardModel
from tests.models.cards import book, trained_card
from tests.models.frames import number


def _model() -> CardModel:
    model = trained_card().model
    assert isinstance(model, CardModel)
    return model


def test_each_characteristic_is_counted_month_by_month() -> None:
    """New rows lie where the saved bins say, one by one; categories as well as numbers."""
    model, (frame, bad) = _model(), book(900, seed=6)
    months = np.arange(900) % 3 + 650
    found = card_stability(model, frame, bad, months)
    assert tuple(found) == model.features
    kinds = set()
    for one in model.characteristics:
        column, counted = frame[one.name], found[one.name]
        kinds.add(type(column))
        rows = np.zeros((3, one.binning.size), int)
        bads = np.zeros((3, one.binning.size), int)
        for at in range(900):
            if isinstance(column, NumberColumn):
                place = one.binning.place(column.values[at : at + 1])  # type: ignore[call-arg, arg-type]
            else:
                place = one.binning.place(column.codes[at : at + 1], column.levels)  # type: ignore[call-arg, arg-type]
            rows[months[at] - 650, place[0]] += 1
            bads[months[at] - 650, place[0]] += bad[at]
        assert counted.periods.tolist() == [650, 651, 652]
        assert counted.rows.tolist() == rows.tolist()
        assert counted.bads.tolist() == bads.tolist()
    assert kinds == {NumberColumn, CategoryColumn}


def test_a_month_of_other_people_stands_out() -> None:
    """Where incomes shrink to a third, PSI of income does and that of age does not."""
    model, (frame, bad) = _model(), book(6000, seed=7)
    months = np.arange(6000) // 2000
    income = frame["income"].values * np.where(months == 1, 0.33, 1.0)  # type: ignore[union-attr]
    moved = FeatureFrame(rows=6000, columns=(number("income", income), *frame.columns[1:]))
    found = card_stability(model, moved, bad, months)
    assert found["income"].psi[1] > 0.25
    assert found["income"].psi[[0, 2]].max() < 0.05
    assert found['the "age"'].psi.max() < 0.05


def test_a_feature_of_another_kind_is_refused_by_name() -> None:
    model, (frame, bad) = _model(), book(10)
    town = number("town", np.arange(10))
    wrong = FeatureFrame(rows=10, columns=(*frame.columns[:3], town))
    with pytest.raises(DataError, match="town: is of another kind"):
        card_stability(model, wrong, bad, np.zeros(10, int))


def test_months_are_those_of_the_calendar() -> None:
    """The last microsecond of a month is in it, the next is not; before 1970 too."""
    last = datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)
    instant = round((last - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1e6)
    found = month_numbers(np.array([instant, instant + 1, -1]))
    assert month_words(found) == ("2024-02", "2024-03", "1969-12")
