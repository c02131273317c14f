"""What the chain of the instant card gains, on applicants nobody has learnt from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from solvent.app.train import TrainRequest, train
from solvent.metrics import auc_difference
from solvent.product import load_product
from solvent.report import TrainingRecord, build
from solvent.sandbox import simulate
from solvent.store import ModelRegistry

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "instant_card"
CUSTOMERS = 40_000


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingRecord, Path]:
    root = tmp_path_factory.mktemp("chain")
    simulate("instant_card", customers=CUSTOMERS, seed=11, out=root / "data")
    request = TrainRequest(
        loaded=load_product(EXAMPLE), data=root / "data", technique=None, seed=1,
        home=root / "home", report=None, created_at="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    return train(request).record, root / "home"


def test_the_full_model_ranks_those_the_bank_knows_better(
    bank: tuple[TrainingRecord, Path],
) -> None:
    """Than the six-field model on the very same applicants; the whole interval is above 0."""
    client, newcomer = bank[0].links
    assert client.over_last is not None
    assert client.over_last.low > 0.0
    assert client.features > newcomer.features == 6
    assert 0.3 < client.tested / (client.tested + newcomer.tested) < 0.5
    assert client.learnt < newcomer.learnt


def test_the_chain_ranks_everybody_better_than_the_six_fields_alone(
    bank: tuple[TrainingRecord, Path],
) -> None:
    """And is not told from the full model stretched over those it knows nothing of."""
    client, newcomer = bank[0].links
    assert newcomer.gain is not None
    assert newcomer.gain.low > 0.0
    assert client.gain is not None
    assert client.gain.high > 0.0


def test_the_pds_of_both_links_mean_what_they_say(bank: tuple[TrainingRecord, Path]) -> None:
    for link in bank[0].links:
        assert link.test is not None
        assert link.test.mean_pd == pytest.approx(link.test.bad_rate, abs=0.02)
        assert link.test.calibration_slope == pytest.approx(1.0, abs=0.3)


def test_the_report_says_what_each_model_does_and_what_the_chain_gains(
    bank: tuple[TrainingRecord, Path],
) -> None:
    record, home = bank
    chapter = next(one for one in build(record).sections if one.anchor == "chain")
    words = " ".join(chapter.lead)
    assert "ranks better" in words
    assert "clients the bank knows" in words
    assert len(chapter.tables) == 2
    told = ModelRegistry(home).load("instant_card").about["links"]
    assert [link["name"] for link in told] == ["client", "newcomer"]
    assert [link["tested"] for link in told] == [link.tested for link in record.links]


def test_figures_of_the_record_are_those_of_the_kept_model(
    bank: tuple[TrainingRecord, Path],
) -> None:
    """The difference on those known, computed again from the bundle and its test applications."""
    record, home = bank
    registry = ModelRegistry(home)
    kept, model = (
        registry.population("instant_card", 1, "test"),
        registry.load("instant_card").model,
    )
    assert len(kept) == len(record.pd_test)
    assert np.array_equal(model.pd(kept.frame), kept.pd)
    known = kept.frame["clients_known"].values == 1.0  # type: ignore[union-attr]  # a number
    newcomer = model.model.links[1].trained.pd(kept.frame)  # type: ignore[attr-defined]  # a chain
    again = auc_difference(kept.pd[known], newcomer[known], kept.bad[known])
    first = record.links[0].over_last
    assert first is not None
    assert again.difference == pytest.approx(first.difference, abs=1e-12)
