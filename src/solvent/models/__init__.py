"""Models: learning a probability of default, calibrating it, freezing it."""

from solvent.models.bundle import (
    bundle_digest,
    load_bundle,
    load_population,
    load_selection,
    save_bundle,
)
from solvent.models.population import Population
from solvent.models.selected import Candidate, Fate, Selected, SizeTried
from solvent.models.selecting import Known, select_features
from solvent.models.selection import Selection
from solvent.models.technique import FittedModel, Importance, Technique
from solvent.models.techniques import TECHNIQUES, find_technique
from solvent.models.trained import TrainedModel, train_model

__all__ = [
    "TECHNIQUES", "Candidate", "Fate", "FittedModel", "Importance", "Known", "Population",
    "Selected", "Selection", "SizeTried", "Technique", "TrainedModel", "bundle_digest",
    "find_technique", "load_bundle", "load_population", "load_selection", "save_bundle",
    "select_features", "train_model",
]  # fmt: skip
