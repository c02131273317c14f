"""Laws of the blend and of the contest for the best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from solvent.errors import TechniqueError
from solvent.metrics import auc
from solvent.models import (
    Guidance,
    Learnt,
    Training,
    fit_model,
    load_bundle,
    save_bundle,
    start_training,
)
from solvent.models.calibration import to_pd
from solvent.models.calibrators import row_losses
from solvent.models.contest import fit_entrants, judge
from solvent.models.finding import find_technique, technique_names
from solvent.models.scorers.blend import BlendModel
from solvent.models.techniques.best import Best
from solvent.models.techniques.blend import Blend
from solvent.models.trained import calibrate
from solvent.progress import Progress, Silent
from tests.models.frames import applicants, customers

MEMBERS = ("logistic", "boosted_trees")


@dataclass(frozen=True)
class Fake:
    """A technique that learns nothing: says what it is told to of the training rows."""

    name: str
    said: np.ndarray
    title: str = "a fake"

    def space(self) -> Mapping[str, object]:
        return {}

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        with progress.step("thinking", 1) as step:
            step.advance()
        return Learnt(model=_Told(self.name, self.said), margin=self.said)


@dataclass(frozen=True)
class _Told:
    technique: str
    said: np.ndarray
    scorer: str = ""
    exact: bool = False
    features: tuple[str, ...] = ("income",)

    def margin(self, frame: object) -> np.ndarray:
        return self.said

    def contributions(self, frame: object) -> np.ndarray:
        rows = frame.rows  # type: ignore[attr-defined]
        return np.column_stack([self.said[:rows], np.zeros(rows)])


@dataclass(frozen=True)
class _NotHere(Fake):
    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        raise TechniqueError("Oracle is not installed", hint='install "solvent[oracle]"')


@pytest.fixture(scope="module")
def training() -> Training:
    frame, bad = applicants(2500)
    return start_training(frame, bad, groups=customers(2500), seed=1)


@pytest.fixture(scope="module")
def learnt(training: Training) -> Learnt:
    return Blend(members=MEMBERS).fit(training, progress=Silent())


def _fakes(training: Training, *noise: float) -> tuple[Fake, ...]:
    """Techniques that see the truth through ever more noise, named by it."""
    rng = np.random.default_rng(3)
    odds = np.where(training.bad, 1.0, -1.0)
    return tuple(
        Fake(f"noise {share:g}", odds + share * rng.normal(size=len(odds))) for share in noise
    )


def test_a_blend_is_the_weighted_sum_of_its_parts(learnt: Learnt) -> None:
    model = learnt.model
    assert isinstance(model, BlendModel)
    assert model.exact
    frame, _ = applicants(300, seed=2)
    wanted = model.intercept + sum(part.weight * part.model.margin(frame) for part in model.parts)
    assert model.margin(frame) == pytest.approx(wanted, abs=1e-12)
    shown = model.contributions(frame)
    assert shown.sum(axis=1) == pytest.approx(model.margin(frame), abs=1e-9)
    place = model.features.index("town")
    town = sum(
        part.weight * part.model.contributions(frame)[:, part.model.features.index("town")]
        for part in model.parts
    )
    assert shown[:, place] == pytest.approx(town, abs=1e-12)


def test_it_is_no_worse_than_its_members_on_fresh_rows(training: Training, learnt: Learnt) -> None:
    fresh, truth = applicants(20_000, seed=2)
    found = calibrate(learnt, training)
    alone = [
        calibrate(find_technique(name).fit(training, progress=Silent()), training)
        for name in MEMBERS
    ]
    best = max(auc(one.pd(fresh), truth) for one in alone)
    assert auc(found.pd(fresh), truth) > best - 0.002


def test_its_margin_out_of_fold_does_not_know_the_folds_labels(training: Training) -> None:
    members = _fakes(training, 1.0, 2.0)
    turned = replace(training, bad=np.where(training.fold == 1, ~training.bad, training.bad))
    before = Blend(members=members).fit(training, progress=Silent()).margin
    after = Blend(members=members).fit(turned, progress=Silent()).margin
    assert (before == after)[training.fold == 1].all()
    assert (before != after)[training.fold != 1].any()


def test_it_is_kept_and_read_back_bit_for_bit(
    training: Training, learnt: Learnt, tmp_path: Path
) -> None:
    trained = calibrate(learnt, training)
    save_bundle(tmp_path / "bundle", trained, {})
    again, _ = load_bundle(tmp_path / "bundle")
    frame, _ = applicants(200, seed=2)
    assert (again.pd(frame) == trained.pd(frame)).all()
    assert (again.contributions(frame) == trained.contributions(frame)).all()
    assert again.importance() == trained.importance()
    assert again.model.save() == learnt.model.save()


def test_a_member_that_adds_nothing_is_left_out(training: Training) -> None:
    upside_down = Fake("upside down", -_fakes(training, 1.0)[0].said)
    found = Blend(members=(*_fakes(training, 1.0), upside_down)).fit(training, progress=Silent())
    assert isinstance(found.model, BlendModel)
    assert [part.model.technique for part in found.model.parts] == ["noise 1"]
    assert [one.why for one in found.contest] == ["in the blend", "adds nothing"]


def test_what_cannot_be_kept_is_said_of_the_blend(training: Training) -> None:
    found = Blend(members=_fakes(training, 1.0)).fit(training, progress=Silent()).model
    assert not found.scorer
    assert not found.exact


@pytest.mark.parametrize("technique", [Blend, Best])
def test_a_member_that_is_not_installed_is_told_and_left_out(
    training: Training, technique: type[Blend | Best]
) -> None:
    absent = _NotHere("oracle", np.empty(0))
    found = technique(members=(absent, *_fakes(training, 1.0))).fit(training, progress=Silent())
    told = found.contest[-1]
    assert told.technique == "oracle"
    assert told.log_loss is None
    assert told.why == 'not tried: Oracle is not installed; install "solvent[oracle]"'
    with pytest.raises(TechniqueError, match="none of its 1 techniques"):
        technique(members=(absent,)).fit(training, progress=Silent())


def test_the_best_has_the_least_log_loss_beyond_chance(training: Training) -> None:
    (good,) = _fakes(training, 1.0)
    noise = np.random.default_rng(4).normal(size=len(good.said))
    worse, worst = (Fake(f"more {more}", good.said + more * noise) for more in (1, 3))
    found = Best(members=(worst, good, worse)).fit(training, progress=Silent())
    assert found.model.technique == "noise 1"
    assert [one.technique for one in found.contest] == ["more 3", "noise 1", "more 1", "blend"]
    assert [one.chosen for one in found.contest] == [False, True, False, False]
    assert [one.why for one in found.contest] == [
        "not shown to be as good as the blend",
        "the simplest shown to be as good",
        "not shown to be as good as the blend",
        "as good, but less simple",
    ]


def test_a_blend_that_says_more_than_each_is_the_best(training: Training) -> None:
    found = Best(members=_fakes(training, 1.0, 1.0)).fit(training, progress=Silent())
    assert found.model.technique == "blend"
    assert found.contest[-1].why == "none simpler is shown to be as good"


def test_what_is_ahead_by_luck_alone_does_not_stand_in_for_the_blend(training: Training) -> None:
    """Few rows: of equals one is the first out of fold, by less than it takes to show it."""
    rows = np.arange(len(training.bad)) < 300
    some = replace(
        training, frame=training.frame.take(rows), bad=training.bad[rows],
        groups=training.groups[rows], fold=training.fold[rows],
    )  # fmt: skip
    members = _fakes(some, 3.0, 3.0, 3.0)
    found = Best(members=members).fit(some, progress=Silent())
    assert found.model.technique == "blend"


def test_of_equals_the_simplest_is_kept(training: Training) -> None:
    simple, rich = _fakes(training, 1.0)[0], _fakes(training, 1.0)[0]
    found = Best(members=(simple, replace(rich, name="rich"))).fit(training, progress=Silent())
    assert found.model.technique == "noise 1"
    assert [one.chosen for one in found.contest] == [True, False, False]


def test_members_learn_once(training: Training) -> None:
    times: list[str] = []

    @dataclass(frozen=True)
    class Counted(Fake):
        def fit(self, training: Training, *, progress: Progress) -> Learnt:
            times.append(self.name)
            return super().fit(training, progress=progress)

    members = tuple(Counted(one.name, one.said) for one in _fakes(training, 1.0, 2.0))
    Best(members=members).fit(training, progress=Silent())
    assert times == ["noise 1", "noise 2"]


def test_contenders_are_judged_by_calibrations_that_had_not_seen_a_row(
    training: Training,
) -> None:
    (bold,) = _fakes(training, 1.0)
    entrants, _ = fit_entrants([replace(bold, said=7.0 * bold.said + 3.0)], training,
                               progress=Silent())  # fmt: skip
    (found,) = judge(entrants, training)
    assert found.log_loss == row_losses(entrants[0].margin, training.bad).mean()
    assert found.auc == auc(to_pd(entrants[0].margin), training.bad)
    plain, _ = fit_entrants([bold], training, progress=Silent())
    assert found.log_loss == pytest.approx(judge(plain, training)[0].log_loss, abs=1e-3)
    assert found.behind == found.error == 0.0


def test_steps_are_told_under_the_members_titles(training: Training) -> None:
    told: list[str] = []

    class Listener(Silent):
        def step(self, label: str, total: float | None = None):  # type: ignore[no-untyped-def]
            told.append(label)
            return super().step(label, total)

    Blend(members=_fakes(training, 1.0)).fit(training, progress=Listener())
    assert told == ["a fake: thinking"]


def test_every_technique_that_learns_by_itself_takes_part_the_simplest_first() -> None:
    found = Best().members
    assert found == Blend().members
    assert set(found) == set(technique_names()) - {"blend", "best"}
    assert found.index("logistic") < found.index("boosted_trees") < found.index("neural_network")


def test_where_directions_are_declared_only_what_holds_to_them_is_tried(training: Training) -> None:
    name = training.frame.names[0]
    guided = replace(training, guidance=Guidance(directions={name: 1}))
    entrants, absent = fit_entrants(("logistic", "boosted_trees"), guided, progress=Silent())
    assert [one.technique.name for one in entrants] == ["boosted_trees"]
    assert [one.technique for one in absent] == ["logistic"]
    assert "cannot be held to the declared directions" in absent[0].why
    with pytest.raises(TechniqueError, match="directions: logistic cannot be held"):
        fit_model(guided, find_technique("logistic"), progress=Silent())
