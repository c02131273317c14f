"""A lending product as the API describes it: its form, its cutoffs, its bands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class QuestionKind(StrEnum):
    """What an answer to a question is."""

    NUMBER = "number"
    MONEY = "money"
    INTEGER = "integer"
    CHOICE = "choice"
    YES_NO = "yes_no"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSummary:
    """One line of the list of products.

    Args:
        name: The name the API's addresses use.
        title: The name people read.
        currency: Code or unit of its money.
        model_version: Of the model in use; None where an applicant's key asks.
        policy_version: Of the policy in use; None where an applicant's key asks.
        policy_name: Of the policy in use; empty where an applicant's key asks.
        clients: How many clients the server knows; None where an applicant's key asks.
    """

    name: str
    title: str
    currency: str
    model_version: int | str | None = None
    policy_version: int | str | None = None
    policy_name: str = ""
    clients: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer that can be chosen: what is sent, and the words shown."""

    value: str | float | int | bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of the application form.

    Args:
        column: The attribute its answer is sent as.
        text: The question as the applicant reads it.
        detail: A line of help; may be empty.
        kind: What an answer is.
        unit: Shown beside the field; may be empty.
        choices: What can be chosen; empty unless `kind` is a choice.
        at_least, at_most: Limits of a number; None for none.
        required: False where it may be left out.
    """

    column: str
    text: str
    detail: str
    kind: QuestionKind
    unit: str | None
    choices: tuple[Choice, ...] | None
    at_least: float | None
    at_most: float | None
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A band of scores; it starts at `score_from` (None: without a lower end)."""

    name: str
    score_from: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A safer product offered in place of the one asked for, below a PD of its own."""

    name: str
    title: str
    detail: str
    approve_below: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceName:
    """A table the server knows about a client, by name and in words."""

    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductForm:
    """What a product asks; every key may read it, an applicant's too.

    Args:
        name: The name the API's addresses use.
        title: The name people read.
        currency: Code or unit of its money.
        form: Questions in the order they are asked.
        key_words: What the client's key is called ("client number").
    """

    name: str
    title: str
    currency: str
    form: tuple[Question, ...]
    key_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(ProductForm):
    """A lending product: what it asks, how it decides, how good its model is.

    Args:
        model_version: Of the model in use.
        policy_version: Of the policy in use.
        policy_name: Of the policy in use.
        clients: How many clients the server knows.
        approve_below: PD below which the policy approves.
        refer_below: PD below which a person looks at it.
        approve_score: The score that belongs to `approve_below`.
        bands: Bands of scores.
        alternatives: Safer products, best first.
        sources: The tables the server knows about a client.
        features: How many values the model reads.
        trained_at: When the model was trained, ISO 8601 UTC.
        test_auc: AUC on the test part; None where it has none.
        bad_words: The definition of bad, in words.
        bad_rate: Share of bad loans in training; None where unknown.
        reference: The group that effects are measured against, in words.
        offer_unit: Unit of the amounts offered.
        pdo: Points that double the odds of repayment; None where the server does not say.
    """

    model_version: int | str
    policy_version: int | str
    policy_name: str
    clients: int
    approve_below: float
    refer_below: float | None
    approve_score: float
    bands: tuple[Band, ...]
    alternatives: tuple[Alternative, ...]
    sources: tuple[SourceName, ...]
    features: int
    trained_at: str
    test_auc: float | None
    bad_words: str
    bad_rate: float | None
    reference: str
    offer_unit: str
    pdo: float | None = None
