from __future__ import annotations

import numpy as np
import pytest

from solvent.errors import RangeError, ShapeError
from solvent.metrics.clusters import number_clusters


def test_customers_are_numbered_in_the_order_in_which_they_come() -> None:
    assert number_clusters([7, 3, 7, 9, 3], 5).tolist() == [0, 1, 0, 2, 1]
    assert number_clusters(np.array(["z", "a", "m"]), 3).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "labels", [[1.0, float("nan")], [None, "a"], [True, False], np.array([b"a", b"b"])]
)
def test_labels_among_which_one_could_be_missing_are_refused(labels: object) -> None:
    with pytest.raises(RangeError) as raised:
        number_clusters(np.asarray(labels), 2)
    assert raised.value.field == "clusters"
    assert raised.value.hint


def test_labels_are_one_per_account() -> None:
    with pytest.raises(ShapeError, match="has 2 values where there are 3"):
        number_clusters([1, 2], 3)
