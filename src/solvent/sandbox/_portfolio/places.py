"""States, cities and boroughs of the card portfolio, written as people write them."""

from __future__ import annotations

from itertools import product

import numpy as np

from solvent.sandbox._block import Ints

STATES = (
    "SP", "RS", "BA", "CE", "PE", "MG", "PA", "RJ", "RN", "GO", "PR", "AL", "PB", "MT",
    "MS", "SC", "AM", "MA", "DF", "PI", "SE", "ES", "RO", "AP", "TO", "AC", "RR",
)  # fmt: skip
STATE_SHARES = (
    0.176, 0.105, 0.100, 0.093, 0.073, 0.062, 0.044, 0.042, 0.041, 0.034, 0.030, 0.029, 0.028,
    0.024, 0.020, 0.018, 0.015, 0.013, 0.011, 0.010, 0.009, 0.008, 0.006, 0.004, 0.003,
    0.001, 0.001,
)  # fmt: skip
CITIES_PER_STATE = 24
CASES = 3
"""Ways of writing a name: all capitals, as a name, all small."""

_SAINTS = ("SANTA", "SAO", "NOVA", "BOM", "PORTO", "CAMPO", "VILA", "RIO", "MONTE", "LAGOA")
_NAMES = (
    "ALEGRE", "BELO", "CLARO", "DOURADO", "ESPERANCA", "FELIZ", "GRANDE", "IPE", "JOAO", "LUZIA",
    "MARIA", "NOVO", "OLIVEIRA", "PEDRO", "QUEIMADAS", "ROSA", "SEBASTIAO", "TEREZA", "VERDE",
    "VICENTE", "DO SUL", "DO NORTE", "DAS FLORES", "DA SERRA", "REAL", "SECO", "TRISTE", "ALTO",
)  # fmt: skip


def _write(names: tuple[str, ...]) -> tuple[str, ...]:
    """Each name in each way of writing it, so that a code is a name's times CASES plus a way."""
    return tuple(way for name in names for way in (name, name.title(), name.lower()))


_ALL_NAMES = tuple(f"{saint} {name}" for saint, name in product(_SAINTS, _NAMES))
_OUTSKIRTS = tuple(f"{kind} {name}" for kind, name in product(("JARDIM", "PARQUE"), _NAMES))
CITIES = _write(_ALL_NAMES)
"""Names of cities as written; cities of several states share a name, as in life."""
BOROUGHS = _write(
    ("CENTRO", "ZONA RURAL", "COHAB", "BELA VISTA", "LIBERDADE", "AREAL", "INDUSTRIAL", *_OUTSKIRTS)
)
BOROUGH_SHARES = (0.10, 0.012, 0.008, 0.007, 0.006, 0.005, 0.005, *(0.857 / 56,) * 56)


def draw_city(rng: np.random.Generator, state: Ints) -> Ints:
    """Draw a city of each state, the capital first; a name's number, without its writing."""
    nth = (CITIES_PER_STATE * rng.beta(0.8, 1.7, len(state))).astype(np.int64)
    return state * CITIES_PER_STATE + nth


def write_cities(rng: np.random.Generator, cities: Ints, capital: float) -> Ints:
    """Codes of cities' names as written, of which a share is in capitals."""
    return write_names(rng, cities % len(_ALL_NAMES), capital)


def write_names(rng: np.random.Generator, names: Ints, capital: float) -> Ints:
    """Codes of names as written, of which a share is in capitals."""
    way = np.where(rng.random(len(names)) < capital, 0, rng.integers(1, CASES, len(names)))
    return names * CASES + way


def area_code(state: Ints, city: Ints) -> Ints:
    """The telephone area of a city, 1 to 126."""
    return 1 + state * 14 // 3 + city % CITIES_PER_STATE // 6


def postal_area(city: Ints) -> Ints:
    """The first three digits of a city's postal code, 10 to 999."""
    return 10 + (city * 37) % 990
