"""Where to look next: Optuna's tree-structured Parzen estimator and median pruning.

Trials are kept by the caller, not by Optuna: the study is rebuilt from them, and the sampler is
made anew for every trial, seeded by its number, so that what is asked next depends on the seed and
on the trials before it alone.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Final

import numpy as np

from solvent.errors import MissingExtraError
from solvent.models.technique import Range, Settings
from solvent.models.trials import State, Trial

if TYPE_CHECKING:
    import optuna

RANDOM: Final = 10
"""Trials drawn at random before the estimator has something to learn from."""
UNPRUNED: Final = 5
"""Trials that are always finished, so that there is a median to fall behind."""
ENOUGH: Final = 10
"""Finished trials from which it can be told which setting matters."""


def require_optuna() -> ModuleType:
    """Import Optuna, and keep it from writing to the terminal.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        found = importlib.import_module("optuna")
    except ImportError as error:
        raise MissingExtraError(
            "tuning needs optuna, which is not installed", hint='install "solvent[train]"',
            field="tune",
        ) from error  # fmt: skip
    found.logging.set_verbosity(found.logging.ERROR)
    return found


class Asked:
    """Settings to try, and what became of them."""

    def __init__(self, study: optuna.Study, trial: optuna.Trial, settings: Settings) -> None:
        self._study, self._trial = study, trial
        self.settings = settings
        self._step = 0

    def hopeless(self, loss: float) -> bool:
        """Tell whether it does worse, after one more fold, than the median of those before."""
        self._trial.report(loss, self._step)
        self._step += 1
        return self._trial.should_prune()

    def tell(self, trial: Trial) -> None:
        """Note how it ended."""
        state = _state(trial)
        done = trial.state is State.DONE
        self._study.tell(self._trial, trial.losses[-1] if done else None, state=state)


class Search:
    """A search through a space.

    Args:
        space: The settings and their ranges.
        seed: Of everything random.
    """

    def __init__(self, space: Mapping[str, Range], *, seed: int) -> None:
        self._optuna = require_optuna()
        self._space, self._seed = dict(sorted(space.items())), seed
        self._ranges = {name: self._distribution(one) for name, one in self._space.items()}
        pruner = self._optuna.pruners.MedianPruner(n_startup_trials=UNPRUNED)
        self._study: optuna.Study = self._optuna.create_study(direction="minimize", pruner=pruner)

    def know(self, trial: Trial) -> None:
        """Take in a trial of an earlier run."""
        self._study.add_trial(self._frozen(trial))

    def ask(self, number: int) -> Asked:
        """Return what to try next: nothing where `number` is 0."""
        drawn = np.random.SeedSequence([self._seed, number]).generate_state(1)[0]
        self._study.sampler = self._optuna.samplers.TPESampler(
            seed=int(drawn), n_startup_trials=RANDOM, constant_liar=False
        )
        trial = self._study.ask(self._ranges if number else {})
        settings = {
            name: int(value) if self._space[name].whole else float(value)
            for name, value in trial.params.items()
        }
        return Asked(self._study, trial, settings)

    def importance(self) -> dict[str, float]:
        """Return how much each setting moves the loss; empty where too few trials are finished."""
        state = self._optuna.trial.TrialState.COMPLETE
        done = [t for t in self._study.get_trials(states=(state,), deepcopy=False) if t.params]
        if len(done) < ENOUGH or len(self._space) < 2:
            return {}
        study = self._optuna.create_study(direction="minimize")
        study.add_trials(done)
        with warnings.catch_warnings():  # few trials make it rough, which the report says
            warnings.simplefilter("ignore")
            found = self._optuna.importance.get_param_importances(study)
        return {name: float(share) for name, share in found.items()}

    def _distribution(self, one: Range) -> optuna.distributions.BaseDistribution:
        kinds = self._optuna.distributions
        found: optuna.distributions.BaseDistribution = (
            kinds.IntDistribution(int(one.low), int(one.high), log=one.log)
            if one.whole
            else kinds.FloatDistribution(one.low, one.high, log=one.log)
        )
        return found

    def _frozen(self, trial: Trial) -> optuna.trial.FrozenTrial:
        done = trial.state is State.DONE
        frozen: optuna.trial.FrozenTrial = self._optuna.trial.create_trial(
            state=_state(trial), value=trial.losses[-1] if done else None,
            params=dict(trial.settings),
            distributions={name: self._ranges[name] for name in trial.settings},
            intermediate_values=dict(enumerate(trial.losses)),
        )  # fmt: skip
        return frozen


def _state(trial: Trial) -> optuna.trial.TrialState:
    states = require_optuna().trial.TrialState
    found: optuna.trial.TrialState = {
        State.DONE: states.COMPLETE, State.PRUNED: states.PRUNED, State.FAILED: states.FAIL
    }[trial.state]  # fmt: skip
    return found
