"""An evening that is not booked yet, as pages show it: hours, rides, what speaks against it, what could stand in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import gettext, ngettext

from nuit.errors import refusal_of
from nuit.i18n import say
from nuit.models import Edition, Slot
from nuit.planning.evening import Departure, Person, Ride, faults, openings, stand_ins
from nuit.planning.queue import is_over
from nuit.planning.ride import Mode
from nuit.planning.timetable import Timetable
from nuit.queries.ride import ride_between_hosts, timetable
from nuit.queries.visit import departure, free_departures, slots_by_ids

MOST_A_GAP, MOST_HOURS = 6, 6


@dataclass(frozen=True)
class Opening:
    """A departure that still fits; `minutes` is the ride to it, None where one comes from anywhere."""

    slot: Slot
    minutes: int | None


@dataclass(frozen=True)
class Plan:
    """`said` are the sentences against each stop, `hours` the departures of the same company that would do,
    `full` those whose places one can wait for.

    `gaps` are what still fits before, between and after the stops.
    """

    timetable: Timetable
    slots: list[Slot]
    gone: int
    said: dict[int, list[str]] = field(default_factory=dict)
    full: frozenset[int] = frozenset()
    hours: dict[int, list[Slot]] = field(default_factory=dict)
    gaps: list[list[Opening]] = field(default_factory=list)


def plan(
    night: Edition, ids: Sequence[int], party: Sequence[Person], mode: Mode, now: datetime, *, open_gaps: bool = False
) -> Plan:
    """The evening of these slots for this party; ids that are not on show any more are counted in `gone`."""
    slots = slots_by_ids(night.id, ids)
    evening, ride = [departure(one) for one in slots], ride_between_hosts(night, mode)
    said = _against(slots, evening, party, ride, now, timedelta(minutes=night.door_late_minutes))
    wide = open_gaps and len(slots) < night.max_stops
    free = free_departures(night.id, now, seats=len(party)) if said or wide else []
    others = {one.slot: stand_ins(evening, one, free, ride) for one in evening if one.slot in said}
    gaps = openings(evening, free, ride, at_most=MOST_A_GAP) if wide else []
    shown = _by_id(night, [one.slot for found in (*others.values(), *gaps) for one in found])
    return Plan(
        timetable=timetable(night, [(one, ()) for one in slots], mode),
        slots=slots,
        gone=len(set(ids)) - len(slots),
        said=said,
        full=frozenset(one.id for one in slots if one.left < len(party) and may_wait(one, now)),
        hours={slot: _hours(found, shown, party, ride) for slot, found in others.items()},
        gaps=[_opened(gap, shown, evening[at - 1] if at else None, ride) for at, gap in enumerate(gaps)],
    )


def may_wait(slot: Slot, now: datetime) -> bool:
    """Whether a slot has a queue that one can join."""
    return slot.status == "open" and not is_over(slot.starts_at, now)


def _by_id(night: Edition, ids: Sequence[int]) -> dict[int, Slot]:
    return {one.id: one for one in slots_by_ids(night.id, ids)}


def _against(
    slots: Sequence[Slot],
    evening: Sequence[Departure],
    party: Sequence[Person],
    ride: Ride,
    now: datetime,
    late: timedelta,
) -> dict[int, list[str]]:
    """The sentences against each stop; what is between two stops is told at the later one."""
    said: dict[int, list[str]] = {}
    for slot in slots:
        sentence = _state(slot, len(party), now, late)
        if sentence:
            said.setdefault(slot.id, []).append(sentence)
    for fault in faults(evening, party, ride):
        said.setdefault(fault.slots[-1], []).append(say(refusal_of(fault)))
    return said


def _state(slot: Slot, seats: int, now: datetime, late: timedelta) -> str:
    """Why this slot cannot be had, if it cannot."""
    if slot.status == "cancelled":
        return slot.reason or str(gettext("Cette visite est annulée."))
    if slot.starts_at <= now and (slot.released_at is None or slot.starts_at <= now - late):
        return str(gettext("Cette visite a déjà commencé."))
    if slot.status == "closed":
        return str(gettext("Ce créneau n’est plus ouvert à la réservation."))
    if slot.left <= 0:
        return str(gettext("Complet."))
    if slot.left < seats:
        return str(
            ngettext(
                "Il ne reste que %(num)s place pour %(people)s personnes.",
                "Il ne reste que %(num)s places pour %(people)s personnes.",
                slot.left,
                people=seats,
            )
        )
    return ""


def _hours(found: Sequence[Departure], shown: Mapping[int, Slot], party: Sequence[Person], ride: Ride) -> list[Slot]:
    """Of the hours that would mend a stop those that this party may visit."""
    slots = [shown[one.slot] for one in found if one.slot in shown]
    return [one for one in slots if not faults([departure(one)], party, ride)][:MOST_HOURS]


def _opened(gap: Sequence[Departure], shown: Mapping[int, Slot], before: Departure | None, ride: Ride) -> list[Opening]:
    return [
        Opening(shown[one.slot], round(ride(before.host, one.host)) if before else None)
        for one in gap
        if one.slot in shown
    ]
