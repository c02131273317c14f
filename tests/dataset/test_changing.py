"""What an applicant could change: which features may be marked so, and the values to try."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent import (
    Applications,
    Attributes,
    Events,
    Product,
    behaviour,
    category,
    count,
    date,
    equals,
    flag,
    integer,
    money,
    ratio,
    total,
)
from solvent.dataset.changing import (
    MOST_POINTS,
    PLAUSIBLE,
    changeable_facts,
    changeable_features,
    grid,
)
from solvent.domain import Way
from solvent.errors import DeclarationError
from solvent.features import FeatureFrame, NumberColumn

FORMS = Applications(
    name="forms", files="forms.csv", id="id_", key="who", as_of="asked", zone="UTC",
    columns={
        "amount": money(), "income": money(), "years": integer(title="age of the person"),
        "sex": category(), "wealth": money(), "born": date(), "owner": flag(), "job": category(),
    },
)  # fmt: skip
VISITS = Events(
    name="visits", files="v.csv", key="who", at="at", zone="UTC",
    columns={"spent": money()},
)  # fmt: skip
PEOPLE = Attributes(
    name="people", files="p.csv", key="who", valid_from="since", zone="UTC",
    columns={"points": integer()},
)  # fmt: skip


def product(**changeable: str) -> Product:
    spent = total(VISITS, VISITS["spent"])
    return Product(
        name="shop", applications=FORMS, sources=(VISITS, PEOPLE),
        features=[
            behaviour(FORMS, only=("amount", "income", "years", "born", "owner", "job")),
            count(VISITS), spent,
            ratio(spent, count(VISITS)).called("mean_spent"), behaviour(PEOPLE),
        ],
        bad=equals("defaulted", 1, matured="given"), protected=("sex", "wealth"),
        changeable=changeable,
    )  # fmt: skip


def test_numbers_of_the_application_and_of_sources_may_be_marked() -> None:
    made = product(amount="lower", income="higher", people_points="higher", visits_count="higher")
    found = changeable_features(made.changeable, (*made.plan.features, *made.plan.extras))
    assert {name: way for name, (_, way) in found.items()} == {
        "amount": Way.LOWER, "income": Way.HIGHER, "people_points": Way.HIGHER,
        "visits_count": Way.HIGHER,
    }  # fmt: skip


def test_the_first_pattern_that_matches_counts_and_what_has_no_value_of_its_own_is_passed_over(
) -> None:  # fmt: skip
    made = product(**{"visits_count": "lower", "*spent*": "higher", "visits_*": "higher"})
    found = changeable_features(made.changeable, made.plan.features)
    assert found["visits_count"][1] is Way.LOWER
    assert "mean_spent" not in found


@pytest.mark.parametrize(
    ("pattern", "way", "words"),
    [
        ("amount", "less", "'less' is no way to change"),
        ("amout", "lower", "matches no feature"),
        ("sex", "higher", "sex is protected"),
        ("wealth", "higher", "wealth is protected"),
        ("born", "lower", "born tells of what nobody can change"),
        ("years", "higher", "years tells of what nobody can change"),
        ("job", "higher", "job is a category"),
        ("owner", "higher", "owner is no number"),
        ("mean_spent", "lower", "mean_spent is computed from others"),
        ("*", "lower", "is protected"),
    ],
)
def test_what_nobody_can_change_is_refused_by_name(pattern: str, way: str, words: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        product(**{pattern: way})
    assert refused.value.field == f"changeable.{pattern}"
    assert words in refused.value.message
    assert refused.value.hint


def test_a_slip_is_answered_with_what_was_meant() -> None:
    with pytest.raises(DeclarationError) as refused:
        product(amout="lower")
    assert "'amount'" in refused.value.hint


@given(
    st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), max_size=300),
    st.sampled_from([None, 0, 2]),
)
def test_a_grid_is_plausible_increasing_short_and_written_as_the_data(
    values: list[float], decimals: int | None
) -> None:
    array = np.array(values, np.float64)
    array = array if decimals is None else np.round(array, decimals)
    found, known = grid(array), array[np.isfinite(array)]
    assert (found == []) == (len(known) == 0)
    assert len(found) <= MOST_POINTS
    assert all(a < b for a, b in pairwise(found))
    if len(known):
        low, high = np.quantile(known, PLAUSIBLE, method="nearest")
        assert all(low <= one <= high for one in found)
    if decimals is not None:
        assert all(one == pytest.approx(round(one, decimals), rel=1e-9) for one in found)


def test_what_is_kept_is_of_numbers_that_are_known() -> None:
    made = product(amount="lower", income="higher")
    frame = FeatureFrame(
        rows=3,
        columns=(
            NumberColumn(name="amount", values=np.array([5.0, 10.0, 20.0])),
            NumberColumn(name="income", values=np.full(3, np.nan)),
        ),
    )  # fmt: skip
    found = changeable_facts(made.changeable, made.plan.features, frame)
    assert found == {"amount": {"way": "lower", "grid": [5.0, 10.0, 20.0]}}
