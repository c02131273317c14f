"""Two reference groups: many applicants are weighed as one is, to the last bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from solvent.scoring import agreement, effects, principal, weigh_many

FEATURES = ("a", "b", "c", "d", "e", "f")
TEXTS = {"a": "Zeal", "b": "Age", "c": "Income", "d": "Age", "e": "Debts", "f": "Home"}
NUMBERS = st.sampled_from([-1.0, -0.3, 0.0, 0.1, 0.2, 0.3, 1.0])
MANY = arrays(np.float64, (5, 7), elements=NUMBERS)
MEAN = arrays(np.float64, (7,), elements=NUMBERS)


@given(MANY, MEAN)
def test_many_are_weighed_as_one_is(told: np.ndarray, mean: np.ndarray) -> None:
    found = weigh_many(told, mean, FEATURES, TEXTS)
    for row, places in enumerate(found.principal()):
        one = effects(told[row], mean, FEATURES, TEXTS)
        assert {each.text: each.effect for each in one} == dict(
            zip(found.texts, found.effect[row].tolist(), strict=True)
        )
        assert [found.texts[place] for place in places] == [e.text for e in principal(one)]


@given(MANY, MEAN, MEAN)
def test_agreement_counts_first_reasons_and_sets_of_reasons(
    told: np.ndarray, first: np.ndarray, second: np.ndarray
) -> None:
    pairs = [
        tuple(
            [one.text for one in principal(effects(row, mean, FEATURES, TEXTS))]
            for mean in (first, second)
        )
        for row in told
    ]
    found = agreement(
        weigh_many(told, first, FEATURES, TEXTS), weigh_many(told, second, FEATURES, TEXTS)
    )
    assert found.n == len(told)
    assert found.top == sum(one[:1] == two[:1] for one, two in pairs)
    assert found.every == sum(sorted(one) == sorted(two) for one, two in pairs)


@given(MANY, MEAN)
def test_a_group_agrees_with_itself(told: np.ndarray, mean: np.ndarray) -> None:
    found = weigh_many(told, mean, FEATURES, TEXTS)
    same = agreement(found, found)
    assert (same.top, same.every) == (same.n, same.n)
