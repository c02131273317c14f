"""How protected groups fare with a model, and which of its features tell who belongs to which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solvent.app.groups import FEWEST, Groups, groups_of
from solvent.app.policy_file import FILE, read_policy
from solvent.dataset import Dataset
from solvent.dataset.gate import model_frame
from solvent.dataset.plan import Plan, reads
from solvent.errors import DeclarationError, MetricError, TrainingError
from solvent.features import Column, Feature, FeatureFrame
from solvent.metrics import (
    AucInterval,
    auc_interval,
    calibration_by_segment,
    holm,
    rate_ratio,
    wilson_interval,
)
from solvent.models import TrainedModel
from solvent.models.quick import fit_quickly
from solvent.models.technique import sample_rows
from solvent.models.telling import tell_alone
from solvent.product import LoadedProduct
from solvent.progress import Progress
from solvent.report import Attribute, Fairness, Group, Proxy

NO_VALUE = (
    "it stands in an optional table that is absent, or in a table of events, where a customer has "
    "many values"
)
FEWEST_BADS = 10
"""An AUC needs so many bads, and goods."""
MOST_TOLD, MOST_SIDES = 5_000, 4
"""Applications that features are asked to tell groups on; groups that are told from the rest."""
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
TextArray = NDArray[np.str_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """Where approval ends.

    Args:
        pd: Applications with a PD below it count as approved.
        words: Where it comes from.
    """

    pd: float
    words: str


def approval_cutoff(loaded: LoadedProduct, told: Cutoff) -> Cutoff:
    """Return the policy's cutoff where groups are looked at and there is a policy, else another.

    Args:
        loaded: The product and its folder.
        told: The cutoff taken where there is none.

    Raises:
        DeclarationError: The folder holds a policy that is not sound: groups that are judged at
            some other cutoff would be judged at one that decides nothing.
    """
    if not loaded.product.protected or not (loaded.folder / FILE).is_file():
        return told
    try:
        _, policy = read_policy(loaded.folder)
    except DeclarationError as error:
        raise DeclarationError(
            f"{error.message}, so how protected groups fare at its cutoff cannot be told",
            hint=f"{error.hint or 'mend it'}; or move {FILE} out of the folder",
            field=error.field or FILE,
        ) from error
    return Cutoff(
        pd=policy.cutoffs.approve_below,
        words=f"It is the PD below which {FILE} approves; its other rules are not applied.",
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tested:
    """The test side.

    Args:
        pd: As the model gives it.
        said: The same before any shift to a central tendency.
        bad: What became of each.
        customer: Whose each is.
        cutoff: Where approval ends.
    """

    pd: FloatArray
    said: FloatArray
    bad: BoolArray
    customer: NDArray[np.int64]
    cutoff: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """How well the model's features tell an attribute; see `Attribute`."""

    together: AucInterval | None = None
    proxies: tuple[Proxy, ...] = ()


def fairness(
    dataset: Dataset, model: TrainedModel, pd_test: FloatArray, cutoff: Cutoff, *, seed: int,
    progress: Progress,
) -> Fairness | None:  # fmt: skip
    """Return how protected groups fare; None where no attribute is protected.

    Args:
        dataset: The dataset, with the protected columns beside the features.
        model: The model.
        pd_test: PD of each test application.
        cutoff: Where approval ends.
        seed: Of the folds on which features tell groups.
        progress: Told how far it is.
    """
    plan = dataset.open_data.plan
    if not plan.protected:
        return None
    test = dataset.split.test
    tested = _Tested(
        pd=pd_test, said=model.calibration.unshifted(pd_test), bad=dataset.bad[test],
        customer=dataset.customer[test], cutoff=cutoff.pd,
    )  # fmt: skip
    attributes = []
    columns = tuple(_protected(plan))
    with progress.step("looking at protected groups", len(columns)) as step:
        for column, title, feature in columns:
            attributes.append(
                Attribute(name=column.name, title=title, why_not=NO_VALUE)
                if feature is None
                else _attribute(dataset, feature, title, tested, model, seed)
            )
            step.advance()
    return Fairness(
        cutoff=cutoff.pd, cutoff_words=cutoff.words, attributes=_read_together(attributes)
    )


def _protected(plan: Plan) -> Iterator[tuple[Column, str, Feature | None]]:
    """Yield every protected column of every table, its title, and the feature that gives it."""
    watched = {(c.table, c.name): f for f in plan.watched for c in reads(f)}
    for name in plan.protected:
        tables = [t for t in (plan.applications, *plan.sources) if name in t.columns]
        for table in tables:
            column = table[name]
            title = column.declared.title or name.replace("_", " ")
            if len(tables) > 1:
                title += f" ({table.title or table.name})"
            yield column, title, watched.get((table.name, name))


def _attribute(
    dataset: Dataset, feature: Feature, title: str, tested: _Tested, model: TrainedModel, seed: int
) -> Attribute:
    column = next(reads(feature))
    groups = groups_of(dataset.frame[feature.name], column.declared, dataset.split.test)
    told = _told(dataset, groups.labels, model, seed)
    return Attribute(
        name=column.name, title=title, groups=_groups(groups, dataset.split.test, tested),
        together=told.together, proxies=told.proxies,
    )  # fmt: skip


def _groups(groups: Groups, test: BoolArray, tested: _Tested) -> tuple[Group, ...]:
    labels = groups.labels[test]
    told = {s.segment: s for s in calibration_by_segment(tested.said, tested.bad, labels)}
    approved = tested.pd < tested.cutoff
    names = [name for name in groups.names if name in told]
    found = []
    for name in names:
        inside = labels == name
        n, passed = int(inside.sum()), int(approved[inside].sum())
        low, high = wilson_interval(passed, n)
        found.append(
            Group(
                label=name, n=n, share=n / len(labels), approved=passed, low=low, high=high,
                ratio=None, calibration=told[name], calibration_p=told[name].p_value,
                auc=_auc(tested, inside), few=n < FEWEST,
            )
        )  # fmt: skip
    best = Attribute(name="", title="", groups=tuple(found)).best
    if best is None or not best.approved:
        return tuple(found)
    whole = (best.approved, best.n)
    return tuple(
        group
        if group is best
        else replace(group, ratio=rate_ratio((group.approved, group.n), whole))
        for group in found
    )


def _auc(tested: _Tested, inside: BoolArray) -> AucInterval | None:
    bad = tested.bad[inside]
    bads = int(bad.sum())
    if min(bads, len(bad) - bads) < FEWEST_BADS:
        return None
    try:
        return auc_interval(tested.pd[inside], bad, clusters=tested.customer[inside])
    except MetricError:  # one customer holds every bad, or every good
        return None


def _read_together(attributes: list[Attribute]) -> tuple[Attribute, ...]:
    """Adjust the p-values of calibration for all groups of all attributes."""
    told = [g.calibration_p for a in attributes for g in a.groups if g.calibration_p is not None]
    adjusted = iter(holm(told).tolist())
    return tuple(
        replace(
            attribute,
            groups=tuple(
                group
                if group.calibration_p is None
                else replace(group, calibration_p=next(adjusted))
                for group in attribute.groups
            ),
        )
        for attribute in attributes
    )


def _told(dataset: Dataset, labels: TextArray, model: TrainedModel, seed: int) -> _Told:
    """Return how well the model's features tell the groups: each alone, and all together."""
    some = sample_rows(len(labels), MOST_TOLD)
    frame = model_frame(dataset.open_data.plan, dataset.frame).take(some)
    customer, labels = dataset.customer[some], labels[some]
    alone, together, weights = [], [], []
    for inside in _sides(labels):
        try:
            alone.append(tell_alone(frame, inside, groups=customer, seed=seed))
            together.append(_together(frame, inside, customer, seed))
        except (TrainingError, MetricError):  # one customer holds the whole group
            continue
        weights.append(float(inside.mean()))
    if not weights:
        return _Told()
    titles = {feature.name: feature.title for feature in dataset.open_data.plan.model_features}
    shares = {found.name: found.share for found in model.importance()}
    aucs = np.average(np.array(alone), axis=0, weights=weights)
    proxies = [
        Proxy(
            name=name, title=titles[name], auc=float(auc), importance=shares.get(name, 0.0),
        )
        for name, auc in zip(frame.names, aucs.tolist(), strict=True)
    ]  # fmt: skip
    return _Told(
        together=_mean(together, weights),
        proxies=tuple(sorted(proxies, key=lambda proxy: (-proxy.auc, proxy.name))),
    )


def _sides(labels: TextArray) -> Iterator[BoolArray]:
    """Yield who belongs to each of the largest groups; of two groups one is enough."""
    names, counts = np.unique(labels, return_counts=True)
    most = MOST_SIDES if len(names) > 2 else len(names) - 1
    for place in np.argsort(-counts, kind="stable")[:most].tolist():
        if FEWEST <= counts[place] <= len(labels) - FEWEST:
            yield labels == names[place]


def _together(
    frame: FeatureFrame, inside: BoolArray, customer: NDArray[np.int64], seed: int
) -> AucInterval:
    pd = fit_quickly(frame, inside, groups=customer, seed=seed).pd
    return auc_interval(pd, inside, clusters=customer)


def _mean(found: list[AucInterval], weights: list[float]) -> AucInterval:
    """Average AUCs of one group each; their errors as if all were one, which is wide enough."""
    share = np.array(weights) / sum(weights)
    auc = float(share @ [one.auc for one in found])
    low, high = (float(share @ [getattr(one, end) for one in found]) for end in ("low", "high"))
    return AucInterval(
        auc=auc, low=low, high=high, level=found[0].level,
        standard_error=float(share @ [one.standard_error for one in found]),
    )  # fmt: skip
