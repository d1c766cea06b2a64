"""The planner's answer with names, rides and places left: evenings as they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from nuit.models import Edition, Slot
from nuit.planning.night import Itinerary
from nuit.planning.night import Stop as Called
from nuit.planning.outing import Halt, Outing
from nuit.planning.posing import Firm, Item, Posed
from nuit.planning.timetable import Stop, Texts
from nuit.planning.wish import Wish
from nuit.queries.ride import leg_between, stop_of
from nuit.queries.visit import slots_by_ids


def outings(edition: Edition, posed: Posed, wish: Wish, found: Sequence[Itinerary]) -> list[Outing]:
    """The evenings as they are shown; one whose slots are not on show any more is left out: one statement."""
    wanted = {one.slot for evening in found for one in evening.stops if one.slot > 0}
    slots = {one.id: one for one in slots_by_ids(edition.id, wanted)}
    return [_outing(edition, posed, wish, one, slots) for one in found if _all_there(one, slots)]


def _all_there(found: Itinerary, slots: Mapping[int, Slot]) -> bool:
    return bool(found.stops) and all(one.slot in slots for one in found.stops if one.slot > 0)


def _outing(edition: Edition, posed: Posed, wish: Wish, found: Itinerary, slots: Mapping[int, Slot]) -> Outing:
    halts: list[Halt] = []
    for called in found.stops:
        halts.append(_halt(edition, posed, wish, called, halts[-1] if halts else None, slots))
    last, home_at = halts[-1].stop, posed.at(found.home)
    until = posed.at(posed.night.until)
    end = replace(last, lon=wish.end[0], lat=wish.end[1], starts_at=until, ends_at=until)
    back, line = leg_between(edition, (last.lon, last.lat), end, last, wish.mode)
    return Outing(
        found.kind, found.value, found.bound, found.proven, name_of(edition, posed, wish.start),
        name_of(edition, posed, wish.end), posed.at(found.stops[0].leave), tuple(halts), back, line, home_at,
    )  # fmt: skip


def _halt(
    edition: Edition, posed: Posed, wish: Wish, called: Called, before: Halt | None, slots: Mapping[int, Slot]
) -> Halt:
    here = posed.who(called.slot, called.company)
    starts_at, ends_at = posed.at(called.start), posed.at(called.end)
    if called.slot in slots:
        kind, stop = "visit", stop_of(slots[called.slot])
    elif isinstance(here, Item):
        kind, stop = "festival", _elsewhere(called, here.title, here.where, here.place, starts_at, ends_at)
    else:
        kind, stop = "pause", _pause(posed, called, before, starts_at, ends_at)
    start = (before.stop.lon, before.stop.lat) if before else wish.start
    leg, line = leg_between(edition, start, stop, before.stop if before else None, wish.mode)
    return Halt(kind, stop, leg, line, called.wait, here.slug if here else "")


def _pause(posed: Posed, called: Called, before: Halt | None, starts_at: datetime, ends_at: datetime) -> Stop:
    """Where one pauses: at the festival's table, or where one has just been."""
    table = next((one for one in posed.stage.items if one.kind == "food" and _row(posed, called, one)), None)
    if table is not None:
        return _elsewhere(called, table.title, table.where, table.place, starts_at, ends_at)
    near = next((one for one in posed.stage.firms if _row(posed, called, one)), None)
    place = near.place if near else (before.stop.lon, before.stop.lat) if before else (0.0, 0.0)
    return _elsewhere(called, {}, {"fr": near.district} if near else {}, place, starts_at, ends_at)


def _row(posed: Posed, called: Called, one: Firm | Item) -> bool:
    return posed.places[called.place] == one.place


def _elsewhere(called: Called, title: Texts, where: Texts, place: tuple[float, float], starts_at: datetime,
               ends_at: datetime) -> Stop:  # fmt: skip
    """A stop that nobody books."""
    return Stop(
        slot=called.slot, host=0, company="", slug="", visit=title, starts_at=starts_at, ends_at=ends_at, lon=place[0],
        lat=place[1], address="", district="", access=where, languages=(), conditions=(), status="free", reason="",
        capacity=0, left=0,
    )  # fmt: skip


def name_of(edition: Edition, posed: Posed, place: tuple[float, float]) -> Texts:
    """What a place is called: the edition's start, a company, a festival place; {} where only the party knows."""
    if place == (edition.start_lon, edition.start_lat):
        return edition.start_name
    firm = next((one for one in posed.stage.firms if one.place == place), None)
    item = next((one for one in posed.stage.items if one.place == place), None)
    return {"fr": firm.name} if firm else item.where if item else {}
