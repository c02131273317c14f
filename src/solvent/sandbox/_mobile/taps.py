"""What customers do in the app: sessions of a few taps, as they would run without any loan."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Floats, Ints, chance
from solvent.sandbox._clock import DAY, HOUR, MINUTE, SECOND, owners_of, times_of, to_clock, to_keys
from solvent.sandbox._mobile.calendar import END, WEEKS, year_share
from solvent.sandbox._mobile.people import People, strain_at
from solvent.sandbox._renewal import renew

ACTIONS = ("open", "view", "tap", "submit", "error")
SCREENS = ("home", "loans", "apply", "repay", "profile", "terms", "help")
NETWORKS = ("wifi", "4g", "3g", "2g")
OPEN, VIEW, TAP, SUBMIT, ERROR = range(5)
HOME, LOANS, APPLY, REPAY, PROFILE, TERMS, HELP = range(7)
WIFI = 0
APPLYING = ((OPEN, HOME), (VIEW, LOANS), (TAP, APPLY), (SUBMIT, APPLY))
"""The taps of a session in which a loan is asked for."""
REPAYING = ((OPEN, HOME), (VIEW, REPAY), (SUBMIT, REPAY))

_SESSIONS_A_DAY = 0.17
_GAP_SECONDS = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taps:
    """Events of a block, sorted by customer and time; every array has shape (events,).

    Attributes:
        keys: Customer and time in one number.
        session: Number of the session within the block.
        action: Index into ACTIONS.
        screen: Index into SCREENS.
        network: Index into NETWORKS, -1 where not recorded.
    """

    keys: Ints
    session: Ints
    action: Ints
    screen: Ints
    network: Ints

    def keep(self, kept: Bools) -> Taps:
        """The same without the rows where `kept` is false."""
        return Taps(**{one.name: getattr(self, one.name)[kept] for one in fields(self)})

    def sort(self) -> Taps:
        """The same by customer and time."""
        order = np.argsort(self.keys, kind="stable")
        return Taps(**{one.name: getattr(self, one.name)[order] for one in fields(self)})


def draw_taps(rng: np.random.Generator, people: People) -> Taps:
    """Draw the sessions of a block, livelier right after installation, and what is done in them."""
    fresh = 1.0 + 1.2 * np.exp(-np.arange(WEEKS) / 3.0)
    rate = _SESSIONS_A_DAY * np.exp(0.35 * people.liveliness[:, None] - 0.15 * people.strain)
    owner, days = renew(rng, rate.clip(0.02, 1.5) * fresh, np.ones(BLOCK))
    start = _shift_to_night(rng, people, owner, to_clock(people.installed[owner] / DAY + days))
    start = np.maximum(start, people.installed[owner] + MINUTE)
    rows = 2 + rng.poisson(1.6, len(owner))
    session = np.repeat(np.arange(len(owner)), rows)
    first = np.cumsum(rows) - rows
    nth = np.arange(len(session)) - first[session]
    gaps = np.ceil(rng.exponential(_GAP_SECONDS, len(session)))
    gaps[first] = 0.0
    run = np.cumsum(gaps)
    at = start[session] + (run - run[first][session]).astype(np.int64) * SECOND
    screen = _draw_screens(rng, people, owner[session], at, nth)
    action = np.where(nth == 0, OPEN, np.where(rng.random(len(nth)) < 0.6, VIEW, TAP))
    taps = Taps(
        keys=to_keys(owner[session], at),
        session=session,
        action=np.where((nth > 0) & (rng.random(len(nth)) < 0.035), ERROR, action),
        screen=screen,
        network=draw_networks(rng, people, owner, start)[session],
    )
    return taps.keep(at < END).sort()


def script_sessions(
    rng: np.random.Generator,
    people: People,
    keys: Ints,
    script: tuple[tuple[int, int], ...],
    serial: int,
) -> Taps:
    """Sessions that follow a script and end just before the instants in `keys`.

    Args:
        rng: The stream of chance.
        people: The customers.
        keys: Customer and the instant each session leads to, shape (sessions,).
        script: Action and screen of each tap.
        serial: Number of the first session.
    """
    steps = len(script)
    back = np.cumsum(np.ceil(rng.exponential(_GAP_SECONDS, (len(keys), steps))), axis=1)
    at = times_of(keys)[:, None] - back[:, ::-1].astype(np.int64) * SECOND
    at = np.maximum(at, 0)
    owner = owners_of(keys)
    network = draw_networks(rng, people, owner, times_of(keys))
    action, screen = np.array(script).T
    return Taps(
        keys=to_keys(np.repeat(owner, steps), at.ravel()),
        session=serial + np.repeat(np.arange(len(keys)), steps),
        action=np.tile(action, len(keys)),
        screen=np.tile(screen, len(keys)),
        network=np.repeat(network, steps),
    )


def join_taps(parts: list[Taps]) -> Taps:
    """Events of all the parts, by customer and time."""
    names = [one.name for one in fields(Taps)]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Taps(**joined).sort()


def by_night(keys: Ints) -> Bools:
    """Whether an instant lies between midnight and five."""
    return times_of(keys) % DAY < 5 * HOUR


def draw_networks(rng: np.random.Generator, people: People, owner: Ints, at: Ints) -> Ints:
    """The network of each session: wifi for some, and faster masts towards the year's end."""
    pick, rest = rng.random((2, len(owner)))
    fast = 0.45 + 0.25 * year_share(at)
    masts = np.where(rest < fast, 1, np.where(rest < fast + 0.22, 2, 3))
    network = np.where(pick < chance(people.wifi[owner]), WIFI, masts)
    return np.where(rng.random(len(owner)) < 0.05, -1, network)


def _shift_to_night(rng: np.random.Generator, people: People, owner: Ints, at: Ints) -> Ints:
    """Move the sessions of night owls to the hours before five."""
    moved = rng.random(len(at)) < chance(people.night[owner])
    night = at // DAY * DAY + (5 * HOUR * rng.random(len(at))).astype(np.int64) // SECOND * SECOND
    return np.where(moved, night, at)


def _draw_screens(
    rng: np.random.Generator, people: People, owner: Ints, at: Ints, nth: Ints
) -> Ints:
    """Home first; then help for those in trouble, terms for the careful, and the rest."""
    pick, rest = rng.random((2, len(nth)))
    helped = chance(people.trouble[owner] + 0.35 * strain_at(people, owner, at))
    read: Floats = helped + chance(people.curiosity[owner])
    other = np.where(rest < 0.45, LOANS, np.where(rest < 0.7, PROFILE, HOME))
    screen = np.where(pick < helped, HELP, np.where(pick < read, TERMS, other))
    return np.where(nth == 0, HOME, screen)
