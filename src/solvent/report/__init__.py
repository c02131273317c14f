"""Report: what a training run or a simulation found, as a page a risk manager reads.

`build` turns a `TrainingRecord` into a `Page` of written figures and chart specifications,
`build_simulation` a `SimulationRecord`, `build_catalogue` a `Catalogue`; `render` turns a page into
one HTML file; `write_report` and `write_simulation` do both and put the file in its place.
"""

from __future__ import annotations

from solvent.report.build import build
from solvent.report.catalogue import Catalogue, CatalogueGroup, CatalogueLine, build_catalogue
from solvent.report.economics import economics_words
from solvent.report.page import Page
from solvent.report.render import render
from solvent.report.simulation import build_simulation
from solvent.report.simulation_record import AlternativeLine, RuleLine, SimulationRecord
from solvent.report.training import (
    FeatureLine,
    Reachable,
    TrainingRecord,
)
from solvent.report.write import require_place, write_report, write_simulation

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
    "TrainingRecord",
    "build",
    "build_catalogue",
    "build_simulation",
    "economics_words",
    "render",
    "require_place",
    "write_report",
    "write_simulation",
]
