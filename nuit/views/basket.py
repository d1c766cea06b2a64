"""What this browser has chosen: slots, how many come and how they ride; kept in its session, nothing is reserved."""

from collections.abc import Iterable
from typing import cast

from flask import session

from nuit.planning.ride import MODES, Mode

LARGEST_ID = 2**63
MOST_LINES = 8


def chosen() -> list[int]:
    """The ids of the chosen slots, in the order they were chosen."""
    kept = session.get("basket")
    return [one for one in kept if isinstance(one, int) and 0 < one < LARGEST_ID] if isinstance(kept, list) else []


def lines() -> list[int]:
    """The ids of the slots this browser's party would wait for."""
    kept = session.get("waits")
    return [one for one in kept if isinstance(one, int) and 0 < one < LARGEST_ID] if isinstance(kept, list) else []


def stand(slots: Iterable[int]) -> None:
    """Keeps these slots to wait for instead."""
    session["waits"] = list(dict.fromkeys(slots))[-MOST_LINES:]
    session.permanent = True


def put(slots: Iterable[int]) -> None:
    """Keeps these slots instead."""
    ids = list(dict.fromkeys(slots))
    if ids:
        session["basket"] = ids
        session.permanent = True
    else:
        session.pop("basket", None)


def swap(gone: int, taken: int) -> None:
    """One slot for another, at its place."""
    put(taken if one == gone else one for one in chosen())


def company() -> int:
    """How many people come."""
    size = session.get("party")
    return size if isinstance(size, int) and 1 <= size <= 20 else 1


def mode() -> Mode:
    """How they get about."""
    kept = session.get("mode")
    return cast(Mode, kept) if kept in MODES else "ebike25"


def come_as(size: int, how: str) -> None:
    """Keeps how many come and how they ride."""
    session["party"], session["mode"] = size, how
    session.permanent = True
