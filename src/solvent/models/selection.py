"""Feature selection as it is asked for: how many features, and which whatever is found."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from solvent.errors import DeclarationError

FEW: Final = 300
"""Up to so many candidates all are kept unless selection is asked for."""
AUTO, ALL = "auto", "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """How candidates are reduced to the features a model reads.

    Args:
        most: Most features to keep; None keeps as many as it takes.
        keep: Names or patterns ("loans_*") kept whatever is found, such as those a policy reads.
        alike: Absolute rank correlation in (0, 1] from which two candidates say the same.
        drift: Largest PSI from the earlier to the later half of the training applications; a
            candidate that moved further is dropped. None drops none for it, and tells it.
    """

    most: int | None = None
    keep: tuple[str, ...] = ()
    alike: float = 0.98
    drift: float | None = None

    def __post_init__(self) -> None:
        if self.most is not None and (isinstance(self.most, bool) or self.most < 1):
            raise DeclarationError(
                f"{self.most} features make no model",
                hint='give 1 or more, or "all" to select nothing', field="select",
            )  # fmt: skip
        if isinstance(self.keep, str):
            raise DeclarationError(
                "is one word where several are expected",
                hint='write keep=("...",) with a comma', field="keep",
            )  # fmt: skip
        object.__setattr__(self, "keep", tuple(self.keep))
        if not 0.0 < self.alike <= 1.0:
            raise DeclarationError(
                f"{self.alike:g} is no correlation", hint="give one such as 0.98", field="alike"
            )
        if self.drift is not None and not self.drift > 0.0:
            raise DeclarationError(
                f"{self.drift:g} is no PSI", hint="0.25 is a usual limit", field="drift"
            )

    def keeps(self, name: str) -> bool:
        """True where a feature is kept whatever is found."""
        return any(fnmatchcase(name, pattern) for pattern in self.keep)


def read_selection(text: str, declared: Selection | str) -> Selection | str:
    """Return what a person asked for: a number of features, "all" or "auto".

    Args:
        text: What was typed.
        declared: What the product declares, whose other wishes stay.

    Raises:
        DeclarationError: It is neither.

    >>> read_selection("300", "auto").most, read_selection("all", "auto")
    (300, 'all')
    """
    if text in {AUTO, ALL}:
        return declared if text == AUTO else ALL
    try:
        most = int(text)
    except ValueError:
        raise DeclarationError(
            f"{text!r} is no number of features", hint='give one such as 300, "all" or "auto"',
            field="select",
        ) from None  # fmt: skip
    known = declared if isinstance(declared, Selection) else Selection()
    return Selection(most=most, keep=known.keep, alike=known.alike, drift=known.drift)


def require_selection(declared: Selection | str) -> None:
    """Refuse what says nothing of selection.

    Raises:
        DeclarationError: It is neither a `Selection` nor "auto" nor "all".
    """
    if not isinstance(declared, Selection) and declared not in {AUTO, ALL}:
        raise DeclarationError(
            f"{declared!r} says nothing of selection",
            hint='write select=Selection(most=300), select="all" or select="auto"', field="select",
        )  # fmt: skip


def wanted(declared: Selection | str, candidates: int) -> Selection | None:
    """Return how to select among so many candidates; None where all are kept."""
    if isinstance(declared, Selection):
        return declared
    return Selection() if declared == AUTO and candidates > FEW else None
