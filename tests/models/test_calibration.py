"""Laws of calibration: which kind is chosen, and what a stated central tendency moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from solvent.errors import BundleError, RangeError
from solvent.models import calibration
from solvent.models.calibration import Calibration, choose_calibration, judge, to_pd
from solvent.models.calibrators import FITS, Line, fit_line
from solvent.models.documents import Document, to_bytes
from solvent.models.trained import at_central_tendency, calibrate
from tests.models.frames import applicants, customers


def _rows(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(-1.0, 1.3, n), rng.random(n), rng.integers(0, 5, n)


def _chosen(margin: np.ndarray, bad: np.ndarray, fold: np.ndarray) -> str:
    calibration, trials = choose_calibration(margin, bad, fold, customers(len(bad)))
    (found,) = (trial.kind for trial in trials if trial.chosen)
    assert calibration.kind == found
    assert tuple(trial.kind for trial in trials) == tuple(FITS)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_where_a_line_is_the_truth_chance_does_not_talk_it_away(seed: int) -> None:
    margin, chance, fold = _rows(4000, seed)
    assert _chosen(margin, chance < to_pd(0.4 + 0.7 * margin), fold) == "line"


def test_a_bend_is_found_and_so_are_steps() -> None:
    margin, chance, fold = _rows(20_000)
    bent = -0.3 - 0.4 * np.logaddexp(0.0, -margin) + 1.5 * np.logaddexp(0.0, margin)
    assert _chosen(margin, chance < to_pd(bent), fold) == "beta"
    steps = -3.0 + 1.0 * (margin > -1.0) + 1.2 * (margin > 0.5)
    assert _chosen(margin, chance < to_pd(steps), fold) == "isotonic"


def test_a_kind_is_judged_on_folds_it_was_not_fitted_on() -> None:
    """The trials' log losses are those of a plain loop over folds."""
    margin, chance, fold = _rows(1500)
    bad = chance < to_pd(margin)
    _, trials = choose_calibration(margin, bad, fold, customers(1500))
    for trial in trials:
        losses = []
        for held in range(5):
            out = fold == held
            pd = to_pd(FITS[trial.kind](margin[~out], bad[~out]).log_odds(margin[out]))
            losses += np.where(bad[out], -np.log(pd), -np.log1p(-pd)).tolist()
        assert trial.log_loss == pytest.approx(np.mean(losses), abs=1e-12)
        assert trial.gain == pytest.approx(trials[0].log_loss - trial.log_loss, abs=1e-12)


def test_a_customers_repeated_loans_are_no_new_evidence() -> None:
    """The same rows ten times over, as one customer each, gain no certainty."""
    margin, chance, fold = _rows(800)
    bad = chance < to_pd(margin)
    _, once = choose_calibration(margin, bad, fold, customers(800))
    again = [np.repeat(part, 10) for part in (margin, bad, fold, customers(800))]
    _, often = choose_calibration(*again)
    assert often[1].error > 0.5 * once[1].error


def test_a_line_calibrates_as_before_bit_for_bit() -> None:
    rng = np.random.default_rng(4)
    line = Line(intercept=0.1 + 0.2, slope=1.0 / 3.0)
    parts = rng.normal(size=(50, 4))
    plain = line.slope * parts
    plain[:, -1] += line.intercept
    found = Calibration(curve=line)
    assert (found.contributions(parts) == plain).all()
    assert (found.log_odds(parts[:, 0]) == line.intercept + line.slope * parts[:, 0]).all()
    assert found.document() == {"kind": "line", "intercept": 0.1 + 0.2, "slope": 1.0 / 3.0}


@pytest.mark.parametrize("target", [0.001, 0.05, 0.5])
def test_a_central_tendency_is_the_mean_pd_and_keeps_every_ratio_of_odds(target: float) -> None:
    margin, chance, _ = _rows(3000)
    plain = Calibration(curve=fit_line(margin, chance < to_pd(margin)))
    before = plain.pd(margin)
    moved = plain.at(before, target)
    assert moved.pd(margin).mean() == pytest.approx(target, rel=1e-9)
    wanted = brentq(
        lambda s: to_pd(plain.log_odds(margin) + s).mean() - target, -20, 20, xtol=1e-12
    )
    assert moved.shift == pytest.approx(wanted, abs=1e-8)
    assert moved.unshifted(moved.pd(margin)) == pytest.approx(before, abs=1e-12)
    parts = np.column_stack([margin[:, None] + 1.0, np.full(3000, -1.0)])
    assert moved.contributions(parts).sum(axis=1) == pytest.approx(moved.log_odds(margin))
    again = Calibration.read(Document.parse(to_bytes(moved.document()), "calibration.json"))
    assert again == moved


def test_a_models_out_of_fold_pds_move_with_it() -> None:
    from solvent.models import find_technique, start_training
    from solvent.progress import Silent

    frame, bad = applicants(600)
    training = start_training(frame, bad, groups=customers(600), seed=1)
    learnt = find_technique("logistic").fit(training, progress=Silent())
    margin = np.random.default_rng(2).normal(size=600) + bad
    trained = calibrate(replace(learnt, margin=margin), training)
    moved = at_central_tendency(trained, 0.02)
    assert moved.out_of_fold.mean() == pytest.approx(0.02, rel=1e-9)
    assert moved.out_of_fold == pytest.approx(moved.calibration.pd(margin), abs=1e-12)
    assert (np.argsort(moved.out_of_fold) == np.argsort(trained.out_of_fold)).all()


@pytest.mark.parametrize("target", [0.0, 1.0, -0.1, 5.0, float("nan")])
def test_a_central_tendency_that_is_no_share_is_refused(target: float) -> None:
    with pytest.raises(RangeError, match="strictly between"):
        Calibration(curve=Line(intercept=0.0, slope=1.0)).at(np.array([0.2, 0.3]), target)


def test_a_calibration_of_a_later_version_is_refused_by_name() -> None:
    with pytest.raises(BundleError, match="'spline'"):
        Calibration.read(Document({"kind": "spline"}, "calibration.json"))


def _losses(*gains: float, n: int = 400) -> dict[str, np.ndarray]:
    """Losses whose gains over the kind before are 1 apart in standard errors of one."""
    noise = np.tile([1.0, -1.0], n // 2)
    error = float(np.sqrt(n * (noise @ noise) / (n - 1)) / n)
    losses, kinds = [np.full(n, 9.0)], ("line", "beta", "isotonic")
    for gain in gains:
        losses.append(losses[-1] - gain * error - noise)
    return dict(zip(kinds, losses, strict=False))


@pytest.mark.parametrize(
    ("gains", "chosen"),
    [
        ((1.9, 0.0), "line"),
        ((2.1, 0.0), "beta"),
        ((-2.1, 0.0), "line"),
        (
            (2.1, 1.9),
            "beta",
        ),  # against the line isotonic would be far better; against beta it is not
        ((2.1, 2.1), "isotonic"),
        ((1.9, 3.0), "isotonic"),  # noise of both adds up to twice: still beyond two errors
        ((1.9, 1.9), "line"),
    ],
)
def test_a_richer_kind_must_beat_what_stands_by_two_standard_errors(
    gains: tuple[float, float], chosen: str
) -> None:
    trials = judge(_losses(*gains), customers(400))
    assert [trial.kind for trial in trials if trial.chosen] == [chosen]


def test_a_kind_that_does_as_well_does_not_replace_a_simpler_one() -> None:
    same = np.linspace(0.1, 1.0, 50)
    trials = judge({"line": same, "beta": same.copy()}, customers(50))
    assert [(t.kind, t.gain, t.error, t.chosen) for t in trials] == [
        ("line", 0.0, 0.0, True), ("beta", 0.0, 0.0, False),
    ]  # fmt: skip


def test_the_error_of_a_gain_is_that_of_the_sum_over_customers() -> None:
    """Each customer's gains are summed first: 40 customers with five alike rows are 40 draws."""
    gains = np.random.default_rng(6).normal(size=40)
    _, found = judge(
        {"line": np.repeat(gains, 5), "beta": np.zeros(200)}, np.repeat(np.arange(40), 5)
    )
    assert found.gain == pytest.approx(gains.mean())
    assert found.error == pytest.approx(gains.std(ddof=1) / np.sqrt(40.0))


def test_where_a_sample_leaves_a_fold_without_bads_all_rows_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calibration, "MOST_TRIED", 50)
    margin, chance, _ = _rows(400)
    fold, bad = np.arange(400) % 4, chance < 0.0
    bad[[1, 2, 3, 13]] = True  # every eighth row and a little more: few are in a sample of 50
    _, trials = choose_calibration(margin, bad, fold, customers(400))
    monkeypatch.undo()
    assert trials == choose_calibration(margin, bad, fold, customers(400))[1]


def test_the_kind_chosen_is_fitted_on_every_row_and_tried_on_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    margin, chance, fold = _rows(4000)
    bad = chance < to_pd(margin)
    whole = choose_calibration(margin, bad, fold, customers(4000))
    monkeypatch.setattr(calibration, "MOST_TRIED", 1000)
    some = choose_calibration(margin, bad, fold, customers(4000))
    assert some[0].curve == whole[0].curve == fit_line(margin, bad)
    assert some[1] != whole[1]


def test_a_second_central_tendency_takes_the_place_of_the_first() -> None:
    margin, chance, _ = _rows(3000)
    plain = Calibration(curve=fit_line(margin, chance < to_pd(margin)))
    once = plain.at(plain.pd(margin), 0.2)
    twice = once.at(once.pd(margin), 0.03)
    assert twice.pd(margin).mean() == pytest.approx(0.03, abs=1e-9)
    assert twice.shift == pytest.approx(plain.at(plain.pd(margin), 0.03).shift, abs=1e-9)
