"""People without a ticket at one departure: how many came in, left again, wait; the same for every order of arrival."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from nuit.planning.presence import OUT, STANDBY, UNDO, WALK_IN


@dataclass(frozen=True, slots=True)
class Walk:
    """One gesture without a ticket at one departure, for the count; `let_in` is whether a walk-in was let in."""

    nonce: str
    at: datetime
    kind: str
    persons: int
    door: int
    let_in: bool = False
    target: str = ""


@dataclass(frozen=True, slots=True)
class Walked:
    """People without a ticket at one departure: came in, left again, wait (by the nonce of their own scan)."""

    came: int
    left: int
    waiting: Mapping[str, int]


def walked(walks: Iterable[Walk]) -> Walked:
    """Counts people without a ticket: the same for every order. A scan that was taken back, at its own door, is none."""
    known = {one.nonce: one for one in walks}
    gone = {one.target for one in known.values() if one.kind == UNDO and _at_its_door(one, known)}
    standing = sorted((one for one in known.values() if one.nonce not in gone), key=lambda one: (one.at, one.nonce))
    came = [one for one in standing if one.kind == WALK_IN and one.let_in]
    called = {one.target for one in came}
    return Walked(
        sum(one.persons for one in came),
        sum(one.persons for one in standing if one.kind == OUT),
        {one.nonce: one.persons for one in standing if one.kind == STANDBY and one.nonce not in called},
    )


def _at_its_door(undo: Walk, known: Mapping[str, Walk]) -> bool:
    return undo.target in known and known[undo.target].door == undo.door
