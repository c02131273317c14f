"""Bands: the highest one a score reaches; below all of them no limit ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from solvent.policy import Band, band_of
from solvent.policy.bands import limit_of

FROMS = st.lists(st.integers(300, 310), max_size=4, unique=True)
SCORES = st.integers(295, 315)


def _bands(froms: list[int]) -> tuple[Band, ...]:
    return tuple(Band(name=f"b{start}", score_from=start, amount=float(start)) for start in froms)


@given(FROMS, SCORES)
def test_a_score_lies_in_the_band_found_by_going_down_from_it_point_by_point(
    froms: list[int], score: int
) -> None:
    found = band_of(_bands(froms), score)
    reached = next((point for point in range(score, 0, -1) if point in froms), None)
    assert (None if found is None else found.score_from) == reached


@given(FROMS, SCORES)
def test_a_riskier_score_is_never_lent_more_where_lower_bands_lend_less(
    froms: list[int], score: int
) -> None:
    bands = _bands(froms)
    safer, riskier = limit_of(bands, score), limit_of(bands, score - 1)
    assert (safer is None) == (riskier is None) == (not froms)
    if safer is not None and riskier is not None:
        assert riskier <= safer


def test_a_band_without_a_limit_sets_none() -> None:
    assert limit_of((Band(name="A", score_from=600),), 700) is None
    assert limit_of((Band(name="A", score_from=600),), 500) is None
