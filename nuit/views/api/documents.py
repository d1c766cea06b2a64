"""Our nouns as the API's documents: field names are part of the contract, texts are in the spoken language."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import current_app

from nuit.actions.letters import House, evening_link
from nuit.clock import local
from nuit.conditions import words
from nuit.i18n import texts
from nuit.keys import Keys, manage_token
from nuit.models import Booking, Edition, Host, Route, Visit
from nuit.queries.party import Person
from nuit.queries.programme import LiveSlot
from nuit.queries.waiting import Line

Document = dict[str, Any]


def instant(value: datetime) -> str:
    """ISO 8601 on the wall clock of Sion, with its offset."""
    return local(value).isoformat(timespec="seconds")


def edition_document(edition: Edition, now: datetime) -> Document:
    return {
        "id": edition.id,
        "slug": edition.slug,
        "name": edition.name,
        "region": edition.region,
        "night": edition.night.isoformat(),
        "summary": texts(edition.summary),
        "opens_at": instant(edition.opens_at),
        "closes_at": instant(edition.closes_at),
        "booking_opens_at": instant(edition.booking_opens_at),
        "booking_closes_at": instant(edition.booking_closes_at),
        "booking_open": edition.booking_opens_at <= now < edition.booking_closes_at,
        "start": {"name": texts(edition.start_name), "lon": edition.start_lon, "lat": edition.start_lat},
        "max_party": edition.max_party,
        "max_stops": edition.max_stops,
        "confirm_minutes": edition.confirm_minutes if edition.asks_confirmation else None,
        "is_example": edition.is_example,
    }


def company_document(host: Host, visits: Sequence[Visit]) -> Document:
    company = host.company
    return {
        "slug": company.slug,
        "name": company.name,
        "lon": host.lon,
        "lat": host.lat,
        "summary": texts(company.summary),
        "about": texts(company.about),
        "fact": texts(company.fact),
        "website": company.website,
        "address": host.address,
        "postcode": host.postcode,
        "town": host.town,
        "district": host.district,
        "access": texts(host.access),
        "bike_parking": host.bike_parking,
        "charging": host.charging,
        "trades": [trade.slug for trade in company.trades],
        "practices": [{"kind": one.kind, "text": texts(one.text)} for one in company.practices],
        "visits": [visit_document(visit) for visit in visits],
        "is_example": company.is_example,
    }


def visit_document(visit: Visit) -> Document:
    return {
        "id": visit.id,
        "title": texts(visit.title),
        "summary": texts(visit.summary),
        "minutes": visit.minutes,
        "languages": visit.languages,
        "wheelchair": visit.wheelchair,
        "conditions": _conditions(visit.conditions),
    }


def slot_documents(slots: Sequence[LiveSlot]) -> list[Document]:
    """What a visit says is put into words once, however many departures it has."""
    visits: dict[int, Document] = {}
    return [_slot(one, visits.get(one.visit) or visits.setdefault(one.visit, _of_visit(one))) for one in slots]


def _slot(slot: LiveSlot, visit: Document) -> Document:
    return {
        "id": slot.id,
        "company": slot.company,
        "starts_at": instant(slot.starts_at),
        "ends_at": instant(slot.ends_at),
        "capacity": slot.capacity,
        "taken": slot.taken,
        "left": slot.capacity - slot.taken,
        "status": slot.status,
        **visit,
    }


def _of_visit(slot: LiveSlot) -> Document:
    return {
        "visit": slot.visit,
        "title": texts(slot.title),
        "languages": slot.languages,
        "wheelchair": slot.wheelchair,
        "conditions": _conditions(slot.conditions),
    }


def _conditions(conditions: Sequence[Document]) -> list[Document]:
    return [
        {"kind": one.get("kind"), "value": one.get("value"), "text": words(one), "note": texts(one.get("note"))}
        for one in conditions
    ]


def route_document(route: Route, address: str) -> Document:
    """`address` is where the loop's files lie, without their ending."""
    track = route.track
    return {
        "slug": route.slug,
        "name": texts(route.name),
        "summary": texts(route.summary),
        "colour": route.colour,
        "closed": route.is_closed,
        "metres": track.get("metres"),
        "climb": track.get("climb"),
        "seconds": track.get("seconds"),
        "approximate": track.get("approximate", True),
        "stops": [
            {
                "name": stop.host.company.name if stop.host else texts(stop.name),
                "company": stop.host.company.slug if stop.host else None,
                "lon": stop.host.lon if stop.host else stop.lon,
                "lat": stop.host.lat if stop.host else stop.lat,
            }
            for stop in route.stops
        ],
        "geojson": f"{address}.geojson",
        "gpx": f"{address}.gpx",
    }


def booking_document(
    booking: Booking, party: Sequence[Person], lines: Sequence[Line], edition: Edition, keys: Keys
) -> Document:
    """The party's own view; signed and derived anew each time, always the same. No code before the address is confirmed."""
    house = House(current_app.config["NUIT_URL"], current_app.config["MAIL_FROM"], keys)
    stands = booking.held_until is None
    return {
        "reference": booking.reference,
        "state": booking.state,
        "held_until": instant(booking.held_until) if booking.held_until else None,
        "code": booking.code if stands else None,
        "token": keys.party_token(edition.id, edition.night, booking.token_id) if stands else None,
        "manage_token": manage_token(keys.secret, booking.reference, booking.epoch),
        "manage_url": evening_link(house, booking),
        "name": booking.name,
        "email": booking.email,
        "locale": booking.locale,
        "mode": booking.mode,
        "created_at": instant(booking.created_at),
        "changed_at": instant(booking.changed_at),
        "tickets": [_ticket(person, edition, keys, stands=stands) for person in party],
        "waits": [_wait(line) for line in lines],
    }


def _wait(line: Line) -> Document:
    return {
        "id": line.id,
        "slot": line.slot,
        "size": line.size,
        "status": line.status,
        "rank": line.rank or None,
        "asked_at": instant(line.asked_at),
        "offered_until": instant(line.offered_until) if line.offered_until else None,
    }


def _ticket(person: Person, edition: Edition, keys: Keys, *, stands: bool) -> Document:
    return {
        "id": person.id,
        "label": person.label,
        "age_band": person.age_band,
        "code": person.code if stands else None,
        "token": keys.ticket_token(edition.id, edition.night, person.token_id) if stands else None,
        "seats": [{"id": seat.id, "slot": seat.slot, "status": seat.status} for seat in person.seats],
    }
