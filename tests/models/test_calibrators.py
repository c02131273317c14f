"""Laws every kind of calibrator keeps, and what each is checked against."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from solvent.errors import OneClassError, RangeError, ShapeError
from solvent.models.calibrators import (
    FITS,
    READERS,
    Beta,
    Isotonic,
    fit_beta,
    fit_isotonic,
    fit_line,
    to_pd,
)
from solvent.models.calibrators.curve import LEAST_SLOPE
from solvent.models.calibrators.isotonic import FEWEST, band_of
from solvent.models.documents import Document, to_bytes

KIND = pytest.mark.parametrize("kind", FITS)


def _bent(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Margins that are half too timid among the safe, and right among the risky."""
    rng = np.random.default_rng(seed)
    margin = rng.normal(-1.0, 1.5, n)
    true = -0.3 - 0.5 * np.logaddexp(0.0, -margin) + 1.4 * np.logaddexp(0.0, margin)
    return margin, rng.random(n) < to_pd(true)


@KIND
@given(
    margin=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40),
    labels=st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_a_pd_lies_strictly_inside_and_never_falls_as_margins_rise(
    kind: str, margin: list[float], labels: list[bool]
) -> None:
    bad = np.array(labels[: len(margin)])
    if bad.all() or not bad.any():
        bad[0] = not bad[0]
    curve = FITS[kind](np.array(margin), bad)
    log_odds = curve.log_odds(np.sort(margin))
    pd = to_pd(log_odds)
    assert ((pd > 0.0) & (pd < 1.0)).all()
    assert (np.diff(log_odds) >= 0.0).all()


@KIND
def test_margins_apart_never_share_a_pd(kind: str) -> None:
    margin, bad = _bent(5000)
    fresh = np.unique(np.round(np.random.default_rng(3).normal(-1.0, 3.0, 5000), 6))
    assert (np.diff(FITS[kind](margin, bad).log_odds(fresh)) > 0.0).all()


@KIND
def test_the_mean_pd_is_the_bad_rate(kind: str) -> None:
    margin, bad = _bent(5000)
    assert to_pd(FITS[kind](margin, bad).log_odds(margin)).mean() == pytest.approx(
        bad.mean(), abs=1e-4
    )


@KIND
@given(
    parts=st.lists(
        st.lists(st.floats(-3.0, 3.0, allow_subnormal=False), min_size=4, max_size=4),
        min_size=1, max_size=20,
    ),
    base=st.floats(-4.0, 4.0),
)  # fmt: skip
def test_contributions_sum_to_the_log_odds_and_keep_sign_and_order(
    kind: str, parts: list[list[float]], base: float
) -> None:
    curve = FITS[kind](*_bent(2000))
    given_ = np.column_stack([np.array(parts), np.full(len(parts), base)])
    found = curve.spread(given_)
    assert found.sum(axis=1) == pytest.approx(curve.log_odds(given_.sum(axis=1)), abs=1e-9)
    assert (np.sign(found[:, :-1]) == np.sign(given_[:, :-1])).all()
    order = np.argsort(given_[:, :-1], axis=1, kind="stable")
    assert (np.diff(np.take_along_axis(found[:, :-1], order, axis=1), axis=1) >= 0.0).all()


@KIND
def test_a_row_at_its_baseline_moves_nothing_in_sum_and_divides_by_nothing(kind: str) -> None:
    curve = FITS[kind](*_bent(2000))
    found = curve.spread(np.array([[1.0, -1.0, -0.5], [0.0, 0.0, -0.5], [1e-12, 0.0, -0.5]]))
    assert np.isfinite(found).all()
    assert found.sum(axis=1) == pytest.approx(curve.log_odds(np.full(3, -0.5)), abs=1e-9)
    assert found[0, 0] == -found[0, 1] > 0.0


@KIND
def test_a_curve_survives_its_document_to_the_last_bit(kind: str) -> None:
    curve = FITS[kind](*_bent(2000))
    again = Document.parse(to_bytes(curve.document()), "calibration.json")
    assert READERS[kind](again) == curve
    assert again.text("kind") == curve.kind == kind


@KIND
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_few_rows_ranked_perfectly_or_upside_down_still_give_a_finite_rising_curve(
    kind: str, sign: float
) -> None:
    curve = FITS[kind](sign * np.array([-3.0, -2.0, 2.0, 3.0]), np.arange(4) > 1)
    log_odds = curve.log_odds(np.array([-3.0, 0.0, 3.0]))
    assert (np.diff(log_odds) > 0.0).all()
    assert np.abs(log_odds).max() < 30.0


@KIND
def test_what_cannot_be_calibrated_is_refused(kind: str) -> None:
    fit = FITS[kind]
    with pytest.raises(OneClassError, match="every account"):
        fit(np.zeros(3), np.ones(3, dtype=bool))
    with pytest.raises(RangeError, match="margin"):
        fit(np.array([0.0, np.nan]), np.array([True, False]))
    with pytest.raises(ShapeError, match="3"):
        fit(np.zeros(3), np.array([True, False]))


def test_a_known_line_is_found_again() -> None:
    rng = np.random.default_rng(1)
    margin = rng.normal(-1.0, 1.0, 100_000)
    found = fit_line(margin, rng.random(100_000) < to_pd(0.4 + 0.7 * margin))
    assert found.slope == pytest.approx(0.7, abs=0.03)
    assert found.intercept == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize("upside_down", [False, True])
def test_beta_is_the_likeliest_with_slopes_that_rise(upside_down: bool) -> None:
    """SciPy's bounded minimiser finds no better a, b and c."""
    margin, bad = _bent(3000)
    margin = -margin if upside_down else margin

    def loss(weights: np.ndarray) -> float:
        c, a, b = weights
        log_odds = Beta(a=a, b=b, c=c).log_odds(margin)
        faint = 0.01 * c**2 + (a - 1.0) ** 2 + (b - 1.0) ** 2
        return float(np.logaddexp(0.0, np.where(bad, -log_odds, log_odds)).sum() + faint / 2.0)

    best = minimize(
        loss, [0.0, 1.0, 1.0], bounds=[(None, None), (1e-3, None), (1e-3, None)],
        method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-8},
    )  # fmt: skip
    found = fit_beta(margin, bad)
    assert [found.c, found.a, found.b] == pytest.approx(best.x, abs=2e-3)
    assert loss(np.array([found.c, found.a, found.b])) <= best.fun + 1e-6


def test_beta_that_is_told_nothing_new_leaves_margins_as_they_are() -> None:
    margin = np.linspace(-20.0, 20.0, 101)
    assert Beta(a=1.0, b=1.0, c=0.0).log_odds(margin) == pytest.approx(margin, abs=1e-12)


def test_isotonic_follows_scikit_learn_between_the_ends() -> None:
    """With 20,000 rows banding, smoothing and joining move no PD by more than a few points."""
    margin, bad = _bent(20_000)
    found = to_pd(fit_isotonic(margin, bad).log_odds(margin))
    wanted = IsotonicRegression().fit(margin, bad).predict(margin)
    inside = np.abs(margin + 1.0) < 3.0
    assert np.abs(found - wanted)[inside].max() < 0.08
    assert np.abs(found - wanted)[inside].mean() < 0.01


def test_isotonic_goes_on_beyond_what_it_saw_and_ties_never_part() -> None:
    margin, bad = np.repeat([-2.0, 0.0, 1.0], 500), np.tile([False, True, False, False, True], 300)
    bad[:500] = False
    curve = fit_isotonic(margin, bad)
    assert set(curve.margins) <= {-2.0, 0.0, 0.5, 1.0}
    far = to_pd(curve.log_odds(np.array([-9.0, -2.0, 9.0])))
    assert 0.0 < far[0] < far[1] < 0.01
    assert 0.4 < far[2] < 1.0


def test_isotonic_of_one_rate_is_a_line_through_it() -> None:
    curve = Isotonic(margins=(0.0,), values=(-1.0,), slope=0.5)
    assert curve.log_odds(np.array([-2.0, 0.0, 2.0])).tolist() == [-2.0, -1.0, 0.0]


def test_a_line_that_would_fall_keeps_the_level() -> None:
    """Upside-down margins far from zero: held to the least slope, the mean PD is the bad rate."""
    rng = np.random.default_rng(2)
    margin = rng.normal(-40.0, 2.0, 3000)
    bad = rng.random(3000) < to_pd(-2.0 - 0.5 * (margin + 40.0))
    line = fit_line(margin, bad)
    assert line.slope == LEAST_SLOPE
    assert to_pd(line.log_odds(margin)).mean() == pytest.approx(bad.mean(), abs=1e-4)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 30.0, 300.0])
@KIND
def test_margins_of_any_scale_are_calibrated_to_the_bad_rate(kind: str, scale: float) -> None:
    """A technique of one's own may score in hundreds; a scorecard in log-odds."""
    rng = np.random.default_rng(7)
    ranks = rng.normal(size=3000)
    bad = rng.random(3000) < to_pd(-1.5 + ranks)
    pd = to_pd(FITS[kind](scale * ranks, bad).log_odds(scale * ranks))
    assert pd.mean() == pytest.approx(bad.mean(), abs=2e-4)
    if scale >= 1.0:  # below, the faint prior holds the slope near one
        loss = -np.where(bad, np.log(pd), np.log1p(-pd)).mean()
        truth = to_pd(-1.5 + ranks)
        assert loss < -np.where(bad, np.log(truth), np.log1p(-truth)).mean() + 0.002


def test_one_row_beside_ties_has_no_pd_of_its_own() -> None:
    """A band holds 50 rows or more, wherever ties fall: its outcome moves a PD by a fiftieth."""
    margin = np.concatenate([np.linspace(-3.0, 0.0, 900), np.full(99, 1.0), [5.0]])
    bad = np.random.default_rng(1).random(1000) < to_pd(margin - 2.0)
    found = []
    for outcome in (False, True):
        bad[-1] = outcome
        found.append(float(to_pd(fit_isotonic(margin, bad).log_odds(np.array([5.0])))[0]))
    assert found[1] - found[0] < 0.04


@given(counts=st.lists(st.integers(1, 130), min_size=1, max_size=60))
def test_bands_hold_fifty_rows_and_are_as_many_as_that_allows(counts: list[int]) -> None:
    band = band_of(np.array(counts))
    rows = np.bincount(band, weights=counts)
    assert set(np.diff(band).tolist()) <= {0, 1}
    assert band[0] == 0
    assert len(rows) == 1 or rows.min() >= FEWEST
    for place, size in enumerate(rows[:-1].tolist()):  # without its last margin it were too small
        last = counts[int(np.flatnonzero(band == place)[-1])]
        assert size - last < FEWEST
