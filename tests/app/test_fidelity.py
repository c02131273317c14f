"""Reasons against the model itself: set to the reference group's, the first never raises the PD."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from solvent.app.fidelity import MOST_MEMBERS, holding_first, log_odds_at_reference
from solvent.app.live_product import LiveProduct, go_live
from solvent.app.reason_checks import check_reasons
from solvent.domain import Effect, Reason, Source
from solvent.features import FeatureFrame, NumberColumn
from solvent.policy import ReferenceGroup
from solvent.scoring import effects, principal
from tests.serve.lender import Lender, open_lender

PRODUCTS = ("shop", "trees")


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    opened = open_lender(tmp_path_factory.mktemp("faithful"))
    yield opened
    opened.service.close()


def _explained(live: LiveProduct) -> FeatureFrame:
    return live.population.frame.take(live.population.explained)


def _row(frame: FeatureFrame, place: int) -> FeatureFrame:
    return frame.take(np.array([place]))


@pytest.mark.parametrize("product", PRODUCTS)
def test_features_are_set_to_one_member_after_another(lender: Lender, product: str) -> None:
    """The mean log-odds, member by member, each feature moved by hand."""
    live = lender.service.product(product)
    reference, frame = live.references[0], _explained(live)
    names = {"income", "amount"}
    some = frame.take(np.arange(5))
    found = log_odds_at_reference(live, some, reference, names)
    members = reference.members
    if len(members) > MOST_MEMBERS:
        spaced = np.linspace(0, len(members) - 1, MOST_MEMBERS).astype(int)
        members = members[np.unique(spaced)]
    for row in range(5):
        odds = []
        for member in members:
            columns = [
                NumberColumn(name=c.name, values=frame[c.name].values[[member]])
                if c.name in names and isinstance(c, NumberColumn) else c
                for c in _row(some, row)
            ]  # fmt: skip
            odds.append(float(live.model.margin(FeatureFrame(rows=1, columns=tuple(columns)))[0]))
        assert found[row] == pytest.approx(np.mean(odds), abs=1e-9)


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_check_counts_what_deciding_one_by_one_says(lender: Lender, product: str) -> None:
    live = lender.service.product(product)
    (check,), (reference,) = check_reasons(live), live.references
    frame, texts = _explained(live), live.facts["reasons"]
    pd = live.population.pd[live.population.explained]
    rows = np.flatnonzero(pd >= live.policy.cutoffs.refer_below)
    assert check.agreement.n == len(rows) > 10
    strongest = faithful = told = same = 0
    for row in rows.tolist():
        own = live.population.contributions[row]
        weighed = effects(own, reference.mean, reference.features, texts)
        second = principal(effects(own, reference.second_mean, reference.features, texts))
        reasons = principal(weighed)
        same += [one.text for one in reasons[:1]] == [one.text for one in second[:1]]
        if not reasons:
            continue
        one, told = _row(frame, row), told + 1
        first = holding_first(live, one, reference, weighed, reasons)
        assert sorted(first, key=repr) == sorted(reasons, key=repr)
        members = {effect.text: effect.features for effect in weighed}
        own_odds = float(live.model.margin(one)[0])
        after = float(log_odds_at_reference(live, one, reference, members[first[0].text])[0])
        faithful += after <= own_odds + 1e-9
        strongest += first == reasons and after <= own_odds + 1e-9
    assert (check.told, check.strongest, check.faithful) == (told, strongest, faithful)
    assert check.agreement.top == same
    assert check.fidelity == faithful / told >= 0.999


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crossed:
    """A model in which only the exchange of two features matters."""

    features: tuple[str, ...] = ("income", "ratio")

    def margin(self, frame: FeatureFrame) -> np.ndarray:
        income, ratio = (frame[name] for name in self.features)
        assert isinstance(income, NumberColumn)
        assert isinstance(ratio, NumberColumn)
        return 2.0 * (income.values > 0.0) - 1.0 * (ratio.values > 0.0)


def test_a_reason_that_does_not_hold_is_told_after_the_first_that_does(lender: Lender) -> None:
    live = lender.service.product("shop")
    reference = live.references[0]
    frame = live.population.frame
    low = {
        name: NumberColumn(name=name, values=np.full(frame.rows, -1.0))
        for name in ("income", "ratio")
    }
    population = replace(
        live.population,
        frame=FeatureFrame(rows=frame.rows, columns=tuple(low.get(c.name, c) for c in frame)),
    )
    crossed = replace(
        live, population=population, registered=replace(live.registered, model=_Crossed())
    )  # type: ignore[arg-type]  # a model of a test's own
    one = FeatureFrame(
        rows=1,
        columns=tuple(
            NumberColumn(name=name, values=np.array([1.0])) for name in ("income", "ratio")
        ),
    )
    weighed = tuple(
        Effect(text=text, effect=effect, features=(name,))
        for text, effect, name in (("Debts", 0.9, "ratio"), ("Income", 0.5, "income"))
    )
    reasons = tuple(Reason(text=e.text, source=Source.MODEL, effect=e.effect) for e in weighed)
    found = holding_first(crossed, one, reference, weighed, reasons)
    assert [reason.text for reason in found] == ["Income", "Debts"]
    assert holding_first(crossed, one, reference, weighed, reasons[:1]) == reasons[:1]
    assert holding_first(crossed, one, reference, weighed, ()) == ()


@pytest.mark.parametrize("product", PRODUCTS)
def test_both_groups_are_there_whichever_the_policy_names(lender: Lender, product: str) -> None:
    """What is first for one policy is second for the other, to the last bit."""
    live = lender.service.product(product)
    other = replace(live.policy, compare_with=ReferenceGroup.ALL)
    again = go_live(live.registered, replace(live.versioned, policy=other), live.population)
    (one,), (two,) = live.references, again.references
    assert (one.mean == two.second_mean).all()
    assert (one.second_mean == two.mean).all()
    assert (one.words, one.second_words) == (two.second_words, two.words)
    assert not (one.mean == one.second_mean).all()
    assert one.second_words.startswith("all ")
    assert one.words.startswith("applicants who only just qualified")
