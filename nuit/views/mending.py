"""When a place of an evening has gone: the nearest evening that still holds, and what changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from nuit import clock
from nuit.forms.booking import BookingForm
from nuit.forms.wish import WishForm
from nuit.models import Edition
from nuit.planning.evening import Person
from nuit.planning.night import NightError
from nuit.planning.posing import Posed
from nuit.planning.proposal import Change as Moved
from nuit.planning.proposal import Repair, repair
from nuit.planning.ride import MODES, Mode
from nuit.planning.timetable import Stop
from nuit.planning.wish import Wish
from nuit.queries.proposing import outings, stage_of, the_night
from nuit.queries.ride import stop_of
from nuit.queries.visit import slots_by_ids

SECONDS = 0.4
MOST = 50


@dataclass(frozen=True)
class Change:
    """A stop that leaves, one that comes, or both."""

    gone: Stop | None
    new: Stop | None


@dataclass(frozen=True)
class Mended:
    """The slots of the nearest evening, what changes, and when it ends."""

    slots: tuple[int, ...]
    changes: tuple[Change, ...]
    home_at: datetime


def mended(night: Edition, form: BookingForm, now: datetime) -> Mended | None:
    """The evening nearest to the form's; None where nothing of it can be had, or all of it can."""
    slots = form.slot_ids()[:MOST]
    mode: Mode = next((one for one in MODES if one == form.mode.data), "ebike25")
    return nearest(night, form.wish.data or "", slots, form.party(), mode, now)


def nearest(
    night: Edition, query: str, slots: Sequence[int], party: Sequence[Person], mode: Mode, now: datetime
) -> Mended | None:
    """The evening nearest to these slots, within the wish that an address's query says (the whole night for "")."""
    stage = stage_of(night)
    asked = WishForm(MultiDict(parse_qsl(query)), night, stage, now)
    by_hand = not query
    wish = replace(
        asked.wish(), party=tuple(party), mode=mode, locked=frozenset(), refused=frozenset(), required=frozenset(),
        pause=None if by_hand else asked.wish().pause,
    )  # fmt: skip
    try:
        posed = the_night(night, stage, wish, now)
        own = {posed.night.candidates[posed.night.rows[one]].company for one in slots if one in posed.night.rows}
        if by_hand:
            posed = _only(posed, own)
        found = repair(posed.night, slots, own, stop=clock.deadline(SECONDS))
    except NightError:
        return None
    return _shown(night, posed, wish, found, slots) if found and found.changes else None


def _only(posed: Posed, own: set[int]) -> Posed:
    """The same night with no points for companies that nobody has chosen."""
    kept = tuple(replace(one, score=one.score if one.company in own else 0) for one in posed.night.candidates)
    return replace(posed, night=replace(posed.night, candidates=kept))


def _shown(night: Edition, posed: Posed, wish: Wish, found: Repair, slots: Sequence[int]) -> Mended | None:
    shown = outings(night, posed, wish, [found.evening])
    if not shown or not 0 < len(shown[0].slots) <= night.max_stops:
        return None
    gone = {one.id: stop_of(one) for one in slots_by_ids(night.id, slots)}
    new = {halt.stop.slot: halt.stop for halt in shown[0].halts}
    changes = tuple(_change(one, gone, new) for one in found.changes)
    return Mended(shown[0].slots, tuple(one for one in changes if one.gone or one.new), shown[0].home_at)


def _change(moved: Moved, gone: dict[int, Stop], new: dict[int, Stop]) -> Change:
    return Change(gone.get(moved.gone) if moved.gone else None, new.get(moved.new.slot) if moved.new else None)
