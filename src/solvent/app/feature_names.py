"""Features found by what a person types: a name, a title, a pattern or a part of one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from fnmatch import fnmatchcase

from solvent.errors import DeclarationError
from solvent.features import Feature

_SHOWN = 8
_WILD = set("*?[")


def find_feature(features: Sequence[Feature], name: str) -> Feature:
    """Return the one feature a name, a title, a pattern or a part of one stands for.

    Args:
        features: The features to choose from.
        name: What was typed; a name or a title as it stands comes first.

    Raises:
        DeclarationError: None fits, or several do; it tells the closest, or those.
    """
    wanted = name.strip()
    for fits in (_is_name, _is_title, fits_pattern):
        found = [feature for feature in features if fits(feature, wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise DeclarationError(
                f"{len(found)} features fit {wanted!r}",
                hint=f"give one name: {_listed(found)}", field="explain",
            )  # fmt: skip
    raise no_feature(features, wanted, field="explain")


def matching(features: Sequence[Feature], pattern: str) -> tuple[Feature, ...]:
    """Return the features whose name or title fits a pattern, or holds a part, in order.

    Args:
        features: The features to choose from.
        pattern: "top_ups_*", or a part such as "method"; case does not matter.
    """
    return tuple(feature for feature in features if fits_pattern(feature, pattern.strip()))


def fits_pattern(feature: Feature, pattern: str) -> bool:
    """Return True where a feature's name or title fits a pattern, or holds a part of one.

    >>> from solvent.features import Events, count
    >>> one = count(Events(name="top_ups", files="t.csv", key="user", at="at"))
    >>> fits_pattern(one, "top_ups_*"), fits_pattern(one, "UPS"), fits_pattern(one, "usage*")
    (True, True, False)
    """
    wanted, wild = pattern.lower(), bool(_WILD & set(pattern))
    held = (feature.name.lower(), feature.title.lower())
    return any(fnmatchcase(text, wanted) if wild else wanted in text for text in held)


def no_feature(features: Sequence[Feature], wanted: str, *, field: str) -> DeclarationError:
    """Return the error that no feature is called so, with the closest names.

    Args:
        features: The features there are.
        wanted: What was typed.
        field: The option or argument it was typed as.
    """
    names = [feature.name for feature in features]
    close = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else "solvent features DIR lists them all"
    return DeclarationError(f"no feature is called {wanted!r}", hint=hint, field=field)


def _is_name(feature: Feature, wanted: str) -> bool:
    return feature.name == wanted


def _is_title(feature: Feature, wanted: str) -> bool:
    return feature.title.lower() == wanted.lower()


def _listed(found: Sequence[Feature]) -> str:
    names = ", ".join(feature.name for feature in found[:_SHOWN])
    return names if len(found) <= _SHOWN else f"{names} and {len(found) - _SHOWN} more"
