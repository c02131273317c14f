"""Report: what a training run or a simulation found, as a page a risk manager reads.

`build` turns a `TrainingRecord` into a `Page` of written figures and chart specifications,
`build_simulation` a `SimulationRecord`, `build_study` a `StudyRecord`, `build_catalogue` a
`Catalogue`; `render` turns a page into one HTML file; `write_report`, `write_simulation` and
`write_study` do both and put the file in its place.
"""

from __future__ import annotations

from solvent.report.build import build
from solvent.report.catalogue import Catalogue, CatalogueGroup, CatalogueLine, build_catalogue
from solvent.report.economics import economics_words
from solvent.report.page import Page
from solvent.report.render import render
from solvent.report.simulation import build_simulation
from solvent.report.simulation_record import AlternativeLine, RuleLine, SimulationRecord
from solvent.report.study import build_study
from solvent.report.study_record import StudyRecord
from solvent.report.training import (
    FeatureLine,
    Reachable,
    TrainingRecord,
)
from solvent.report.write import require_place, write_report, write_simulation, write_study

__all__ = [
    "AlternativeLine",
    "Catalogue",
    "CatalogueGroup",
    "CatalogueLine",
    "FeatureLine",
    "Page",
    "Reachable",
    "RuleLine",
    "SimulationRecord",
    "StudyRecord",
    "TrainingRecord",
    "build",
    "build_catalogue",
    "build_simulation",
    "build_study",
    "economics_words",
    "render",
    "require_place",
    "write_report",
    "write_simulation",
    "write_study",
]
