"""A question of the application form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from solvent.errors import DeclarationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question an applicant answers.

    Args:
        column: The application column it fills.
        text: The question as the applicant reads it.
        detail: A line of help beneath; may be empty.
        choices: For a category: value -> words, in the order shown; empty lets the model's own
            levels be chosen.
        at_least: Smallest number allowed; None for none.
        at_most: Largest number allowed; None for none.
        unit: Unit shown beside the field; empty takes the column's.
        required: False where it may be left out.
    """

    column: str
    text: str
    detail: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    required: bool = True

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise DeclarationError(
                "asks nothing", hint="write the question as an applicant reads it",
                field=f"form.{self.column}",
            )  # fmt: skip
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            raise DeclarationError(
                f"allows nothing between {low:g} and {high:g}",
                hint="at_least must not be above at_most", field=f"form.{self.column}",
            )  # fmt: skip
