"""The techniques there are, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from solvent.errors import TechniqueError
from solvent.models.boosted_trees import BoostedTrees
from solvent.models.logistic import Logistic
from solvent.models.technique import Technique

TECHNIQUES: Final[Mapping[str, Technique]] = MappingProxyType(
    {technique.name: technique for technique in (BoostedTrees(), Logistic())}
)


def find_technique(name: str) -> Technique:
    """Return a technique.

    Raises:
        TechniqueError: There is none of that name.

    >>> find_technique("logistic").name
    'logistic'
    """
    if name not in TECHNIQUES:
        known = ", ".join(sorted(TECHNIQUES))
        raise TechniqueError(
            f"no such technique: {name}", hint=f"one of {known}", field="technique"
        )
    return TECHNIQUES[name]
