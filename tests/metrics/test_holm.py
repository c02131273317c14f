"""Holm's adjustment against its definition, worked step by step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import RangeError, ShapeError
from solvent.metrics import holm

P_VALUES = st.lists(st.floats(0.0, 1.0), max_size=12)


def rejected(p_values: list[float], level: float) -> list[bool]:
    """Step down: the least p-value against level / k, the next against level / (k - 1), ..."""
    found = [False] * len(p_values)
    for step, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[place] * (len(p_values) - step) > level:
            break
        found[place] = True
    return found


@given(P_VALUES, st.floats(0.001, 0.999))
def test_an_adjusted_p_value_is_the_level_at_which_stepping_down_rejects(
    p_values: list[float], level: float
) -> None:
    assert (holm(p_values) <= level).tolist() == rejected(p_values, level)


@given(P_VALUES)
def test_the_order_of_the_questions_does_not_matter(p_values: list[float]) -> None:
    order = np.random.default_rng(len(p_values)).permutation(len(p_values))
    given_in_order = holm(np.array(p_values)[order] if p_values else p_values)
    assert given_in_order.tolist() == holm(p_values)[order].tolist()


def test_one_question_needs_no_adjustment() -> None:
    assert holm([0.2]).tolist() == [0.2]


def test_what_is_no_p_value_is_refused() -> None:
    with pytest.raises(RangeError):
        holm([0.1, float("nan")])
    with pytest.raises(ShapeError):
        holm([[0.1]])
