"""One promise measured: what was promised, what was seen, whether it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Figure = float | int | str | Mapping[str, "Figure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A promise and what was seen.

    Args:
        promise: What is promised.
        bar: What it takes to hold.
        value: What was seen.
        met: Whether it holds; None where it could not be measured or nothing is promised.
        note: What else one should know.
        figures: The figures behind it, for the record.
    """

    promise: str
    bar: str
    value: str
    met: bool | None
    note: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @classmethod
    def skipped(cls, promise: str, reason: str) -> Row:
        """Return a row that says why nothing was measured."""
        return cls(promise=promise, bar="", value="skipped", met=None, note=reason)

    @property
    def verdict(self) -> str:
        """The word shown in the table."""
        if self.met is None:
            return "–"
        return "met" if self.met else "**not met**"
