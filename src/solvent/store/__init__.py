"""What solvent keeps: models now; decisions, audit and live events later."""

from solvent.store.models import ModelRegistry, RegisteredModel, home

__all__ = ["ModelRegistry", "RegisteredModel", "home"]
