"""The scorecard: signs, choice, what is decided by hand, and the native form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from solvent.binning import BinRules
from solvent.errors import BundleError, DataError, DeclarationError
from solvent.features import FeatureFrame
from solvent.models import Card
from solvent.models.finding import load_scorer
from solvent.models.scorers.card import CardModel
from tests.models.cards import SPECIAL, book, train_card, trained_card
from tests.models.frames import labels, number


def _card(frame: FeatureFrame, bad: np.ndarray, card: Card | None = None, **told: Any) -> CardModel:
    model = train_card(frame, bad, card, **told).model
    assert isinstance(model, CardModel)
    return model


def _with_copies(rows: int = 4000) -> tuple[FeatureFrame, np.ndarray]:
    """Income thrice: as it is, with a little noise, and what of it age does not tell."""
    frame, bad = book(rows)
    rng = np.random.default_rng(9)
    income = frame.columns[0].values  # type: ignore[union-attr]
    noisy = number("noisy income", income * rng.lognormal(0.0, 0.02, rows))
    return FeatureFrame(rows=rows, columns=(*frame.columns, noisy)), bad


def test_every_characteristic_has_the_right_sign_and_is_significant() -> None:
    model = _card(*_with_copies(), Card(significance=0.05))
    assert set(model.features) >= {'the "age"', "debt now", "town"}
    for one in model.characteristics:
        assert one.coefficient < 0.0


def test_of_two_that_are_alike_one_is_on_the_card() -> None:
    model = _card(*_with_copies())
    assert len({"income", "noisy income"} & set(model.features)) == 1


def test_two_that_are_alike_and_kept_by_hand_keep_nobody_else_out() -> None:
    rng, rows = np.random.default_rng(0), 4000
    one, other, third = rng.normal(size=(3, rows))
    twin = one + 0.05 * rng.normal(size=rows)
    bad = rng.random(rows) < 1.0 / (1.0 + np.exp(2.0 - 0.5 * one - other - third))
    columns = {"one": one, "twin": twin, "other": other, "third": third}
    frame = FeatureFrame(rows=rows, columns=tuple(number(k, v) for k, v in columns.items()))
    model = _card(frame, bad, Card(keep=("one", "twin")))
    assert set(model.features) >= {"other", "third"}


def test_noise_is_seldom_on_a_card() -> None:
    frame, bad = book(4000)
    rng = np.random.default_rng(2)
    noise = [number(f"noise {place}", rng.normal(size=4000)) for place in range(30)]
    noisy = FeatureFrame(rows=4000, columns=(*frame.columns, *noise))
    model = _card(noisy, bad, Card(significance=0.01))
    assert len([name for name in model.features if name.startswith("noise")]) <= 2


def test_a_card_is_no_longer_than_it_may_be() -> None:
    frame, bad = book(4000)
    assert len(_card(frame, bad, Card(most=2)).features) == 2


def test_what_is_decided_by_hand_is_kept_whatever_the_rows() -> None:
    card = Card(
        drop=("town",), keep=("debt now",), edges={"income": (1000.0, 5000.0)},
        merge={'the "age"': ((30.0, 50.0),)}, special={"debt now": (SPECIAL,)},
        rules={"debt now": BinRules(max_bins=3)},
    )  # fmt: skip
    for seed in (1, 2):
        frame, bad = book(4000, seed)
        model = _card(frame, bad, card)
        told = {one.name: one.binning.bins for one in model.characteristics}
        assert "town" not in told
        assert told["income"].edges == (1000.0, 5000.0)  # type: ignore[union-attr]
        assert not [e for e in told['the "age"'].edges if 30.0 < e < 50.0]  # type: ignore[union-attr]
        assert told["debt now"].special == (SPECIAL,)
        assert told["debt now"].known <= 3


def test_groups_by_hand_are_the_bins_of_a_category() -> None:
    frame, bad = book(4000)
    groups = (("O'Hara", 'a "quoted" one'), ("été",))
    model = _card(frame, bad, Card(groups={"town": groups}))
    found = next(one for one in model.characteristics if one.name == "town")
    assert found.binning.bins.groups == groups  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("card", "field", "words"),
    [
        (Card(edges={"town": (1.0,)}), "card.edges", "town is a category"),
        (Card(groups={"income": (("a",),)}), "card.groups", "income is a number"),
        (Card(keep=("wealth",)), "card.keep", "matches no feature"),
        (Card(groups={"town": (("Ohara",),)}), "card.groups", "no application has 'Ohara'"),
        (Card(trends={"town": "ascending"}), "card.trends", "town is a category"),
        (Card(keep=("*",), most=2), "card.keep", "most allows 2"),
        (Card(keep=("constant",)), "card.keep", "tells nothing"),
    ],
)
def test_what_does_not_fit_the_features_is_refused(card: Card, field: str, words: str) -> None:
    frame, bad = book(1000)
    frame = FeatureFrame(rows=1000, columns=(*frame.columns, number("constant", np.ones(1000))))
    with pytest.raises(DeclarationError, match=words) as caught:
        train_card(frame, bad, card)
    assert caught.value.field == field


def test_declared_directions_hold_in_bins_and_in_what_they_add() -> None:
    frame, bad = book(4000)
    model = _card(frame, bad, directions={'the "age"': -1, "debt now": 1}, card=None)
    ways = {'the "age"': -1.0, "debt now": 1.0}
    for one in model.characteristics:
        if one.name in ways:
            known = one.log_odds[: one.binning.bins.known]
            assert (ways[one.name] * np.diff(known) >= 0.0).all()


def test_periods_are_taken_from_any_start() -> None:
    frame, bad = book(3000)
    months = np.arange(3000, dtype=np.int64) // 500
    early, late = (_card(frame, bad, periods=months + start) for start in (-700, 600))
    assert early.save() == late.save()


def test_one_row_and_many_say_the_same_to_the_last_bit() -> None:
    trained = trained_card()
    frame, _ = book(300, seed=3)
    alone = [float(trained.model.margin(frame.take(np.array([row])))[0]) for row in range(300)]
    assert alone == trained.model.margin(frame).tolist()


def test_a_card_read_back_is_the_card() -> None:
    model, (frame, _) = trained_card().model, book(300, seed=3)
    again = load_scorer("card", model.save(), "scorecard")
    assert again.save() == model.save()
    assert again.margin(frame).tobytes() == model.margin(frame).tobytes()
    damaged = model.save()["card.json"].replace(b'"log_odds":[', b'"log_odds":[0.0,')
    with pytest.raises(BundleError, match="does not fit the bins"):
        load_scorer("card", {"card.json": damaged}, "scorecard")


def test_an_infinite_number_is_refused_alone_and_among_others() -> None:
    model = trained_card().model
    for rows in (1, 3):
        frame, _ = book(rows)
        frame.columns[0].values[0] = np.inf  # type: ignore[union-attr]
        with pytest.raises(DataError, match="income: holds an infinite number"):
            model.margin(frame)


def test_a_level_that_appears_once_and_a_million_levels_are_taken() -> None:
    frame, bad = book(3000)
    once = labels("once", np.where(np.arange(3000) == 7, 1, 0), ("usual", "once"))
    many = labels(
        "many", np.arange(3000) * 300, tuple(f"level {place}" for place in range(1_000_000))
    )
    wide = FeatureFrame(rows=3000, columns=(*frame.columns, once, many))
    model = _card(wide, bad)
    assert "many" not in model.features
    assert np.isfinite(model.margin(wide)).all()


@pytest.mark.long
def test_a_million_levels_on_a_million_rows_are_taken() -> None:
    """Noise in a million levels is left off the card, and half of the levels riskier is found."""
    rows = 1_000_000
    frame, bad = book(rows)
    names = tuple(f"level {place}" for place in range(rows))
    rng = np.random.default_rng(3)
    noise = labels("noise", rng.integers(0, rows, rows), names)
    codes = (rng.random(rows) ** 4 * rows).astype(np.int32)
    bad = np.where(codes % 2 == 0, bad, bad | (rng.random(rows) < 0.15))
    wide = FeatureFrame(rows=rows, columns=(frame.columns[0], noise, labels("half", codes, names)))
    model = _card(wide, bad)
    assert "noise" not in model.features
    assert "half" in model.features
    assert np.isfinite(model.margin(wide)).all()
    half = next(one for one in model.characteristics if one.name == "half")
    place = half.binning.place(np.arange(1000), names)  # type: ignore[call-arg, arg-type]
    told = half.log_odds[place]
    assert told[1::2].mean() - told[::2].mean() > 0.2
