"""Laws of a chain: each row is scored by the first link that knows it, and by no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solvent.errors import BundleError, DeclarationError, TechniqueError, TrainingError
from solvent.features import FeatureFrame
from solvent.models import (
    Card,
    Guidance,
    TrainedModel,
    find_technique,
    load_bundle,
    save_bundle,
    start_training,
)
from solvent.models.chain import LinkPlan, chain_of, fit_chain, of_link, places_of
from solvent.models.documents import to_bytes
from solvent.models.links import Link
from solvent.models.scorers.chain import CHAIN_FILE, ChainModel, load
from solvent.models.trained import fit_model
from solvent.progress import Silent
from tests.models.frames import applicants, customers, number

ROWS = 1200
OWN, FULL = ("age", "colour"), ("age", "colour", "income")


def frame_of(rows: int, seed: int) -> tuple[FeatureFrame, np.ndarray, np.ndarray]:
    """Applicants of whom about half are known; some of those have no income on record."""
    frame, bad = applicants(rows, seed=seed)
    rng = np.random.default_rng(seed)
    known = rng.random(rows) < 0.5
    income = np.where(known & (rng.random(rows) < 0.9), frame["income"].values, np.nan)
    columns = (number("income", income), frame["age"], frame["colour"])
    known_column = number("people_known", np.where(known, 1.0, np.nan))
    return FeatureFrame(rows=rows, columns=(*columns, known_column)), bad, known


def plans(known: np.ndarray, techniques: tuple[str, str]) -> tuple[LinkPlan, ...]:
    first, last = (find_technique(name) for name in techniques)
    return (
        LinkPlan(
            link=Link(name="client", needs=("people",), words="clients"), asks=("people_known",),
            features=FULL, technique=first, known=known,
        ),
        LinkPlan(
            link=Link(name="newcomer"), asks=(), features=OWN, technique=last,
            known=np.ones(len(known), np.bool_),
        ),
    )  # fmt: skip


def fitted(techniques: tuple[str, str]) -> TrainedModel:
    frame, bad, known = frame_of(ROWS, 1)
    training = start_training(frame.select(FULL), bad, groups=customers(ROWS), seed=1)
    return fit_chain(training, plans(known, techniques), progress=Silent())


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    return fitted(("boosted_trees", "logistic"))


@pytest.fixture(scope="module")
def chain(trained: TrainedModel) -> ChainModel:
    found = chain_of(trained)
    assert found is not None
    return found


def test_each_row_has_the_pd_of_its_own_link_to_the_last_bit(
    trained: TrainedModel, chain: ChainModel
) -> None:
    frame, _, known = frame_of(300, 2)
    client, newcomer = (link.trained.pd(frame) for link in chain.links)
    assert (trained.pd(frame) == np.where(known, client, newcomer)).all()
    assert (places_of(trained, frame) == np.where(known, 0, 1)).all()


def test_a_client_all_of_whose_values_are_missing_is_a_client(chain: ChainModel) -> None:
    """Who is known is told by a row that is there, never guessed from empty values."""
    frame, _, known = frame_of(300, 2)
    empty = known & np.isnan(frame["income"].values)
    assert empty.any()
    assert (chain.places(frame)[empty] == 0).all()


def test_one_row_alone_is_scored_as_among_many(trained: TrainedModel) -> None:
    frame, _, _ = frame_of(60, 3)
    together, told = trained.pd(frame), trained.contributions(frame)
    for place in range(60):
        alone = frame.take(np.array([place]))
        assert trained.pd(alone)[0] == together[place]
        assert (trained.contributions(alone)[0] == told[place]).all()


def test_contributions_sum_to_the_margin_and_are_nothing_where_a_link_does_not_read(
    trained: TrainedModel, chain: ChainModel
) -> None:
    frame, _, known = frame_of(300, 2)
    told = trained.contributions(frame)
    assert told.shape == (300, len(chain.features) + 1)
    assert np.allclose(told.sum(axis=1), trained.margin(frame), atol=1e-12)
    income = told[:, chain.features.index("income")]
    assert (income[~known] == 0.0).all()
    assert (income[known] != 0.0).any()


def test_out_of_fold_pds_are_those_of_the_link_that_scores() -> None:
    """As two models trained apart, each on those it may read, give them."""
    frame, bad, known = frame_of(ROWS, 1)
    logistic = find_technique("logistic")
    chain = fitted(("logistic", "logistic"))

    def apart(names: tuple[str, ...], rows: np.ndarray) -> np.ndarray:
        own = frame.select(names).take(rows)
        training = start_training(own, bad[rows], groups=customers(ROWS)[rows], seed=1)
        return fit_model(training, logistic, progress=Silent()).out_of_fold

    expected = apart(OWN, np.ones(ROWS, np.bool_))
    expected[known] = apart(FULL, known)
    assert (chain.out_of_fold == expected).all()


def test_a_chain_is_kept_in_a_bundle_and_read_back_bit_for_bit(
    trained: TrainedModel, tmp_path: Path
) -> None:
    digest = save_bundle(tmp_path / "one", trained, {"product": "made up"})
    assert save_bundle(tmp_path / "two", trained, {"product": "made up"}) == digest
    again, _ = load_bundle(tmp_path / "one")
    frame, _, _ = frame_of(300, 2)
    assert (again.pd(frame) == trained.pd(frame)).all()
    assert (again.contributions(frame) == trained.contributions(frame)).all()
    assert again.features == trained.features
    assert again.importance() == trained.importance()
    assert again.technique == "boosted_trees, logistic"
    assert again.model.exact


def test_where_the_source_is_absent_everybody_is_scored_by_the_last_link(
    trained: TrainedModel, chain: ChainModel
) -> None:
    frame, _, _ = frame_of(300, 2)
    without = frame.select(OWN)
    assert (trained.pd(without) == chain.links[-1].trained.pd(frame)).all()


def test_importances_weigh_links_by_whom_they_score(chain: ChainModel) -> None:
    total = sum(link.rows for link in chain.links)
    assert total == ROWS
    for one in chain.importance():
        parts = [
            link.rows / total * found.share
            for link in chain.links
            for found in link.trained.importance()
            if found.name == one.name
        ]
        assert one.share == pytest.approx(sum(parts))
    assert sum(one.share for one in chain.importance()) == pytest.approx(1.0)


def test_a_link_that_knows_too_few_is_refused_by_name() -> None:
    frame, bad, known = frame_of(ROWS, 1)
    few = np.cumsum(known) <= 30
    training = start_training(frame.select(FULL), bad, groups=customers(ROWS), seed=1)
    client, newcomer = plans(few & known, ("logistic", "logistic"))
    with pytest.raises(TrainingError, match="too few") as caught:
        fit_chain(training, (client, newcomer), progress=Silent())
    assert caught.value.field == "chain.client"


def test_a_bundle_without_a_link_for_everybody_is_refused(chain: ChainModel) -> None:
    only = ChainModel(links=(replace(chain.links[0]),))
    for files in (only.save(), {**chain.save(), CHAIN_FILE: to_bytes({"links": []})}):
        with pytest.raises(BundleError, match="everybody"):
            load(files, "")


def test_a_chain_with_a_link_of_no_native_form_is_not_kept(
    chain: ChainModel, tmp_path: Path
) -> None:
    bare = replace(chain.links[0].trained, model=_NotKept())  # type: ignore[arg-type]
    mixed = ChainModel(links=(replace(chain.links[0], trained=bare), chain.links[1]))
    kept = replace(chain.links[1].trained, model=mixed)
    with pytest.raises(TechniqueError, match="no native scorer"):
        save_bundle(tmp_path / "bundle", kept, {})


class _NotKept:
    technique, scorer, features = "a fake", "", ()


def test_a_damaged_link_is_refused_by_the_name_of_its_file(chain: ChainModel) -> None:
    files = chain.save()
    del files[next(name for name in files if name.startswith("client.") and "model.txt" in name)]
    with pytest.raises(BundleError, match=r"model\.txt"):
        load(files, "")


def test_a_link_is_told_of_its_own_features_and_of_settings_tuned_for_it() -> None:
    """What a card decides of others is left out; settings of another model are not its own."""
    frame, bad, known = frame_of(ROWS, 1)
    guidance = Guidance(
        directions={"income": -1, "age": -1}, card=Card(drop=("income", "age")),
        settings={"penalty": 7.0}, periods=np.arange(ROWS),
    )  # fmt: skip
    training = start_training(
        frame.select(FULL), bad, groups=customers(ROWS), seed=1, guidance=guidance
    )
    client, newcomer = plans(known, ("boosted_trees", "logistic"))
    tuned = replace(client, settings={"learning_rate": 0.1}, members={"logistic": {"penalty": 3.0}})
    told = of_link(training, tuned).guidance
    assert (told.directions, told.settings) == (guidance.directions, {"learning_rate": 0.1})
    assert told.members == {"logistic": {"penalty": 3.0}}
    assert (told.periods == np.flatnonzero(known)).all()
    own = replace(newcomer, link=replace(newcomer.link, technique="logistic"))
    less = of_link(training, own).guidance
    assert (less.directions, dict(less.settings)) == ({"age": -1}, {})
    assert less.card is not None
    assert less.card.drop == ("age",)


def test_a_card_that_decides_of_no_feature_of_any_link_is_refused() -> None:
    frame, bad, known = frame_of(ROWS, 1)
    training = start_training(
        frame.select(FULL), bad, groups=customers(ROWS), seed=1,
        guidance=Guidance(card=Card(drop=("incme",))),
    )  # fmt: skip
    with pytest.raises(DeclarationError, match="incme"):
        fit_chain(training, plans(known, ("logistic", "logistic")), progress=Silent())
