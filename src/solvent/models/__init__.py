"""Models: learning a probability of default, calibrating it, freezing it."""

from solvent.models._settings import read_settings
from solvent.models.bundle import (
    Bundle,
    bundle_digest,
    load_bundle,
    load_population,
    load_selection,
    open_bundle,
    save_bundle,
)
from solvent.models.card import Card
from solvent.models.contender import Contender
from solvent.models.finding import find_technique, technique_names
from solvent.models.points import PointsCard, points_card
from solvent.models.population import Population
from solvent.models.selected import Candidate, Fate, Selected, SizeTried
from solvent.models.selecting import Known, select_features
from solvent.models.selection import Selection
from solvent.models.technique import (
    FittedModel,
    Guidance,
    Importance,
    Learnt,
    Range,
    Technique,
    Training,
    start_training,
)
from solvent.models.trained import TrainedModel, fit_model, train_model

__all__ = [
    "Bundle",
    "Candidate", "Card", "Contender", "Fate", "FittedModel", "Guidance", "Importance", "Known",
    "Learnt", "PointsCard", "Population", "Range", "Selected", "Selection", "SizeTried",
    "Technique", "TrainedModel", "Training", "bundle_digest", "find_technique", "fit_model",
    "load_bundle", "load_population", "load_selection", "open_bundle", "points_card",
    "read_settings",
    "save_bundle", "select_features", "start_training", "technique_names", "train_model",
]  # fmt: skip
