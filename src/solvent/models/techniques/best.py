"""The best technique: all are tried on the same folds, and the simplest that is as good is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from solvent.models.contender import Contender
from solvent.models.contest import Entrant, fit_entrants, judge
from solvent.models.mixing import cross_fitted
from solvent.models.technique import Learnt, Range, Technique, Training
from solvent.models.techniques import blend
from solvent.progress import Progress

NAME: Final = "best"
ERRORS: Final = 1.0
"""Standard errors by which a simpler technique may be behind and still be as good."""
LEAST: Final = "least log loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The technique.

    Args:
        members: What is tried, the simplest first, and then a blend of them: techniques, or names
            of those that come with solvent. One whose extra is not installed is left out and told.
    """

    name: str = NAME
    title: str = "best of all"
    directed: bool = True
    members: tuple[str | Technique, ...] = field(default_factory=blend.members)

    def space(self) -> Mapping[str, Range]:
        """Return the settings worth tuning: none of its own."""
        return {}

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        """Learn; see `Technique.fit`.

        The model is the chosen technique's own, and bears its name.

        Raises:
            TechniqueError: No member can be had here.
        """
        entrants, absent = fit_entrants(self.members, training, progress=progress)
        mixed, weights = blend.blend(entrants, training)
        entrants = (*entrants, _entrant(mixed, entrants, training))
        judged = [
            replace(one, weight=weight)
            for one, weight in zip(judge(entrants, training), (*weights, None), strict=True)
        ]
        place = _choose(judged)
        told = tuple(
            replace(one, chosen=at == place, why=_why(one, judged[place]))
            for at, one in enumerate(judged)
        )
        return replace(entrants[place].learnt, contest=(*told, *absent))


def _entrant(mixed: Learnt, members: Sequence[Entrant], training: Training) -> Entrant:
    """Return a blend as one more that is judged, at its members' cost."""
    return Entrant(
        technique=blend.technique, learnt=mixed, seconds=sum(one.seconds for one in members),
        margin=cross_fitted(mixed.margin[:, None], training.bad, training.fold),
    )  # fmt: skip


def _choose(judged: Sequence[Contender]) -> int:
    """Return the place of the first that is as good as the best."""
    return next(place for place, one in enumerate(judged) if _as_good(one))


def _as_good(one: Contender) -> bool:
    return (one.behind or 0.0) <= ERRORS * (one.error or 0.0)


def _why(one: Contender, chosen: Contender) -> str:
    if one is chosen:
        return "the simplest within a standard error of the least" if one.behind else LEAST
    return "as good, but less simple" if _as_good(one) else "more than one standard error behind"


technique: Technique = Best()
