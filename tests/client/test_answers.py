"""Reading answers: what is missing or of another type is refused, what is new is left out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from solvent.client.answers import read
from solvent.domain import Verdict
from solvent.errors import UnreadableAnswerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    count: int
    verdict: Verdict | None
    inner: tuple[Inner, ...]
    pairs: tuple[tuple[str, str], ...]
    value: float | str | bool | None
    origin: str = field(metadata={"json": "from"})
    later: int = 7


GOOD = {
    "name": "a", "count": 3, "verdict": "refer", "inner": [{"share": 1}, {"share": 0.5}],
    "pairs": [["a", "b"]], "value": None, "from": "now",
}  # fmt: skip


def test_an_answer_is_read_whole() -> None:
    """Nested values, words of an enumeration, whole numbers as floats, renamed fields."""
    found = read(Outer, GOOD | {"of a newer server": 1})
    assert found.verdict is Verdict.REFER
    assert found.inner == (Inner(share=1.0), Inner(share=0.5))
    assert isinstance(found.inner[0].share, float)
    assert (found.origin, found.later, found.pairs) == ("now", 7, (("a", "b"),))


@pytest.mark.parametrize("value", [True, "text", 1.5, 2, None])
def test_a_value_may_be_of_several_types(value: object) -> None:
    """A union keeps what came."""
    assert read(Outer, GOOD | {"value": value}).value == value


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"name": None}, "Outer.name"),
        ({"count": True}, "Outer.count"),
        ({"count": 1.5}, "Outer.count"),
        ({"verdict": "perhaps"}, "Outer.verdict"),
        ({"inner": {}}, "Outer.inner"),
        ({"inner": [{"share": "much"}]}, "Outer.inner[0].share"),
        ({"inner": [7]}, "Outer.inner[0]"),
        ({"pairs": [["a"]]}, "Outer.pairs[0]"),
        ({"value": []}, "Outer.value"),
    ],
)
def test_another_type_is_refused_by_name(change: dict[str, object], where: str) -> None:
    """The error names the field and says nothing of its value."""
    with pytest.raises(UnreadableAnswerError) as told:
        read(Outer, GOOD | change)
    assert told.value.field == where
    assert "much" not in told.value.message


def test_a_missing_field_is_refused_by_name() -> None:
    """Nothing half-read reaches a page."""
    with pytest.raises(UnreadableAnswerError) as told:
        read(Outer, {name: value for name, value in GOOD.items() if name != "from"})
    assert told.value.field == "Outer.from"
