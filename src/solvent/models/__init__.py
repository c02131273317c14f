"""Models: learning a probability of default, calibrating it, freezing it."""

from solvent.models.technique import FittedModel, Importance, Technique
from solvent.models.techniques import TECHNIQUES, find_technique
from solvent.models.trained import TrainedModel, train_model

__all__ = [
    "TECHNIQUES", "FittedModel", "Importance", "Technique", "TrainedModel", "find_technique",
    "train_model",
]  # fmt: skip
