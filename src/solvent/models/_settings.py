"""Reading the settings a technique was told to learn with."""

from __future__ import annotations

from solvent.errors import TechniqueError
from solvent.models.technique import Settings, Technique


def read_settings(technique: Technique, told: Settings, defaults: Settings) -> dict[str, float]:
    """Return the defaults with what was told in their place.

    Args:
        technique: Whose settings they are.
        told: By name; see `Guidance.settings`.
        defaults: A value for every setting of its space.

    Raises:
        TechniqueError: A setting is unknown, beyond its range, or not whole where it has to be.
    """
    space = technique.space()
    for name, value in told.items():
        if name not in space:
            known = f"one of {', '.join(sorted(space))}" if space else "it has none"
            raise TechniqueError(f"{technique.name} has no such setting", hint=known, field=name)
        bounds = space[name]
        if not bounds.low <= value <= bounds.high or (bounds.whole and value != int(value)):
            kind = "a whole number" if bounds.whole else "a number"
            raise TechniqueError(
                f"{value:g} is no value for a setting of {technique.name}",
                hint=f"{kind} from {bounds.low:g} to {bounds.high:g}", field=name,
            )  # fmt: skip
    return {**defaults, **told}
