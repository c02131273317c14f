"""From a PD to a score a person can compare."""

from solvent.scoring.scale import DEFAULT_SCALE, Scale, score

__all__ = ["DEFAULT_SCALE", "Scale", "score"]
