"""Report: what a training run found, as a page a risk manager reads.

`build` turns a `TrainingRecord` into a `Page` of written figures and chart specifications; `render`
turns that into one HTML file; `write_report` does both and puts the file in its place.
"""

from __future__ import annotations

from solvent.report.build import build
from solvent.report.page import Page
from solvent.report.render import render
from solvent.report.training import (
    FeatureLine,
    Reachable,
    TrainingRecord,
)
from solvent.report.write import require_place, write_report

__all__ = [
    "FeatureLine",
    "Page",
    "Reachable",
    "TrainingRecord",
    "build",
    "render",
    "require_place",
    "write_report",
]
