"""Maturity: nothing young is called good or bad, and every loan is in one part."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from solvent.monitor import Told, settle

WORDS = ("nothing", "bad", "good", "repaid")
LOANS = st.lists(
    st.tuples(st.sampled_from(WORDS), st.integers(0, 50), st.integers(0, 40)), max_size=20
)


def told(loans: list[tuple[str, int, int]]) -> Told:
    words = np.array([word for word, _, _ in loans], dtype=np.str_)
    as_of = np.array([start for _, start, _ in loans], dtype=np.int64)
    after = np.array([later for _, _, later in loans], dtype=np.int64)
    return Told(
        as_of=as_of, observed_at=as_of + after, bad=words == "bad", good=words == "good",
        repaid=words == "repaid",
    )  # fmt: skip


def _twin(word: str, start: int, later: int, window: int, at: int) -> str:
    if start + window > at:
        return "immature"
    if word in {"bad", "repaid"} or (word == "good" and later >= window):
        return "known"
    return "untold"


@given(LOANS, st.integers(0, 30), st.integers(0, 100))
def test_each_loan_is_in_the_part_a_plain_reading_gives(
    loans: list[tuple[str, int, int]], window: int, at: int
) -> None:
    found = settle(told(loans), window=window, at=at)
    for place, (word, start, later) in enumerate(loans):
        parts = {name for name in ("known", "immature", "untold") if getattr(found, name)[place]}
        assert parts == {_twin(word, start, later, window, at)}


def test_an_early_good_waits_and_an_early_bad_waits_as_well() -> None:
    """Ten days into a window of thirty, with everything told, nothing is known."""
    loans = [("good", 0, 10), ("bad", 0, 10), ("repaid", 0, 10)]
    assert not settle(told(loans), window=30, at=29).known.any()
    assert settle(told(loans), window=30, at=30).known.tolist() == [False, True, True]


def test_a_window_ends_with_its_last_instant() -> None:
    """Good at the very end of the window is good; the instant before is not yet."""
    seen = settle(told([("good", 0, 30), ("good", 0, 29)]), window=30, at=60)
    assert seen.known.tolist() == [True, False]
    assert seen.untold.tolist() == [False, True]
