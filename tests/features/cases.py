"""Small cases by hand: write the rows, ask for a value, get it from the evaluator and the twin."""

from __future__ import annotations

from collections.abc import Sequence

from solvent.features import CategoryColumn, Feature
from solvent.features.evaluate import evaluate
from solvent.features.program import compile_features
from solvent.features.twin import evaluate_slowly
from tests.features.worlds import (
    APPLICATIONS,
    FACTS,
    LOG,
    SOURCES,
    Asked,
    Cell,
    Row,
    World,
    answers,
    bits,
    encode,
)

T = 1_700_000_000_000_000
"""The instant of most applications here."""


def event(ago: int, *, read: int | None = None, id: int | str | None = None, **cells: Cell) -> Row:  # noqa: A002  # as EntityRows spells it
    """A row of the log `ago` microseconds before T, readable `read` before T (default: at once)."""
    blank: dict[str, Cell] = dict.fromkeys(LOG.columns)
    return Row(time=T - ago, available=T - (ago if read is None else read), id=id,
               cells=blank | cells)  # fmt: skip


def fact(ago: int, *, read: int | None = None, **cells: Cell) -> Row:
    """A row of the facts, valid from `ago` microseconds before T."""
    blank: dict[str, Cell] = dict.fromkeys(FACTS.columns)
    return Row(time=T - ago, available=T - (ago if read is None else read), cells=blank | cells)


def world(
    log: Sequence[Row] = (), facts: Sequence[Row] = (), *, ids: bool = True, **cells: Cell
) -> World:
    """One customer, who applies at T."""
    blank: dict[str, Cell] = dict.fromkeys(APPLICATIONS.columns)
    return World(
        applications=(Asked(entity=0, as_of=T, cells=blank | cells),),
        log=(tuple(log),),
        facts=(tuple(facts),),
        has_ids=ids,
    )


def values(given: World, *features: Feature) -> list[dict[str, float | str | None]]:
    """The values for each application, by name; the evaluator and the twin must agree on them."""
    program = compile_features(APPLICATIONS, SOURCES, features)
    frame = evaluate(program, *encode(given))
    slowly = evaluate_slowly(APPLICATIONS, SOURCES, features, *encode(given, seed=3))
    assert answers(frame) == [{k: bits(v) for k, v in each.items()} for each in slowly]
    labelled = {column.name for column in frame if isinstance(column, CategoryColumn)}
    assert labelled == {feature.name for feature in features if feature.is_category}
    return slowly


def value(given: World, feature: Feature) -> float | str | None:
    """The value of one feature for the first application."""
    return values(given, feature)[0][feature.name]
