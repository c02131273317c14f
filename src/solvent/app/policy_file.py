"""The policy file: YAML that a risk manager reads and writes, checked word by word at the door."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from solvent.domain import Verdict
from solvent.errors import DeclarationError, MissingFileError
from solvent.policy import (
    AllOf,
    Alternative,
    AnyOf,
    Band,
    Cap,
    Compare,
    Comparison,
    Condition,
    CostMatrix,
    Cutoffs,
    Economics,
    Figure,
    IsMissing,
    KnockOut,
    Not,
    OfferRule,
    OneOf,
    Policy,
    ReferenceGroup,
    Variant,
)

FILE = "policy.yaml"
Document = Mapping[str, Any]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[Finite, Field(ge=0.0, le=1.0)]
_UNREADABLE = (
    *(yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, RecursionError),
)  # fmt: skip
"""PyYAML lets Python's own errors through: of a day that is none, of lists nested too deep."""


def read_policy(folder: Path) -> tuple[dict[str, Any], Policy]:
    """Read `policy.yaml` of a product's folder.

    Returns:
        The document as it is kept, and the policy it declares.

    Raises:
        MissingFileError: There is none.
        DeclarationError: It is no YAML, or declares no sound policy.
    """
    path = folder / FILE
    if not path.is_file():
        raise MissingFileError(
            f"there is no {FILE} in {folder.name or folder}",
            hint="a policy says when to approve and what a loan brings; "
            "see examples/airtime_loans/policy.yaml",
            field="policy",
        )
    try:
        return parse_text(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise DeclarationError("is not UTF-8 text", hint="save it as UTF-8", field=FILE) from error


def parse_text(text: str) -> tuple[dict[str, Any], Policy]:
    """Read the text of a policy file.

    Returns:
        The document as it is kept, and the policy it declares.

    Raises:
        DeclarationError: It is no YAML, or declares no sound policy.
    """
    try:
        document = yaml.load(text, Loader=_OnceLoader)  # noqa: S506 - a SafeLoader
    except _UNREADABLE as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark is not None else ""
        problem = getattr(error, "problem", None) or "a line is not as YAML wants it"
        raise DeclarationError(
            f"cannot be read as YAML: {problem}{line}", hint="mend that line", field=FILE
        ) from error
    if not isinstance(document, dict):
        raise DeclarationError("declares nothing", hint="start with product:", field=FILE)
    return document, parse_policy(document)


def parse_policy(document: Document) -> Policy:
    """Return the policy a document declares.

    Raises:
        DeclarationError: A word is unknown or missing, or a value is out of range.
    """
    try:
        return _Policy.model_validate(document).policy()
    except ValidationError as error:
        raise _told(error) from None


class _OnceLoader(yaml.SafeLoader):
    """Reads plain YAML and refuses a key that stands twice, of which one would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a list or a mapping cannot be a word of the policy", key.start_mark
                )
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


class _Part(BaseModel):
    """A part of the file: unknown words are refused, texts are never taken for numbers."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class _When(_Part):
    feature: str | None = None
    below: Finite | None = None
    at_most: Finite | None = None
    above: Finite | None = None
    at_least: Finite | None = None
    equals: Finite | bool | str | None = None
    one_of: list[Finite | bool | str] | None = None
    missing: bool | None = None
    all: list[_When] | None = None
    any: list[_When] | None = None
    not_: _When | None = Field(default=None, alias="not")

    def condition(self, where: str) -> Condition:
        given = {name: value for name, value in self if value is not None}
        groups = [name for name in ("all", "any", "not_") if name in given]
        if len(groups) == 1 and len(given) == 1:
            return self._group(where)
        feature = given.pop("feature", None)
        if feature is None or groups or len(given) != 1:
            raise DeclarationError(
                "asks nothing, or several things at once",
                hint="write {feature: NAME, below: 18}, or above, at_least, at_most, equals, "
                "one_of, missing; join several with all: [...] or any: [...]",
                field=where,
            )
        ((word, value),) = given.items()
        if word == "one_of":
            return OneOf(feature=feature, values=tuple(_plain(one) for one in value))
        if word == "missing":
            asked = IsMissing(feature=feature)
            return asked if value else Not(part=asked)
        return Compare(feature=feature, comparison=Comparison(word), value=_plain(value))

    def _group(self, where: str) -> Condition:
        if self.not_ is not None:
            return Not(part=self.not_.condition(where))
        parts = tuple(one.condition(where) for one in (self.all or self.any or []))
        if not parts:
            raise DeclarationError("joins nothing", hint="list conditions", field=where)
        return AllOf(parts=parts) if self.all else AnyOf(parts=parts)


class _KnockOut(_Part):
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    when: _When
    reason: Annotated[str, Field(min_length=3)]
    verdict: Literal["decline", "refer"] = "decline"
    unknown: Literal["passes", "caught"] = "passes"

    def rule(self) -> KnockOut:
        return KnockOut(
            code=self.code, when=self.when.condition(f"knock_outs.{self.code}.when"),
            reason=self.reason, verdict=Verdict(self.verdict),
            catches_unknown=self.unknown == "caught",
        )  # fmt: skip


class _Cutoffs(_Part):
    approve_below: Finite
    refer_below: Finite | None = None


class _Band(_Part):
    name: Annotated[str, Field(min_length=1)]
    score_from: int
    amount: Annotated[Finite, Field(gt=0)] | None = None
    price: Annotated[Finite, Field(ge=0)] | None = None


class _Cap(_Part):
    feature: str
    times: Annotated[Finite, Field(gt=0)] = 1.0
    otherwise: Annotated[Finite, Field(ge=0)]
    at_least: Annotated[Finite, Field(ge=0)] = 0.0


class _Variant(_Part):
    name: Annotated[str, Field(min_length=1)]
    title: Annotated[str, Field(min_length=1)]
    when: _When | None = None
    detail: str = ""


class _Offer(_Part):
    variants: Annotated[list[_Variant], Field(min_length=1)]
    amounts: list[Finite] = []
    currency: str = ""
    scale: Annotated[int, Field(ge=0, le=6)] = 2
    price: Annotated[Finite, Field(ge=0)] | None = None
    term_days: Annotated[int, Field(gt=0)] | None = None
    caps: list[_Cap] = []

    def rule(self) -> OfferRule:
        variants = tuple(
            Variant(
                name=one.name, title=one.title, detail=one.detail,
                when=None if one.when is None
                else one.when.condition(f"offer.variants.{one.name}.when"),
            )
            for one in self.variants
        )  # fmt: skip
        return OfferRule(
            variants=variants, amounts=tuple(self.amounts), currency=self.currency,
            scale=self.scale, price=self.price, term_days=self.term_days,
            caps=tuple(Cap(**one.model_dump()) for one in self.caps),
        )  # fmt: skip


class _Alternative(_Part):
    name: Annotated[str, Field(min_length=1)]
    title: Annotated[str, Field(min_length=1)]
    approve_below: Finite
    amount: Annotated[Finite, Field(gt=0)] | None = None
    price: Annotated[Finite, Field(ge=0)] | None = None
    detail: str = ""
    when: _When | None = None

    def alternative(self) -> Alternative:
        when = self.when
        return Alternative(
            name=self.name, title=self.title, approve_below=self.approve_below,
            amount=self.amount, price=self.price, detail=self.detail,
            when=None if when is None else when.condition(f"alternatives.{self.name}.when"),
        )  # fmt: skip


class _Figure(_Part):
    feature: str
    times: Finite = 1.0
    otherwise: Finite | None = None
    at_least: Finite | None = None
    at_most: Finite | None = None

    def figure(self) -> Figure:
        return Figure(
            fixed=self.otherwise, feature=self.feature, times=self.times, at_least=self.at_least,
            at_most=self.at_most,
        )  # fmt: skip


class _Economics(_Part):
    amount: Finite | _Figure
    revenue: Finite | _Figure | None = None
    rate: Finite = 0.0
    lgd: Share = 1.0
    cost_per_loan: Finite = 0.0
    cost_per_application: Finite = 0.0
    currency: str = ""

    def economics(self) -> Economics:
        return Economics(
            amount=_figure(self.amount),
            revenue=None if self.revenue is None else _figure(self.revenue),
            rate=self.rate, lgd=self.lgd, cost_per_loan=self.cost_per_loan,
            cost_per_application=self.cost_per_application, currency=self.currency,
        )  # fmt: skip


class _CostMatrix(_Part):
    good_approved: Finite
    bad_approved: Finite
    good_declined: Finite = 0.0
    bad_declined: Finite = 0.0
    currency: str = "units"


class _Policy(_Part):
    product: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    name: Annotated[str, Field(min_length=1)]
    cutoffs: _Cutoffs
    offer: _Offer
    economics: _Economics | None = None
    cost_matrix: _CostMatrix | None = None
    knock_outs: list[_KnockOut] = []
    bands: list[_Band] = []
    alternatives: list[_Alternative] = []
    compare_with: Literal["just_approved", "all"] = "just_approved"

    def policy(self) -> Policy:
        cutoffs = self.cutoffs
        return Policy(
            product=self.product, name=self.name,
            cutoffs=Cutoffs(
                approve_below=cutoffs.approve_below,
                refer_below=cutoffs.approve_below
                if cutoffs.refer_below is None
                else cutoffs.refer_below,
            ),
            offer=self.offer.rule(), economics=self._money(),
            knock_outs=tuple(one.rule() for one in self.knock_outs),
            bands=tuple(Band(**one.model_dump()) for one in self.bands),
            alternatives=tuple(one.alternative() for one in self.alternatives),
            compare_with=ReferenceGroup(self.compare_with),
        )  # fmt: skip

    def _money(self) -> Economics | CostMatrix:
        if self.economics is not None and self.cost_matrix is None:
            return self.economics.economics()
        if self.cost_matrix is not None and self.economics is None:
            return CostMatrix(**self.cost_matrix.model_dump())
        raise DeclarationError(
            "says nothing of money, or says it twice",
            hint="declare economics: (amount, rate, lgd) or cost_matrix:, one of them",
            field="economics",
        )


def _figure(given: float | _Figure) -> Figure:
    return given.figure() if isinstance(given, _Figure) else Figure(fixed=float(given))


def _plain(value: float | str) -> float | str:
    return value if isinstance(value, str) else float(value)


def _told(error: ValidationError) -> DeclarationError:
    """Return the fault that tells most: an unknown word, else the one deepest in the file."""
    found = error.errors(include_url=False, include_input=False)
    first = min(found, key=lambda one: (one["type"] != "extra_forbidden", -len(one["loc"])))
    where = ".".join(_as_written(first["loc"])) or FILE
    if first["type"] == "extra_forbidden":
        known = _words_at(first["loc"][:-1])
        close = difflib.get_close_matches(str(first["loc"][-1]), known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(known)}"
        return DeclarationError("the policy knows no such word", hint=hint, field=where)
    if first["type"] == "missing":
        return DeclarationError("is missing from the policy", hint="add it", field=where)
    return DeclarationError(
        f"does not fit: {first['msg'].lower()}", hint=f"see {FILE} of the examples", field=where
    )


def _as_written(path: Sequence[int | str]) -> list[str]:
    """Return a path without what pydantic adds to it: the kinds of value it tried."""
    kinds = {"float", "bool", "str", _Figure.__name__}
    return [
        str(step)
        for place, step in enumerate(path)
        if step not in kinds or step in _words_at(path[:place])
    ] or [str(step) for step in path]


def _words_at(path: Sequence[int | str]) -> list[str]:
    """Return the words a part of the file may hold."""
    part: type[BaseModel] = _Policy
    for step in path:
        if isinstance(step, str) and step in part.model_fields:
            part = _part_of(part.model_fields[step].annotation) or part
    return [field.alias or name for name, field in part.model_fields.items()]


def _part_of(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _part_of(inner)
        if found is not None:
            return found
    return None
