"""The fast evaluator and its slow twin agree to the last bit, whatever the log looks like."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.features import Feature
from tests.features.wishes import every_aggregate, wishes
from tests.features.worlds import World, dense_world, fast, slow, worlds

EVERY = every_aggregate()


@given(worlds(), wishes())
@settings(max_examples=100)
def test_random_features_of_random_worlds_equal_the_twin(
    world: World, features: list[Feature]
) -> None:
    """Whatever is declared over whatever log, kernel and plain Python give the same bits."""
    assert fast(world, features) == slow(world, features)


@pytest.mark.parametrize("seed", range(12))
def test_every_op_over_every_column_equals_the_twin(seed: int) -> None:
    """Each op, with and without a condition, in three windows, gives the twin's bits."""
    told = fast(dense_world(seed), EVERY)
    assert told == slow(dense_world(seed), EVERY)
    assert told == fast(dense_world(seed), EVERY, seed=seed + 1)
    known = [each for answer in told for each in answer.values() if each is not None]
    assert len(known) > len(told) * len(EVERY) / 2, "a world of nulls proves nothing"


@given(st.integers(0, 2**32), wishes())
@settings(max_examples=60)
def test_random_features_of_dense_worlds_equal_the_twin(seed: int, features: list[Feature]) -> None:
    """The same where customers have many rows and most values are known."""
    assert fast(dense_world(seed), features) == slow(dense_world(seed), features, seed=1)


@given(worlds(most=12), wishes(), st.integers(1, 99))
@settings(max_examples=50)
def test_numbering_of_labels_and_order_of_rows_change_nothing(
    world: World, features: list[Feature], seed: int
) -> None:
    """Two feeders which number labels and order rows each their own way get the same values."""
    assert fast(world, features) == fast(world, features, seed=seed)


@given(worlds(entities=5, applications=6), wishes())
@settings(max_examples=40)
def test_many_customers_at_once_equal_each_alone(world: World, features: list[Feature]) -> None:
    """The row of a file and the request of one customer give the same bits."""
    together = fast(world, features)
    for asked, answer in zip(world.applications, together, strict=True):
        e = asked.entity
        alone = replace(
            world, applications=(replace(asked, entity=0),), log=(world.log[e],),
            facts=(world.facts[e],), steps=(world.steps[e],),
        )  # fmt: skip
        assert fast(alone, features) == [answer]


@given(worlds(entities=4, applications=40), wishes())
@settings(max_examples=25)
def test_two_threads_equal_one(world: World, features: list[Feature]) -> None:
    """How many threads share the work changes nothing."""
    assert fast(world, features, threads=2) == fast(world, features)


@pytest.mark.long
@given(worlds(entities=4, most=14, applications=6), wishes(most=16))
@settings(max_examples=15_000)
def test_random_features_of_many_random_worlds_equal_the_twin(
    world: World, features: list[Feature]
) -> None:
    """A hundred times the search of the short law, in larger worlds."""
    assert fast(world, features) == slow(world, features, seed=1)


@pytest.mark.long
@given(st.integers(0, 2**32), wishes(most=16))
@settings(max_examples=6_000)
def test_random_features_of_many_dense_worlds_equal_the_twin(
    seed: int, features: list[Feature]
) -> None:
    """A hundred times the search of the short law, in worlds with many rows."""
    given_world = dense_world(seed, rows=60)
    assert fast(given_world, features) == slow(given_world, features, seed=1)
