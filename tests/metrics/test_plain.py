from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from solvent.errors import MetricError
from solvent.metrics.plain import (
    read_number,
    read_number_or_none,
    read_table,
    read_text,
    read_whole,
)

Reader = Callable[[Mapping[str, object], str], object]


@pytest.mark.parametrize(
    "read", [read_number, read_number_or_none, read_table, read_text, read_whole]
)
def test_what_is_missing_is_named(read: Reader) -> None:
    with pytest.raises(MetricError, match="missing") as raised:
        read({"other": 1}, "auc")
    assert raised.value.field == "auc"


@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        (read_number, "0.5"),
        (read_number, True),
        (read_number, None),
        (read_number_or_none, "0.5"),
        (read_whole, 1.5),
        (read_whole, True),
        (read_text, 1),
        (read_table, [1]),
    ],
)
def test_what_is_of_another_type_is_refused(read: Reader, wrong: object) -> None:
    with pytest.raises(MetricError, match="must be") as raised:
        read({"auc": wrong}, "auc")
    assert raised.value.field == "auc"
