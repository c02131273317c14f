"""Saved bins that are damaged are refused by the part that is."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.binning import BinRules, Outcomes, bin_levels, bin_numbers, binning_from_json
from solvent.errors import BundleError

_RNG = np.random.default_rng(1)
_BAD = _RNG.random(3000) < 0.3
NUMBERS = bin_numbers(_RNG.random(3000) + _BAD, Outcomes(bad=_BAD), BinRules()).binning.to_json()
LEVELS = bin_levels(
    (_RNG.integers(0, 4, 3000) + _BAD).astype(np.int32),
    list("abcde"),
    Outcomes(bad=_BAD),
    BinRules(),
).binning.to_json()


@pytest.mark.parametrize("document", [None, [], "bins", {}, {"kind": "numbers"}])
def test_what_is_no_binning_is_refused(document: object) -> None:
    """Anything but an object with all parts."""
    with pytest.raises(BundleError, match="damaged"):
        binning_from_json(document)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("kind", "words"), ("trend", "auto"), ("trend", 3), ("edges", [2.0, 1.0]),
        ("edges", ["a"]), ("edges", None), ("edges", [float("nan")]), ("special", [None]),
        ("whole", 1), ("whole", None),
        ("joins", [0]), ("joins", [0.5]), ("joins", [-1, 0, 1]), ("rows", []), ("rows", [True]),
        ("goods", [1.0]), ("goods", [-1.0] * 20), ("neutral", [99]), ("neutral", "0"),
    ],
)  # fmt: skip
def test_a_damaged_part_is_refused(part: str, value: object) -> None:
    """Each part is checked, and against the others."""
    with pytest.raises(BundleError, match="damaged"):
        binning_from_json({**NUMBERS, part: value})


@pytest.mark.parametrize("groups", [None, [["a"], ["a"]], [[1]], ["ab"], [["a"]]])
def test_damaged_groups_are_refused(groups: object) -> None:
    """Labels are texts, each in one group, as many groups as there were."""
    with pytest.raises(BundleError, match="damaged"):
        binning_from_json({**LEVELS, "groups": groups})


def test_every_part_is_needed() -> None:
    """A document with any part left out is refused; the whole one is read."""
    for whole in (NUMBERS, LEVELS):
        assert binning_from_json(whole).to_json() == whole
        for part in whole:
            with pytest.raises(BundleError, match="damaged"):
                binning_from_json({key: value for key, value in whole.items() if key != part})
