"""Models: learning a probability of default, calibrating it, freezing it."""

from solvent.models.bundle import bundle_digest, load_bundle, load_population, save_bundle
from solvent.models.population import Population
from solvent.models.technique import FittedModel, Importance, Technique
from solvent.models.techniques import TECHNIQUES, find_technique
from solvent.models.trained import TrainedModel, train_model

__all__ = [
    "TECHNIQUES", "FittedModel", "Importance", "Population", "Technique", "TrainedModel",
    "bundle_digest", "find_technique", "load_bundle", "load_population", "save_bundle",
    "train_model",
]  # fmt: skip
