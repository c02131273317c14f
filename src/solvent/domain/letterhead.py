"""What a lender says of itself, and of a person's rights, in a letter about a refusal."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.errors import DeclarationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """The lender's own words in every letter; what is left out is named in the letter as missing.

    Args:
        creditor: Name of the lender.
        address: Where to write to.
        contact: Telephone, e-mail or web address for questions.
        rights: What the law of the lender's country lets the person know and do, a paragraph each:
            the lender's own wording, as no law is known here.
    """

    creditor: str = ""
    address: str = ""
    contact: str = ""
    rights: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.rights, str):
            raise DeclarationError(
                "is one text where several are expected",
                hint='write rights=("...",) with a comma', field="letter.rights",
            )  # fmt: skip
        object.__setattr__(self, "rights", tuple(self.rights))
        if not all(text.strip() for text in self.rights):
            raise DeclarationError(
                "has a paragraph without words", hint="write it, or leave it out",
                field="letter.rights",
            )  # fmt: skip
