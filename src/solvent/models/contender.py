"""How a technique did beside others on the same folds."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.models.documents import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A technique that was tried, or why it was not.

    Args:
        technique: Its name.
        title: What a person calls it.
        auc: Of its margins out of fold, in [0, 1]; None where it was not tried.
        log_loss: Of its calibrated PDs out of fold, mean over rows, nats; None as above.
        behind: How much higher that is than the lowest.
        error: Standard error of `behind`, over customers.
        seconds: Of the processor, for learning.
        weight: In the blend, >= 0; None where there was none.
        chosen: Whether it is the model.
        why: Why it was, or was not, or could not be tried.
    """

    technique: str
    title: str
    auc: float | None = None
    log_loss: float | None = None
    behind: float | None = None
    error: float | None = None
    seconds: float | None = None
    weight: float | None = None
    chosen: bool = False
    why: str = ""

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {
            "technique": self.technique, "title": self.title, "auc": self.auc,
            "log_loss": self.log_loss, "behind": self.behind, "error": self.error,
            "seconds": self.seconds, "weight": self.weight, "chosen": self.chosen, "why": self.why,
        }  # fmt: skip
