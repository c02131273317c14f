"""A source knows a customer by a row that is there: whatever stands in its cells."""

from __future__ import annotations

import pytest

from solvent.features import from_json, to_json
from solvent.features.presence import presence
from solvent.features.tables import Attributes, Events
from tests.features.cases import event, fact, value, world
from tests.features.worlds import FACTS, LOG

KNOWN = [
    pytest.param(LOG, {"log": [event(5, id=1)]}, id="an event without a cell"),
    pytest.param(LOG, {"log": [event(10**12, id=1)]}, id="an event long ago"),
    pytest.param(FACTS, {"facts": [fact(5)]}, id="a fact without a cell"),
    pytest.param(FACTS, {"facts": [fact(0)]}, id="a fact valid from this very instant"),
]
UNKNOWN = [
    pytest.param(LOG, {}, id="no event"),
    pytest.param(LOG, {"log": [event(0, id=1)]}, id="an event at this very instant"),
    pytest.param(LOG, {"log": [event(5, read=-1, id=1)]}, id="an event read later"),
    pytest.param(LOG, {"facts": [fact(5)]}, id="a row of another source"),
    pytest.param(FACTS, {}, id="no fact"),
    pytest.param(FACTS, {"facts": [fact(-1)]}, id="a fact valid later"),
    pytest.param(FACTS, {"facts": [fact(5, read=-1)]}, id="a fact read later"),
]


@pytest.mark.parametrize(("source", "rows"), KNOWN)
def test_a_row_as_of_the_application_is_known(source: Events | Attributes, rows: dict) -> None:
    assert value(world(**rows), presence(source)) == 1.0


@pytest.mark.parametrize(("source", "rows"), UNKNOWN)
def test_what_cannot_be_known_yet_is_not(source: Events | Attributes, rows: dict) -> None:
    assert value(world(**rows), presence(source)) is None


@pytest.mark.parametrize("source", [LOG, FACTS])
def test_it_is_kept_in_a_bundle_as_it_was_declared(source: Events | Attributes) -> None:
    assert repr(from_json(to_json(presence(source)))) == repr(presence(source))
