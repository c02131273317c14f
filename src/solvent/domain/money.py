"""An amount of money, exact: whole minor units of a currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Money:
    """An amount of money.

    Args:
        minor: Whole minor units (cents).
        currency: Code or unit a person reads ("BRL"); may be empty.
        scale: Decimals of the currency.
    """

    minor: int
    currency: str = ""
    scale: int = 2

    @classmethod
    def of(cls, major: float | Decimal, currency: str = "", scale: int = 2) -> Money:
        """Return an amount given in major units, rounded to the nearest minor unit.

        >>> Money.of(12.5, "BRL").minor
        1250
        """
        exact = major if isinstance(major, Decimal) else Decimal(repr(float(major)))
        return cls(minor=round(exact.scaleb(scale)), currency=currency, scale=scale)

    @property
    def major(self) -> float:
        """The amount in major units, to the nearest float."""
        return self.minor / 10.0**self.scale

    @property
    def words(self) -> str:
        """The amount as a person reads it, without decimals where there are none.

        >>> Money(minor=1_250_050, currency="BRL").words, Money(minor=500, currency="BRL").words
        ('12,500.50 BRL', '5 BRL')
        """
        whole = self.minor % 10**self.scale == 0
        text = f"{Decimal(self.minor).scaleb(-self.scale):,.{0 if whole else self.scale}f}"
        return f"{text} {self.currency}".strip()
