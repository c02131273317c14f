"""Techniques a user writes in files beside product.py."""

from __future__ import annotations

MINE = '''"""Our own: the line of solvent's logistic regression, held back as we like."""

from dataclasses import replace

from solvent.models import Range, find_technique


class Mine:
    name = "mine"
    title = "our own line"

    def space(self):
        return {"penalty": Range(low=10.0, high=1e4, log=True)}

    def fit(self, training, *, progress):
        seen = set(training.frame.names)
        assert not any("faith" in name for name in seen), seen
        told = {"penalty": 100.0, **training.guidance.settings}
        learnt = find_technique("logistic").fit(training.tuned(told), progress=progress)
        return replace(learnt, model=replace(learnt.model, technique=self.name))


technique = Mine()
'''
"""A sound one, which fails where a protected column reaches it."""

RIGID = MINE.replace('"mine"', '"rigid"').replace(
    'return {"penalty": Range(low=10.0, high=1e4, log=True)}', "return {}"
)
"""The same without a setting to tune."""

BROKEN = """class Broken:
    name = title = "broken"

    def space(self):
        return {}

    def fit(self, training, *, progress):
        raise ZeroDivisionError("Ada Lovelace-4711")


technique = Broken()
"""
"""One that raises what it likes, a person's value in its words."""

LACKING = """from solvent.errors import TechniqueError


class Lacking:
    name = title = "lacking"

    def space(self):
        return {}

    def fit(self, training, *, progress):
        raise TechniqueError("catboost is not installed", hint='install "solvent[catboost]"')


technique = Lacking()
"""
"""One whose library is not installed."""

CONSTANT = """import numpy as np

from solvent.models import Learnt


class Nothing:
    technique, scorer, exact, features = "constant", "", False, ()

    def margin(self, frame):
        return np.zeros(frame.rows)

    def contributions(self, frame):
        return np.zeros((frame.rows, 1))

    def importance(self):
        return ()

    def save(self):
        return {}


class Constant:
    name, title = "constant", "one PD for all"

    def space(self):
        return {}

    def fit(self, training, *, progress):
        return Learnt(model=Nothing(), margin=np.zeros(len(training.bad)))


technique = Constant()
"""
"""One that ranks nobody, and can be compared only."""
