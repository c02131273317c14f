"""Reasons and hints in answers, as OpenAPI documents them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ANSWER = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class _Answer(BaseModel):
    model_config = ANSWER


class Reason(_Answer):
    """A principal reason, in words an applicant reads."""

    text: str
    source: Literal["model", "rule"]
    code: str = Field(description="Of the rule; empty where the model decided.")
    effect: float = Field(description="Log-odds of bad against the reference group.")


class Effect(_Answer):
    """What all features with one reason text added."""

    text: str
    effect: float = Field(description="Log-odds of bad against the reference group.")
    features: list[str]


class SecondReason(_Answer):
    """A principal reason against the group that the policy did not name."""

    text: str
    effect: float = Field(description="Log-odds of bad against that group.")


class ReasonText(_Answer):
    """A principal reason as the applicant sees it."""

    text: str


class Hint(_Answer):
    """One change with which the same model and policy approved, all else the same."""

    feature: str
    title: str
    way: Literal["lower", "higher"] = Field(description="Which way it would be changed.")
    value: float = Field(description="The nearest value tried with which it is approved.")
    value_text: str = Field(examples=["10 BRL"])
    beyond: bool = Field(description="True where every value tried further is approved too.")
    text: str = Field(examples=["With airtime lent at 10 BRL or less this would be approved."])
    told: str = Field(description="As the applicant reads it.")


class HintText(_Answer):
    """A hint as the applicant sees it: what it is about, and its bound; no promise."""

    text: str = Field(examples=["Airtime lent: 10 BRL or less"])
