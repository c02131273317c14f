"""The best technique: all are tried on the same folds, and the simplest shown as good is kept.

The highest of several out of fold is so in part by luck, the more the fewer rows there are; their
blend has picked nobody. So the blend is the model unless a technique alone is shown to be as good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from solvent.models.calibration import mean_gain
from solvent.models.calibrators import row_losses
from solvent.models.contest import Entrant, fit_entrants, judge
from solvent.models.mixing import cross_fitted
from solvent.models.technique import Learnt, Range, Technique, Training
from solvent.models.techniques import blend
from solvent.progress import Progress

NAME: Final = "best"
ERRORS: Final = 1.0
"""Standard errors that are held against a technique when it is compared with the blend."""
NEGLIGIBLE: Final = 0.0005
"""How far behind the blend a technique may be and still be as good: log loss by row, in nats; about
a thousandth of AUC."""


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
        good = [_as_good(one, entrants[-1], training) for one in entrants]
        place = good.index(True)  # the blend is as good as itself
        told = tuple(
            replace(one, chosen=at == place, why=_why(at, place, good))
            for at, one in enumerate(judged)
        )
        return replace(entrants[place].learnt, contest=(*told, *absent))


def _entrant(mixed: Learnt, members: Sequence[Entrant], training: Training) -> Entrant:
    """Return a blend as one more that is judged, at its members' cost."""
    return Entrant(
        technique=blend.technique, learnt=mixed, seconds=sum(one.seconds for one in members),
        margin=cross_fitted(mixed.margin[:, None], training.bad, training.fold),
    )  # fmt: skip


def _as_good(one: Entrant, mixed: Entrant, training: Training) -> bool:
    """Tell whether a technique is shown to be no more than negligibly behind the blend."""
    loss, least = (row_losses(each.margin, training.bad) for each in (one, mixed))
    behind, error = mean_gain(loss, least, training.groups)
    return behind + ERRORS * error <= NEGLIGIBLE


def _why(place: int, chosen: int, good: Sequence[bool]) -> str:
    if place == chosen:
        last = place == len(good) - 1
        return "none simpler is shown to be as good" if last else "the simplest shown to be as good"
    return "as good, but less simple" if good[place] else "not shown to be as good as the blend"


technique: Technique = Best()
