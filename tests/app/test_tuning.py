"""Tuning a product: what is tuned is what is trained, link by link and member by member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from solvent.app import libraries, tuning
from solvent.app.learning import folds_of, link_plans, training_of
from solvent.app.preparing import prepared
from solvent.app.tuning import TuneRequest, tune_for, tuned_plans, tuned_training
from solvent.dataset import Dataset
from solvent.errors import DeclarationError
from solvent.metrics import log_loss
from solvent.models import Learnt, Range, Technique, Training, find_technique
from solvent.models.chain import of_link
from solvent.models.technique import part_of
from solvent.models.techniques.blend import Blend
from solvent.models.trained import fit_model
from solvent.models.trials import Budget, State
from solvent.models.tuning import FOLDS, require_tunable
from solvent.product import LoadedProduct, load_product
from solvent.progress import Progress, Silent
from tests.app.late_shop import late_shop
from tests.app.own_techniques import MINE
from tests.cli.shops import PRODUCT, Shop, loan_rows, open_shop, payment_rows, write_rows

NOW = "2026-01-01T00:00:00+00:00"
CHAIN = PRODUCT.replace("import Applications,", "import Applications, Link,").replace(
    "product = Product(",
    'product = Product(chain=(Link(name="client", needs=("payments",), features=("income", '
    '"ratio", "months"), words="clients"), Link(name="newcomer", technique="mine")), ',
)


class Line:
    """A line held back far too much as it comes: whatever is tried is better."""

    title = "line"
    directed = True

    def __init__(self, name: str = "line", *, fails: bool = False) -> None:
        self.name, self._fails = name, fails

    def space(self) -> Mapping[str, Range]:
        return {"penalty": Range(low=10.0, high=1e4, log=True)}

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        if self._fails:
            raise DeclarationError("has nothing to learn with", field=self.name)
        told = {"penalty": 1e4, **training.guidance.settings}
        return find_technique("logistic").fit(training.tuned(told), progress=progress)


def wish(shop: Shop, budget: int, technique: str | None = None) -> TuneRequest:
    loaded: LoadedProduct = load_product(shop.folder)
    product = loaded.product if technique is None else loaded.product.made_by(technique)
    return TuneRequest(
        loaded=loaded, product=product, seed=0, budget=Budget(trials=budget), home=shop.home,
        find=partial(find_technique, folder=shop.folder),
    )  # fmt: skip


@contextmanager
def dataset_of(shop: Shop, request: TuneRequest) -> Iterator[Dataset]:
    opened = prepared(request.product, shop.data, seed=0, created_at=NOW, progress=Silent())
    with opened as ready:
        yield ready.dataset


@pytest.fixture
def chained(tmp_path: Path) -> Shop:
    """A shop with a model for whoever has paid before, two in three, and one for newcomers."""
    shop = open_shop(tmp_path, loan_rows(900), product=CHAIN)
    (shop.folder / "mine.py").write_text(MINE, encoding="utf-8")
    write_rows(
        shop.data / "payments.csv",
        [row for n, row in enumerate(payment_rows(loan_rows(900))) if n % 3],
    )
    return shop


def test_each_link_of_a_chain_is_tuned_on_its_own_rows_and_features_and_told_what_was_found(
    chained: Shop,
) -> None:
    request = wish(chained, 5)
    with dataset_of(chained, request) as dataset:
        found = tune_for(request, dataset, progress=Silent())
        assert [(one.link, one.technique, len(one.trials)) for one in found] == [
            ("client", "logistic", 2), ("newcomer", "mine", 3),
        ]  # fmt: skip
        training = training_of(dataset, request.product, seed=0)
        bare = link_plans(dataset, request.product, "logistic", request.find)
        plans = tuned_plans(bare, found)
        assert [dict(plan.settings) for plan in plans] == [dict(one.settings) for one in found]
        splits = folds_of(dataset, folds=FOLDS, seed=0)
        for plan, one in zip(plans, found, strict=True):
            assert of_link(training, plan).guidance.settings == one.settings
            trial = next(trial for trial in one.trials[::-1] if trial.state is State.DONE)
            cost, rows = 0.0, 0
            for split in splits:
                part = part_of(
                    training.reading(plan.features).tuned(trial.settings),
                    split.train & plan.known, folds=FOLDS,
                )  # fmt: skip
                model = fit_model(part, plan.technique, progress=Silent())
                judged = split.test & plan.known
                bad = training.bad[judged]
                cost += log_loss(model.pd(training.frame.take(judged)), bad) * len(bad)
                rows += len(bad)
            assert trial.loss == pytest.approx(cost / rows, abs=1e-12)
    assert 0 < plans[0].known.sum() < len(plans[0].known)
    assert plans[0].features == ("income", "months", "ratio")


def test_a_chain_made_by_one_technique_tunes_it_for_every_link(chained: Shop) -> None:
    request = wish(chained, 2, "mine")
    with dataset_of(chained, request) as dataset:
        found = tune_for(request, dataset, progress=Silent())
    assert [(one.link, one.technique) for one in found] == [
        ("client", "mine"),
        ("newcomer", "mine"),
    ]


def test_features_are_selected_inside_each_fold_that_a_trial_is_judged_on(tmp_path: Path) -> None:
    """On all applications `ratio` would be read; no fold may know that."""
    shop = late_shop(tmp_path)
    request = wish(shop, 1)
    with dataset_of(shop, request) as dataset:
        (found,) = tune_for(request, dataset, progress=Silent())
        training = training_of(dataset, request.product, seed=0)
        losses = {}
        for names in (("months",), ("ratio",)):
            cost, rows = 0.0, 0
            for split in folds_of(dataset, folds=FOLDS, seed=0):
                part = part_of(training.reading(names), split.train, folds=FOLDS)
                model = fit_model(part, find_technique("logistic"), progress=Silent())
                bad = training.bad[split.test]
                cost += log_loss(model.pd(training.frame.take(split.test)), bad) * len(bad)
                rows += len(bad)
            losses[names] = cost / rows
    assert found.trials[0].loss == pytest.approx(losses[("months",)], abs=1e-12)
    assert found.trials[0].loss != pytest.approx(losses[("ratio",)], abs=1e-4)


def test_what_a_blend_is_made_of_shares_the_budget_and_each_learns_with_its_own(
    tmp_path: Path,
) -> None:
    shop = open_shop(tmp_path)
    lines = (Line("one"), Line("two"), Line("lame", fails=True))
    mix = Blend(members=lines)
    request = replace(wish(shop, 7), find=lambda _: mix)
    with dataset_of(shop, request) as dataset:
        found = tune_for(request, dataset, progress=Silent())
        again = tune_for(replace(request, home=tmp_path / "elsewhere"), dataset, progress=Silent())
        training = training_of(dataset, request.product, seed=0)
    assert [one.document() for one in again] == [one.document() for one in found]
    assert [(one.technique, len(one.trials)) for one in found] == [
        ("one", 2),
        ("two", 2),
        ("lame", 0),
    ]
    assert found[2].words == "lame: has nothing to learn with"
    told = tuned_training(training, found, "blend")
    members = {one.technique: dict(one.settings) for one in found}
    assert dict(told.guidance.settings) == {}
    assert {name: dict(own) for name, own in told.guidance.members.items()} == members
    assert members["one"]["penalty"] < 1e4
    alone = replace(training, guidance=replace(training.guidance, settings=members["one"]))
    blended = mix.fit(told, progress=Silent())
    learnt = Line("one").fit(alone, progress=Silent())
    parts = blended.model.parts  # type: ignore[attr-defined]
    bags = [part.model.margin(training.frame) for part in parts]
    wanted = [model.margin(training.frame) for model in learnt.bag or (learnt.model,)]
    assert all(any(np.array_equal(one, bag) for bag in bags) for one in wanted)


def test_a_budget_of_trials_too_small_to_share_is_refused_at_once() -> None:
    lines: tuple[Technique, ...] = (Line("one"), Line("two"))
    require_tunable([Blend(members=lines)], Budget(trials=2))
    require_tunable([Blend(members=lines)], Budget(seconds=1.0))
    with pytest.raises(DeclarationError, match="1 trial cannot be shared by 2 techniques") as error:
        require_tunable([Blend(members=lines)], Budget(trials=1))
    assert error.value.field == "tune"
    assert "at least 2 trials" in error.value.hint


def test_every_technique_that_comes_with_solvent_can_be_tuned() -> None:
    for name in ("scorecard", "blend", "best", "logistic", "boosted_trees"):
        require_tunable([find_technique(name)], Budget(seconds=60.0))


@pytest.mark.parametrize(
    "library",
    ["lightgbm", "scikit-learn", "catboost", "interpret-core", "jax", "optuna", "scipy", "numba"],
)
def test_a_search_made_with_another_version_of_a_library_is_another_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    shop = open_shop(tmp_path)
    request = wish(shop, 1)
    names = []
    with dataset_of(shop, request) as dataset:
        task, _ = tuning.tasks_of(request, dataset, Silent())[0]
        names.append(tuning.search_name(request, dataset, task))
        names.append(tuning.search_name(request, dataset, task))
        known = libraries.installed
        monkeypatch.setattr(
            libraries, "installed", lambda name: "0.0.1" if name == library else known(name)
        )
        names.append(tuning.search_name(request, dataset, task))
    assert names[0] == names[1] != names[2]
