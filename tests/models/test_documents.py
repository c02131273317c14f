"""Reading JSON back without trusting it."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.errors import BundleError
from solvent.models.documents import Document, pack, to_bytes


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("text", ['{{"a":{}}}', '{{"a":[1.0,{}]}}', '{{"a":[{{"b":{}}}]}}'])
def test_what_is_no_number_is_refused_wherever_it_stands(text: str, constant: str) -> None:
    with pytest.raises(BundleError, match=rf"shapes\.json: holds {constant} where a number"):
        Document.parse(text.format(constant).encode(), "shapes.json")


@pytest.mark.parametrize("number", ["1e999", "-1e400"])
def test_a_number_too_large_to_hold_is_refused(number: str) -> None:
    with pytest.raises(BundleError, match=f"holds {number}, which is beyond"):
        Document.parse(f'{{"a":[{number}]}}'.encode(), "shapes.json")


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_packed_numbers_are_finite_or_refused(odd: float) -> None:
    document = Document.parse(to_bytes({"a": pack(np.array([1.0, odd]))}), "network.json")
    with pytest.raises(BundleError, match="a holds NaN or an infinite number"):
        document.packed("a")


def test_finite_numbers_come_back_to_the_last_bit() -> None:
    values = [0.1, -1e308, 5e-324, 3.0]
    document = Document.parse(to_bytes({"a": values, "b": pack(np.array(values))}), "x.json")
    assert document.numbers("a").tolist() == document.packed("b").tolist() == values
