"""Report: what a training run or a simulation found, as a page a risk manager reads.

`build` turns a `TrainingRecord` into a `Page` of written figures and chart specifications,
`build_simulation` a `SimulationRecord`, `build_study` a `StudyRecord`, `build_catalogue` a
`Catalogue`, `build_techniques` a `TechniquesRecord`; `render` turns a page into one HTML file;
`write_report`, `write_simulation`, `write_study` and `write_techniques` do both and put the file in
its place.
"""

from __future__ import annotations

from solvent.report.build import build
from solvent.report.catalogue import Catalogue, CatalogueGroup, CatalogueLine, build_catalogue
from solvent.report.economics import economics_words
from solvent.report.fairness_record import (
    FEWEST_SHOWN,
    Attribute,
    CalibrationRecord,
    CentralTendency,
    Fairness,
    Group,
    Proxy,
    SegmentCheck,
)
from solvent.report.page import Page
from solvent.report.render import render
from solvent.report.simulation import build_simulation
from solvent.report.simulation_record import AlternativeLine, ReasonLine, RuleLine, SimulationRecord
from solvent.report.study import build_study
from solvent.report.study_record import StudyRecord
from solvent.report.techniques import build_techniques, techniques_verdict
from solvent.report.techniques_record import (
    FailedTechnique,
    FoldLine,
    JudgedTechnique,
    LinkShare,
    TechniquePair,
    TechniquesRecord,
)
from solvent.report.training import (
    FeatureLine,
    LinkLine,
    Reachable,
    Readable,
    TrainingRecord,
)
from solvent.report.write import (
    replace_whole,
    require_place,
    write_report,
    write_simulation,
    write_study,
    write_techniques,
)

__all__ = [
    "FEWEST_SHOWN",
    "AlternativeLine",
    "Attribute",
    "CalibrationRecord",
    "Catalogue",
    "CatalogueGroup",
    "CatalogueLine",
    "CentralTendency",
    "FailedTechnique",
    "Fairness",
    "FeatureLine",
    "FoldLine",
    "Group",
    "JudgedTechnique",
    "LinkLine",
    "LinkShare",
    "Page",
    "Proxy",
    "Reachable",
    "Readable",
    "ReasonLine",
    "RuleLine",
    "SegmentCheck",
    "SimulationRecord",
    "StudyRecord",
    "TechniquePair",
    "TechniquesRecord",
    "TrainingRecord",
    "build",
    "build_catalogue",
    "build_simulation",
    "build_study",
    "build_techniques",
    "economics_words",
    "render",
    "replace_whole",
    "require_place",
    "techniques_verdict",
    "write_report",
    "write_simulation",
    "write_study",
    "write_techniques",
]
