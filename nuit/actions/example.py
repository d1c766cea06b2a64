"""The example programme: one edition with everything in it, written at once into an empty database."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from nuit.clock import at_wall, local
from nuit.db import db, transaction
from nuit.ledger.trail import note
from nuit.models import (
    Base,
    Company,
    Edition,
    Festival,
    FestivalItem,
    Host,
    Practice,
    Route,
    Slot,
    Stop,
    Trade,
    Visit,
    company_trade,
)
from nuit.planning.sample import Sample
from nuit.planning.track import track
from nuit.queries.edition import programme_is_empty
from nuit.queries.ride import network

START = (7.3590, 46.2275)
START_NAME = {"fr": "Gare de Sion", "de": "Bahnhof Sitten", "en": "Sion railway station"}
SUMMARY = {
    "fr": "Un soir, les entreprises de Sion ouvrent leurs portes, et l’on va de l’une à l’autre à vélo électrique.",
    "de": "Einen Abend lang öffnen die Betriebe von Sitten ihre Türen, und man fährt mit dem E-Bike von einem zum andern.",
    "en": "For one evening, the companies of Sion open their doors, and you go from one to the next by e-bike.",
}

Ids = dict[str, int]


def night_ahead(now: datetime) -> date:
    """The last Friday of September that is at least 21 days ahead: the season of the night, and never over."""
    earliest = local(now).date() + timedelta(days=21)
    return next(day for year in (earliest.year, earliest.year + 1) if (day := _last_friday(year)) >= earliest)


def _last_friday(year: int) -> date:
    """The last Friday of September."""
    end = date(year, 9, 30)
    return end - timedelta(days=(end.weekday() - 4) % 7)


def make_example(sample: Sample, *, now: datetime) -> Edition | None:
    """Writes the sample as the current edition of an empty database; None, and nothing written, when there is one.

    Raises KeyError or IntegrityError for a sample that does not hold together, OutsideNetwork or Unreachable for
    a loop off the streets.
    """
    with transaction():
        if not programme_is_empty():
            return None
        edition = _edition(now)
        trades = _keyed(Trade, sample.trades)
        companies = _companies(sample, trades)
        hosts = _hosts(edition, sample, companies, now)
        _visits(edition, sample, hosts)
        _festival(edition, sample.festival)
        _routes(edition, sample, hosts)
        note("load", "edition", edition.id, member_id=None, now=now, companies=len(companies))
    return edition


def _edition(now: datetime) -> Edition:
    night = night_ahead(now)
    edition = Edition(
        slug=f"sion-{night.year}", name=f"Sion {night.year}", region="Sion", night=night,
        opens_at=at_wall(night, "17:00"), closes_at=at_wall(night, "23:00"), booking_opens_at=now - timedelta(days=1),
        booking_closes_at=at_wall(night, "23:00"), summary=SUMMARY, contact_email="organisation@exemple.ch",
        contact_phone="027 000 00 00", start_lon=START[0], start_lat=START[1], start_name=START_NAME,
        is_example=True, is_current=True,
    )  # fmt: skip
    db.session.add(edition)
    db.session.flush()
    return edition


def _insert(model: type[Base], rows: list[dict[str, Any]]) -> list[int]:
    """Writes the rows at once; their ids in the same order."""
    if not rows:
        return []
    return list(db.session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows))


def _keyed(model: type[Base], rows: list[dict[str, Any]]) -> Ids:
    return dict(zip((row["slug"] for row in rows), _insert(model, rows), strict=True))


def _companies(sample: Sample, trades: Ids) -> Ids:
    texts = ("slug", "name", "disc", "summary", "about", "fact")
    ids = _keyed(Company, [{key: one[key] for key in texts} | {"is_example": True} for one in sample.companies])
    links = [
        {"company_id": ids[one["slug"]], "trade_id": trades[slug]} for one in sample.companies for slug in one["trades"]
    ]
    if links:
        db.session.execute(insert(company_trade), links)
    _insert(Practice, [
        {"company_id": ids[one["slug"]], "kind": practice["kind"], "text": practice["text"]}
        for one in sample.companies
        for practice in one["practices"]
    ])  # fmt: skip
    return ids


def _hosts(edition: Edition, sample: Sample, companies: Ids, now: datetime) -> Ids:
    rows = [
        one["place"] | {
            "edition_id": edition.id, "company_id": companies[one["slug"]], "state": "published",
            "safety_limit": one["safety_limit"], "contact_name": "", "contact_phone": "", "version": 1,
            "contact_email": f"{one['slug']}@exemple.ch", "changed_at": now,
        }
        for one in sample.companies
    ]  # fmt: skip
    return dict(zip(companies, _insert(Host, rows), strict=True))


def _visits(edition: Edition, sample: Sample, hosts: Ids) -> None:
    keys = ("title", "summary", "minutes", "languages", "wheelchair", "conditions")
    planned = [(one, visit) for one in sample.companies for visit in one["visits"]]
    ids = _insert(Visit, [
        {key: visit[key] for key in keys} | {"host_id": hosts[one["slug"]], "position": one["visits"].index(visit) + 1}
        for one, visit in planned
    ])  # fmt: skip
    slots = []
    for (one, visit), visit_id in zip(planned, ids, strict=True):
        for text in visit["starts"]:
            starts_at = at_wall(edition.night, text)
            slots.append({
                "edition_id": edition.id, "host_id": hosts[one["slug"]], "visit_id": visit_id, "starts_at": starts_at,
                "ends_at": starts_at + timedelta(minutes=visit["minutes"]), "capacity": visit["capacity"],
                "safety_limit": one["safety_limit"],
            })  # fmt: skip
    _insert(Slot, slots)


def _festival(edition: Edition, told: dict[str, Any]) -> None:
    if not told:
        return
    festival = Festival(edition_id=edition.id, name=told["name"], summary=told["summary"])
    db.session.add(festival)
    db.session.flush()
    keys = ("slug", "title", "summary", "place", "lon", "lat", "kind")
    _insert(FestivalItem, [
        {key: item[key] for key in keys} | {
            "festival_id": festival.id, "starts_at": at_wall(edition.night, item["starts"]),
            "ends_at": at_wall(edition.night, item["ends"]) if item["ends"] else None,
        }
        for item in told["items"]
    ])  # fmt: skip


def _routes(edition: Edition, sample: Sample, hosts: Ids) -> None:
    places = {one["slug"]: (one["place"]["lon"], one["place"]["lat"]) for one in sample.companies}
    stops = []
    for position, told in enumerate(sample.routes, start=1):
        line = [
            places[s["company"]] if "company" in s else (s["place"]["lon"], s["place"]["lat"]) for s in told["stops"]
        ]
        route = Route(
            edition_id=edition.id, slug=told["slug"], position=position, name=told["name"], summary=told["summary"],
            colour=told["colour"], is_closed=told["closed"], is_published=True,
            track=track(network(), line, closed=told["closed"]),
        )  # fmt: skip
        db.session.add(route)
        db.session.flush()
        stops += [_stop(route.id, number, stop, hosts) for number, stop in enumerate(told["stops"], start=1)]
    _insert(Stop, stops)


def _stop(route_id: int, position: int, told: dict[str, Any], hosts: Ids) -> dict[str, Any]:
    own = told.get("place") or {}
    return {
        "route_id": route_id, "position": position, "host_id": hosts[told["company"]] if "company" in told else None,
        "name": own.get("name") or {}, "lon": own.get("lon"), "lat": own.get("lat"),
    }  # fmt: skip
