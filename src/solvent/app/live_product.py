"""A product gone live: a frozen bundle and a policy, ready to decide; no product code runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvent.dataset.plan import reads
from solvent.errors import BundleError, DeclarationError
from solvent.features import (
    Applications,
    Attributes,
    Events,
    Feature,
    Kind,
    from_json,
)
from solvent.features.packed import Typing, typing_for
from solvent.features.program import Program, compile_features
from solvent.models import Population, TrainedModel
from solvent.models.chain import chain_of
from solvent.policy import Compare, OneOf, Policy, ReferenceGroup, leaves
from solvent.scoring import Scale, just_approved, reference_mean, score
from solvent.store import RegisteredModel

FloatArray = NDArray[np.float64]
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned:
    """A policy and what names it.

    Args:
        policy: The policy.
        version: Its version in the registry; 0 where it comes straight from a file.
        digest: SHA-256 of its document.
    """

    policy: Policy
    version: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference:
    """The group that reasons of one model compare with.

    Args:
        features: What that model reads.
        places: Where these and the baseline stand in the product's contributions, shape (k + 1,).
        mean: The group's mean contributions, shape (k + 1,).
        words: The group in words.
        scored: Positions of all whom the model scored among the population's explained rows.
        members: Positions of its members among the population's explained rows.
        second_mean: Mean contributions of the group the policy did not name, shape (k + 1,).
        second_words: That group in words.
        link: The link of a chain that scored its members; empty where there is a single model.
        link_words: Whom that model is for; empty where there is a single model.
    """

    features: tuple[str, ...]
    places: NDArray[np.int64]
    mean: FloatArray
    words: str
    scored: NDArray[np.int64]
    members: NDArray[np.int64]
    second_mean: FloatArray
    second_words: str
    link: str = ""
    link_words: str = ""

    @property
    def scored_with(self) -> str:
        """The model in words; empty where there is a single one."""
        return model_words(self.link_words)


def model_words(whom: str) -> str:
    """Return a model of a chain in words.

    >>> model_words("clients the bank knows")
    'the model for clients the bank knows'
    """
    return f"the model for {whom}" if whom else ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveProduct:
    """Everything a decision needs.

    Args:
        registered: The model with what training wrote beside it.
        versioned: The policy.
        program: Features of the model, and application values a policy may read, compiled.
        population: Test applications to compare applicants with.
        references: The groups that reasons compare with, one for each link of a chain of models,
            one alone where there is a single model.
    """

    registered: RegisteredModel
    versioned: Versioned
    program: Program
    population: Population
    references: tuple[Reference, ...]

    @property
    def name(self) -> str:
        """Name of the product."""
        return self.registered.product

    @property
    def title(self) -> str:
        """What a person calls the product."""
        return str(self.registered.about["title"] or self.name.replace("_", " "))

    @property
    def model(self) -> TrainedModel:
        """The model."""
        return self.registered.model

    @property
    def reference_words(self) -> str:
        """The groups that reasons compare with, in words."""
        return "; ".join(dict.fromkeys(one.words for one in self.references))

    @property
    def policy(self) -> Policy:
        """The policy."""
        return self.versioned.policy

    @property
    def applications(self) -> Applications:
        """The application table as it was declared when the model was trained."""
        return self.program.applications

    @property
    def facts(self) -> Mapping[str, Any]:
        """What training kept for going live."""
        facts: Mapping[str, Any] = self.registered.about["live"]
        return facts

    @property
    def has_times(self) -> bool:
        """True where applications have instants."""
        return self.applications.as_of is not None

    @property
    def amount_column(self) -> str | None:
        """Application column with the amount asked for."""
        found: str | None = self.registered.about.get("amount")
        return found

    @property
    def approve_score(self) -> int:
        """Score at the cutoff."""
        at_cutoff = np.array([min(self.policy.cutoffs.approve_below, 1 - 1e-12)])
        return int(score(at_cutoff, self.scale)[0])

    @property
    def scale(self) -> Scale:
        """Where scores stand."""
        return self.registered.scale

    @property
    def currency(self) -> str:
        """Currency of the policy's offers, else of its economics."""
        return self.policy.offer.currency or self.policy.economics.currency

    def source(self, name: str) -> Events | Attributes:
        """Return a source by name.

        Raises:
            DeclarationError: The product has no such source.
        """
        sources = self.sources
        if name in self.facts.get("unread", ()):
            raise DeclarationError(
                "no feature of this model reads the source, so its rows are not needed",
                hint=f"sources it reads: {', '.join(sources) or 'none'}", field="source",
            )  # fmt: skip
        if name not in sources:
            raise DeclarationError(
                "the product has no such source", hint=f"sources: {', '.join(sources) or 'none'}",
                field="source",
            )  # fmt: skip
        return sources[name]

    @property
    def sources(self) -> dict[str, Events | Attributes]:
        """Sources by name."""
        return dict(_sources(self))

    @property
    def typings(self) -> Mapping[str, Typing]:
        """How rows are typed, by table: every source, and the applications."""
        return _typings(self)

    @property
    def titles(self) -> dict[str, str]:
        """Words for every feature and application value, by name."""
        return {name: told["title"] for name, told in self.facts["texts"].items()}

    @property
    def sources_read(self) -> tuple[str, ...]:
        """Names of the sources that features read."""
        return tuple(source.table.name for source in self.program.sources)


@lru_cache(maxsize=64)
def _sources(live: LiveProduct) -> dict[str, Events | Attributes]:
    """Return a product's sources, read once: every row that comes in asks for its own."""
    plan: Mapping[str, Any] = live.registered.about["plan"]
    return {source.name: source for source in from_json(plan["sources"])}


@lru_cache(maxsize=64)
def _typings(live: LiveProduct) -> dict[str, Typing]:
    """Return how rows are typed; read once, as every batch and decision asks for it."""
    whole = live.facts["whole_ids"]
    tables = (live.applications, *live.sources.values())
    return {table.name: typing_for(table, table.name in whole) for table in tables}


def go_live(
    registered: RegisteredModel,
    versioned: Versioned,
    population: Population,
    *,
    explained: bool = True,
) -> LiveProduct:
    """Return a product that can decide.

    Args:
        registered: The model.
        versioned: The policy.
        population: The model's test applications.
        explained: False lets features without a reason text pass, for simulations.

    Raises:
        BundleError: The model was trained before products could go live.
        DeclarationError: A feature of the model has no reason text, or the policy reads something
            that the product does not have.
    """
    if "live" not in registered.about:
        raise BundleError(
            f"version {registered.version} was trained by an older solvent and cannot go live",
            hint="train it again", field=registered.product,
        )  # fmt: skip
    plan, facts = registered.about["plan"], registered.about["live"]
    _require_same(registered.product, versioned.policy)
    features = (*from_json(plan["features"]), *from_json(facts["extras"]))
    if explained:
        _require_reasons(registered, facts["reasons"])
    _require_comparable(versioned.policy, features)
    _require_selected(versioned.policy, facts.get("dropped", ()))
    _require_known(versioned.policy, {f.name for f in features}, set(facts["absent"]))
    references = tuple(_references(registered.model, population, versioned.policy))
    applications, sources = from_json(plan["applications"]), from_json(plan["sources"])
    return LiveProduct(
        registered=registered, versioned=versioned,
        program=compile_features(applications, sources, features),
        population=population, references=references,
    )  # fmt: skip


def _references(model: TrainedModel, population: Population, policy: Policy) -> Iterator[Reference]:
    """Yield the groups of each model, of those it scored: others' reasons are not its own."""
    chain = chain_of(model)
    pd = population.pd[population.explained]
    if chain is None:
        everything = np.arange(len(model.features) + 1)
        two = _groups(np.arange(len(pd)), pd, policy)
        yield _reference(population, two, model.features, everything)
        return
    place = chain.places(population.frame.take(population.explained))
    for number, link in enumerate(chain.links):
        own = np.flatnonzero(place == number)
        if not len(own):
            raise BundleError(
                f"no application it was tested on was scored with {model_words(link.words)}, so "
                "its reasons have nobody to compare with",
                hint="leave the link out of the chain, or train on more data", field=link.name,
            )  # fmt: skip
        read = link.trained.features
        places = np.array([*map(chain.features.index, read), len(chain.features)])
        two = tuple(
            (who, f"{words}, among {link.words}") for who, words in _groups(own, pd, policy)
        )
        found = _reference(population, two, read, places)
        yield replace(found, link=link.name, link_words=link.words)


_Group = tuple[NDArray[np.int64], str]


def _reference(
    population: Population, two: tuple[_Group, ...], features: tuple[str, ...],
    places: NDArray[np.int64],
) -> Reference:  # fmt: skip
    (members, words), (others, second_words) = two
    told = population.contributions
    return Reference(
        features=features, places=places, words=words, members=members,
        scored=max((members, others), key=len),
        mean=reference_mean(told[members])[places], second_words=second_words,
        second_mean=reference_mean(told[others])[places],
    )  # fmt: skip


def _groups(own: NDArray[np.int64], pd: FloatArray, policy: Policy) -> tuple[_Group, ...]:
    """Return the reference group the policy names and then the other, each in words.

    Args:
        own: Positions of whom a model scored among the explained rows.
        pd: PD of every explained row.
        policy: Names the group that decisions are told against.
    """
    below = policy.cutoffs.approve_below
    near = own[just_approved(pd[own], below)]
    tested = f"({len(near):,} of those the model was tested on)"
    words = f"applicants who only just qualified {tested}"
    if not bool((pd[near] < below).any()):
        words = f"the safest applicants {tested}, since none of them would be approved"
    two = ((near, words), (own, f"all {len(own):,} applicants the model was tested on"))
    return two[::-1] if policy.compare_with is ReferenceGroup.ALL else two


def _require_same(product: str, policy: Policy) -> None:
    if policy.product != product:
        raise DeclarationError(
            f"the policy decides for {policy.product!r}, the model for {product!r}",
            hint="name the product in the policy file", field="product",
        )  # fmt: skip


def _require_reasons(registered: RegisteredModel, texts: Mapping[str, str]) -> None:
    bare = [name for name in registered.model.features if name not in texts]
    if bare:
        more = f" and {len(bare) - _SHOWN} more" if len(bare) > _SHOWN else ""
        raise DeclarationError(
            f"{len(bare)} features have no reason text, so a refusal could not be explained: "
            f"{', '.join(bare[:_SHOWN])}{more}",
            hint='add reasons={"pattern_*": "words an applicant reads"} to product.py, train again',
            field=registered.product,
        )


def _require_selected(policy: Policy, dropped: Sequence[str]) -> None:
    """Refuse a feature that selection dropped: a rule on it would never see a value."""
    for name in policy.features:
        if name in dropped:
            raise DeclarationError(
                "the policy reads a feature that selection dropped from this model",
                hint=f'keep it: select=Selection(keep=("{name}",)) in product.py, and train again',
                field=name,
            )


def _require_known(policy: Policy, known: set[str], absent: set[str]) -> None:
    """Refuse a name nobody computes; one whose optional source is absent is merely not known."""
    for name in policy.features:
        if name not in known | absent:
            raise DeclarationError(
                "the policy reads a feature that this product does not compute",
                hint=_closest(name, known), field=name,
            )  # fmt: skip


def _require_comparable(policy: Policy, features: Sequence[Feature]) -> None:
    """Refuse a comparison that could never hold: a label with a number."""
    labels = {feature.name: feature.is_category for feature in features}
    for condition in policy.conditions():
        for part in leaves(condition):
            values = part.values if isinstance(part, OneOf) else ()
            if isinstance(part, Compare):
                values = (part.value,)
            wrong = [v for v in values if isinstance(v, str) != labels.get(part.feature, True)]
            if part.feature in labels and wrong:
                kind = "a category" if labels[part.feature] else "a number"
                raise DeclarationError(
                    f"is {kind}, and the policy compares it with something else",
                    hint='write labels in quotes, as in equals: "GRD", and numbers without',
                    field=part.feature,
                )


def _closest(name: str, known: set[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return (
        f"did you mean {' or '.join(close)}?"
        if close
        else "see the features in the training report"
    )


def reads_amount(live: LiveProduct) -> bool:
    """Return True where a feature of the model hangs on the amount asked for."""
    column, weighed = live.amount_column, set(live.model.features)
    return column is not None and any(
        read.table == live.applications.name and read.name == column
        for feature in live.program.features
        if feature.name in weighed
        for read in reads(feature)
    )


def amount_scale(live: LiveProduct) -> int | None:
    """Return the decimals the amount column is kept with; None where it is a measured number."""
    return None if live.amount_column is None else column_scale(live, live.amount_column)


def column_scale(live: LiveProduct, column: str) -> int | None:
    """Return the decimals an application column is kept with; None where it is measured."""
    declared = live.applications.columns[column]
    return None if declared.kind is Kind.NUMBER else declared.scale
