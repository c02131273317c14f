"""Techniques side by side: the same folds, nothing seen before it is judged, failures said."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solvent.app.compare_techniques import CompareRequest, compare_techniques
from solvent.app.learning import folds_of, training_of
from solvent.app.preparing import prepared
from solvent.app.selection import select_on
from solvent.errors import TechniqueError, TrainingError
from solvent.metrics import auc_difference, holm, validate
from solvent.models import find_technique, fit_model
from solvent.models.technique import part_of
from solvent.product import load_product
from solvent.progress import Silent
from solvent.report import TechniquesRecord
from tests.app.late_shop import late_shop
from tests.app.own_techniques import BROKEN, CONSTANT, LACKING, MINE
from tests.cli.shops import CANARY, Shop, loan_rows, open_shop

NOW = "2026-01-01T00:00:00+00:00"
OWN = {"mine": MINE, "broken": BROKEN, "lacking": LACKING, "constant": CONSTANT}


def request(shop: Shop, *techniques: str, **options: object) -> CompareRequest:
    wish = CompareRequest(
        loaded=load_product(shop.folder), data=shop.data, techniques=techniques, folds=3,
        created_at=NOW,
    )  # fmt: skip
    return replace(wish, **options)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A corner shop with techniques of its own."""
    opened = open_shop(tmp_path_factory.mktemp("shop"))
    for name, text in OWN.items():
        (opened.folder / f"{name}.py").write_text(text, encoding="utf-8")
    return opened


@pytest.fixture(scope="module")
def record(shop: Shop) -> TechniquesRecord:
    """What comparing some of them found."""
    return compare_techniques(request(shop, "logistic", "mine", "constant", "broken", "lacking"))


def figures(record: TechniquesRecord) -> list[tuple[object, ...]]:
    return [(one.name, one.validation, one.curve, one.auc_by_fold, one.size, one.features)
            for one in record.judged]  # fmt: skip


def test_the_figures_are_those_of_models_fitted_by_hand_on_each_fold(
    shop: Shop, record: TechniquesRecord
) -> None:
    loaded = load_product(shop.folder)
    with prepared(loaded.product, shop.data, seed=0, created_at=NOW, progress=Silent()) as ready:
        training = training_of(ready.dataset, loaded.product, seed=0)
        splits = folds_of(ready.dataset, folds=3, seed=0)
    pds = {}
    judged = np.logical_or.reduce([split.test for split in splits])
    for name in ("logistic", "mine", "constant"):
        pd = np.full(len(training.bad), np.nan)
        for split in splits:
            technique = find_technique(name, shop.folder)
            model = fit_model(part_of(training, split.train), technique, progress=Silent())
            pd[split.test] = model.pd(training.frame.take(split.test))
        pds[name] = pd[judged]
    bad = training.bad[judged]
    for one in record.judged:
        assert one.validation == validate(pds[one.name], bad, cutoff=0.5)
    found = [auc_difference(pds[pair.first], pds[pair.second], bad) for pair in record.pairs]
    assert [pair.found for pair in record.pairs] == found
    assert [pair.p_adjusted for pair in record.pairs] == holm([f.p_value for f in found]).tolist()


def test_techniques_that_fail_are_said_without_a_value_and_the_others_go_on(
    record: TechniquesRecord,
) -> None:
    assert {one.name for one in record.judged} == {"logistic", "mine", "constant"}
    told = {one.name: (one.words, one.hint) for one in record.failed}
    assert told["lacking"] == ("catboost is not installed", 'install "solvent[catboost]"')
    assert told["broken"][0] == "ZeroDivisionError in broken.py, line 8, while it learnt"
    assert CANARY not in str(told)


def test_what_may_go_live_can_be_saved_and_gives_exact_reasons(record: TechniquesRecord) -> None:
    by_name = {one.name: one for one in record.judged}
    assert by_name["mine"].live
    assert by_name["mine"].own
    assert not by_name["logistic"].own
    assert (by_name["constant"].live, by_name["constant"].size) == (False, None)
    assert by_name["logistic"].size > 1000
    assert by_name["logistic"].rows_per_cpu_second > 1000
    assert 0 < by_name["logistic"].row_microseconds < 1e6


def test_contributions_that_do_not_sum_are_not_called_exact(shop: Shop) -> None:
    boastful = CONSTANT.replace('"", False', '"", True').replace("np.zeros((frame.rows, 1))",
        "np.ones((frame.rows, 1))")  # fmt: skip
    (shop.folder / "boastful.py").write_text(
        boastful.replace('"constant"', '"boastful"'), encoding="utf-8"
    )
    found = compare_techniques(request(shop, "boastful"))
    (shop.folder / "boastful.py").unlink()
    assert not found.judged[0].exact


def test_without_names_all_that_come_with_solvent_and_all_beside_the_product_are_compared(
    shop: Shop,
) -> None:
    found = compare_techniques(request(shop, folds=2))
    names = {one.name for one in (*found.judged, *found.failed)}
    assert {"logistic", "boosted_trees", *OWN} <= names
    assert "product" not in names


def test_folds_are_later_than_what_they_learn_from_where_there_are_times(
    record: TechniquesRecord,
) -> None:
    assert record.by_time
    assert len(record.folds) == 3
    assert [fold.since for fold in record.folds] == sorted(fold.since for fold in record.folds)
    assert sum(fold.judged for fold in record.folds) == record.best.validation.n
    assert record.kept_back > 0


def test_the_same_seed_gives_the_same_figures(shop: Shop, record: TechniquesRecord) -> None:
    again = compare_techniques(request(shop, "constant", "mine", "logistic"))
    assert figures(again) == figures(record)
    assert again.pairs == record.pairs


def test_what_became_of_the_applications_kept_for_the_test_changes_nothing(
    shop: Shop, record: TechniquesRecord, tmp_path: Path
) -> None:
    rows = loan_rows()
    for row in rows[-40:]:
        row["defaulted"] = str(1 - int(row["defaulted"]))
    turned = open_shop(tmp_path, rows)
    (turned.folder / "mine.py").write_text(MINE, encoding="utf-8")
    (turned.folder / "constant.py").write_text(CONSTANT, encoding="utf-8")
    found = compare_techniques(request(turned, "logistic", "mine", "constant"))
    assert figures(found) == figures(record)


def test_a_selection_looks_at_the_training_part_of_each_fold_only(tmp_path: Path) -> None:
    """What all applications together would have told each fold to read is not what it read."""
    shop = late_shop(tmp_path)
    product = load_product(shop.folder).product
    found = compare_techniques(request(shop, "logistic"))
    with prepared(product, shop.data, seed=0, created_at=NOW, progress=Silent()) as ready:
        dataset, training = ready.dataset, training_of(ready.dataset, product, seed=0)
        splits = folds_of(dataset, folds=3, seed=0)
        side = np.flatnonzero(dataset.split.train)
        kept = []
        for split in splits:
            rows = np.isin(np.arange(len(dataset.bad)), side[split.train])
            selected = select_on(dataset, rows, product.select, seed=0, progress=Silent())
            kept.append(selected.kept)
        every = select_on(
            dataset, dataset.split.train, product.select, seed=0, progress=Silent()
        ).kept  # fmt: skip
    assert every == ("ratio",)
    assert kept == [("months",)] * 3
    for told, right in ((kept, True), ([every] * 3, False)):
        pd = np.full(len(training.bad), np.nan)
        for split, names in zip(splits, told, strict=True):
            part = part_of(training.reading(names), split.train)
            model = fit_model(part, find_technique("logistic"), progress=Silent())
            pd[split.test] = model.pd(training.frame.take(split.test))
        judged = ~np.isnan(pd)
        by_hand = validate(pd[judged], training.bad[judged], cutoff=0.5)
        assert (found.judged[0].validation == by_hand) is right
    assert found.selected == (1, 1, 1)
    assert found.candidates > 2


def test_an_unknown_name_too_few_folds_and_nothing_to_judge_are_refused(shop: Shop) -> None:
    with pytest.raises(TechniqueError, match="no such technique"):
        compare_techniques(request(shop, "logistic", "magic"))
    with pytest.raises(TrainingError, match="at least 2"):
        compare_techniques(request(shop, "logistic", folds=1))
    with pytest.raises(TechniqueError, match="no technique could be judged") as refused:
        compare_techniques(request(shop, "lacking", "broken"))
    assert refused.value.hint == 'install "solvent[catboost]"'


def test_the_file_of_figures_says_what_the_record_says(
    shop: Shop, record: TechniquesRecord, tmp_path: Path
) -> None:
    target = tmp_path / "figures.csv"
    compare_techniques(request(shop, "logistic", "mine", "constant", "lacking", output=target))
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["technique"] for row in rows] == [*(one.name for one in record.judged), "lacking"]
    for row, one in zip(rows, record.judged, strict=False):
        assert float(row["auc"]) == one.validation.auc.auc
        assert float(row["log_loss"]) == one.validation.log_loss
        assert row["can_go_live"] == ("yes" if one.live else "no")
        pair = record.against_best(one.name)
        assert row["behind_best"] == ("" if pair is None else str(pair.found.difference))
    assert rows[-1]["failed"] == "catboost is not installed"
