"""The programme as a whole: what moves in it, and what there is to compare a sheet with."""

from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Select, select

from nuit.db import db
from nuit.models import Company, Edition, Host, Slot, Visit
from nuit.planning.finding import fold
from nuit.planning.programme import Fields, Known, SlotKey, VisitKey


def live_state(edition_id: int) -> str:
    """A digest of every slot's places and status: another one whenever any number on show is. One statement."""
    rows = db.session.execute(
        select(Slot.id, Slot.taken, Slot.capacity, Slot.status, Slot.version)
        .where(Slot.edition_id == edition_id)
        .order_by(Slot.id)
    )
    return blake2b(repr(rows.all()).encode(), digest_size=12).hexdigest()


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
