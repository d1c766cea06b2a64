"""The programme as a whole: what moves in it, and what there is to compare a sheet with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, bindparam, case, cast, func, literal, select

from nuit.clock import local
from nuit.db import db
from nuit.models import Company, Edition, Host, Slot, Visit
from nuit.planning.columns import COLUMNS, LANGUAGES, WITHOUT_VALUE
from nuit.planning.finding import fold
from nuit.planning.programme import Fields, Known, SlotKey, VisitKey

SPREAD, PRIME = 2_654_435_761, 2_147_483_647
_weight = cast(Slot.id, BigInteger) % PRIME * literal(SPREAD, BigInteger) % PRIME
_STATE = select(
    func.count(),
    func.sum(Slot.taken * _weight),
    func.sum(Slot.capacity * _weight),
    func.sum(Slot.version * _weight),
    func.sum(case((Slot.status == "open", 1), (Slot.status == "closed", 2), else_=3) * _weight),
).where(Slot.edition_id == bindparam("edition"))


def live_state(edition_id: int) -> tuple[int, ...]:
    """Another value whenever any slot's places or status are: sums in which each slot has a weight of its own.

    One statement, one row. Two states with the same sums are one in about 2³¹.
    """
    return tuple(int(figure or 0) for figure in db.session.execute(_STATE, {"edition": edition_id}).one())


class LiveSlot(NamedTuple):
    """A slot of a published host with what its visit says; `company` is the slug."""

    id: int
    company: str
    visit: int
    title: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int
    status: str
    languages: list[str]
    wheelchair: str
    conditions: list[dict[str, Any]]


_LIVE = (
    select(
        Slot.id, Company.slug, Visit.id, Visit.title, Slot.starts_at, Slot.ends_at, Slot.capacity, Slot.taken,
        Slot.status, Visit.languages, Visit.wheelchair, Visit.conditions,
    )
    .join(Visit, Visit.id == Slot.visit_id)
    .join(Host, Host.id == Slot.host_id)
    .join(Company, Company.id == Host.company_id)
    .where(Slot.edition_id == bindparam("edition"), Host.state == "published")
    .order_by(Slot.starts_at, Slot.id)
)  # fmt: skip
_OF_COMPANY = _LIVE.where(Company.slug == bindparam("company"))
_AHEAD = _LIVE.where(Slot.status == "open", Slot.capacity > Slot.taken, Slot.starts_at > bindparam("now"))
_AMONG = _LIVE.where(Slot.id.in_(bindparam("ids", expanding=True)))


def live_slots(edition_id: int, company: str | None = None) -> list[LiveSlot]:
    """Every slot of published hosts, or of one of them, by hour: one statement."""
    query = _LIVE if company is None else _OF_COMPANY
    return _live(query, edition=edition_id, **({} if company is None else {"company": company}))


def live_free_slots(edition_id: int, now: datetime) -> list[LiveSlot]:
    """The open slots to come that have a place left, by hour: one statement."""
    return _live(_AHEAD, edition=edition_id, now=now)


def live_slots_by_ids(edition_id: int, ids: Sequence[int]) -> list[LiveSlot]:
    """These slots, in the order of `ids`: one statement."""
    found = {one.id: one for one in _live(_AMONG, edition=edition_id, ids=list(ids))} if ids else {}
    return [found[one] for one in ids if one in found]


def _live(query: Select[Any], **values: Any) -> list[LiveSlot]:
    return [LiveSlot(*row) for row in db.session.execute(query, values)]


def known_programme(edition: Edition) -> Known:
    """Companies, and this edition's hosts, visits and slots, locked for who writes: four statements."""
    companies = {one["slug"]: one for one in _rows(select(Company.__table__))}
    slugs = {one["id"]: slug for slug, one in companies.items()}
    hosts = {
        slugs[one["company_id"]]: one for one in _rows(select(Host.__table__).where(Host.edition_id == edition.id))
    }
    of_host = {one["id"]: slug for slug, one in hosts.items()}
    visits: dict[VisitKey, Fields] = {}
    key_of: dict[int, VisitKey] = {}
    for one in _rows(select(Visit.__table__).join(Host).where(Host.edition_id == edition.id).order_by(Visit.id)):
        key_of[one["id"]] = (of_host[one["host_id"]], fold(one["title"].get("fr", "")))
        visits.setdefault(key_of[one["id"]], one)
    slots: dict[SlotKey, Fields] = {}
    query = select(Slot.__table__).where(Slot.edition_id == edition.id).order_by(Slot.id).with_for_update()
    for one in _rows(query):
        starts_at: datetime = one["starts_at"]
        slots.setdefault((*key_of[one["visit_id"]], starts_at), one)
    return Known(edition.opens_at, edition.closes_at, companies, hosts, visits, slots)


def _rows(query: Select[Any]) -> list[Fields]:
    return [dict(row) for row in db.session.execute(query).mappings()]


def programme_rows(edition: Edition) -> tuple[list[str], list[list[object]]]:
    """(headings, rows): the whole programme in the columns that a sheet is read by; four statements.

    A row for each visit and capacity, one for a company without a visit. Cancelled departures are left out: a sheet
    would bring them back.
    """
    known = known_programme(edition)
    names = [name for english, (column, _others) in COLUMNS.items() for name in _names(english, column.is_text)]
    starts: dict[VisitKey, dict[int, list[str]]] = {}
    for slot, there in sorted(known.slots.items(), key=lambda one: one[0]):
        if there["status"] != "cancelled":
            hours = starts.setdefault((slot[0], slot[1]), {}).setdefault(there["capacity"], [])
            hours.append(f"{local(slot[2]):%H:%M}")
    rows = []
    for slug in sorted(known.hosts):
        for visit in [key for key in known.visits if key[0] == slug] or [(slug, "")]:
            nouns = (known.companies[slug], known.hosts[slug], known.visits.get(visit, {}))
            for capacity, at in (starts.get(visit) or {0: []}).items():
                rows.append(_row(*nouns, {"capacity": capacity or "", "starts": " ".join(at)}))
    return names, rows


def _names(english: str, is_text: bool) -> list[str]:
    return [english, *(f"{english} {tongue}" for tongue in LANGUAGES[1:])] if is_text else [english]


def _row(company: Fields, host: Fields, visit: Fields, slot: Fields) -> list[object]:
    """One line of the sheet, in the order of COLUMNS."""
    asked = {one["kind"]: one.get("value") for one in visit.get("conditions", [])}
    told: Fields = {kind: asked.get(kind) for kind in ("min_age", "accompanied_under")}
    told["conditions"] = " ".join(kind for kind in asked if kind in WITHOUT_VALUE)
    told["languages"] = ", ".join(visit.get("languages", []))
    nouns = {"company": company, "host": host, "visit": visit | told, "slot": slot}
    row: list[object] = []
    for column, _others in COLUMNS.values():
        value = nouns[column.level].get(column.field)
        row += [(value or {}).get(tongue, "") for tongue in LANGUAGES] if column.is_text else [value]
    return row
