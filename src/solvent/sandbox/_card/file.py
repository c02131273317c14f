"""What the bureau and the bank itself know of an applicant, which no form asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Floats, Ints
from solvent.sandbox._card.people import YOUNGEST, People

MOST_DECLINED, MOST_INQUIRIES = 25, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The files on one block of applicants; every array has shape (BLOCK,).

    Attributes:
        bureau_score: The bureau's score, around -2, higher is riskier.
        inquiries: How often lenders asked the bureau.
        declined: Earlier applications that were declined.
        tie: Tie to the bank's other clients, 1 (close) to 4.
        tenure: How long the bank has held a file, 1 (short) to 4 (long).
    """

    bureau_score: Floats
    inquiries: Ints
    declined: Ints
    tie: Ints
    tenure: Ints


def draw_file(rng: np.random.Generator, people: People) -> File:
    """Draw the files on one block of applicants."""
    own, other, third = rng.standard_normal((3, BLOCK))
    youth = np.exp(-(people.age - YOUNGEST) / 12.0)
    score = -2.05 + 0.48 * (-0.50 * people.prudence + 0.25 * youth + 0.85 * own)
    hunger = rng.standard_gamma(1.3, BLOCK) / 1.3
    inquiries = rng.poisson(1.7 * hunger * np.exp(-0.25 * people.prudence))
    refused = rng.standard_gamma(0.7, BLOCK) / 0.7
    declined = rng.poisson(0.17 * refused * np.exp(-0.50 * people.prudence) * (1.0 + inquiries / 4))
    tie = 0.35 * people.prudence + 0.20 * people.standing + 0.90 * other
    tenure = 0.30 * people.prudence + 0.020 * (people.age - 40) + 0.90 * third
    return File(
        bureau_score=np.round(score, 6),
        inquiries=np.minimum(inquiries, MOST_INQUIRIES).astype(np.int64),
        declined=np.minimum(declined, MOST_DECLINED).astype(np.int64),
        tie=4 - np.digitize(tie, [-1.05, -0.55, 0.0]).astype(np.int64),
        tenure=1 + np.digitize(tenure, [-0.75, -0.1, 0.7]).astype(np.int64),
    )
