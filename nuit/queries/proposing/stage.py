"""The programme as the planner needs it: companies, trades and festival items, and every departure as it is now."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select

from nuit.db import db, folded
from nuit.models import Company, Edition, Festival, FestivalItem, Host, Slot, Texts, Trade, Visit
from nuit.models.company import company_trade
from nuit.planning.evening import condition_value
from nuit.planning.posing import Departing, Firm, Item, Posed, Stage, places_of, pose
from nuit.planning.wish import Wish
from nuit.queries.ride import ride_minutes


def stage_of(edition: Edition) -> Stage:
    """What can be wished for: three statements a process and revision of the edition, none afterwards."""
    return stage_at(edition.id, edition.revision)


@lru_cache(maxsize=4)
def stage_at(edition_id: int, revision: int) -> Stage:
    """What can be wished for as it stands at this revision."""
    trades, by_company = _trades(edition_id)
    rows = db.session.execute(
        select(Host.id, Company.id, Company.slug, Company.name, Host.lon, Host.lat, Host.district, Host.town)
        .join(Company, Company.id == Host.company_id)
        .where(Host.edition_id == edition_id, Host.state == "published")
        .order_by(folded(Company.name), Host.id)
    )
    firms = tuple(
        Firm(host, slug, name, (lon, lat), district or town, frozenset(by_company.get(company, ())))
        for host, company, slug, name, lon, lat, district, town in rows
    )
    return Stage(firms, trades, _items(edition_id))


def _trades(edition_id: int) -> tuple[dict[str, Texts], dict[int, set[str]]]:
    rows = db.session.execute(
        select(company_trade.c.company_id, Trade.slug, Trade.name)
        .join(Trade, Trade.id == company_trade.c.trade_id)
        .join(Host, Host.company_id == company_trade.c.company_id)
        .where(Host.edition_id == edition_id, Host.state == "published")
        .order_by(Trade.slug)
    )
    names: dict[str, Texts] = {}
    by_company: dict[int, set[str]] = {}
    for company, slug, name in rows:
        names[slug] = name
        by_company.setdefault(company, set()).add(slug)
    return names, by_company


def _items(edition_id: int) -> tuple[Item, ...]:
    rows = db.session.execute(
        select(
            FestivalItem.id, FestivalItem.slug, FestivalItem.kind, FestivalItem.title, FestivalItem.place,
            FestivalItem.lon, FestivalItem.lat, FestivalItem.starts_at, FestivalItem.ends_at,
        )
        .join(Festival, Festival.id == FestivalItem.festival_id)
        .where(Festival.edition_id == edition_id)
        .order_by(FestivalItem.starts_at, FestivalItem.id)
    )  # fmt: skip
    return tuple(
        Item(key, slug, kind, title, where, (lon, lat), starts_at, ends_at)
        for key, slug, kind, title, where, lon, lat, starts_at, ends_at in rows
    )


class Timed(NamedTuple):
    """What a revision fixes of a departure."""

    host: int
    starts_at: datetime
    ends_at: datetime
    min_age: int
    accompanied_under: int


def departing(edition: Edition) -> list[Departing]:
    """Every departure of companies on show that is not cancelled, full ones too, by id, with its places as they are now.

    One statement, and two more once a process and revision.
    """
    timed = timed_at(edition.id, edition.revision)
    rows = db.session.execute(
        select(Slot.id, Slot.capacity, Slot.taken, Slot.status)
        .where(Slot.edition_id == edition.id, Slot.status != "cancelled")
        .order_by(Slot.id)
    )
    found = []
    for slot, capacity, taken, status in rows:
        if slot in timed:
            one = timed[slot]
            left = capacity - taken if status == "open" else 0
            found.append(Departing(slot, *one[:3], capacity, left, *one[3:]))
    return found


@lru_cache(maxsize=4)
def timed_at(edition_id: int, revision: int) -> dict[int, Timed]:
    """What a revision fixes, of every departure of companies on show, by slot."""
    ages = _ages(edition_id)
    rows = db.session.execute(
        select(Slot.id, Slot.host_id, Slot.starts_at, Slot.ends_at, Slot.visit_id)
        .join(Host, Host.id == Slot.host_id)
        .where(Slot.edition_id == edition_id, Host.state == "published")
    )
    return {slot: Timed(host, begins, ends, *ages.get(visit, (0, 0))) for slot, host, begins, ends, visit in rows}


def _ages(edition_id: int) -> dict[int, tuple[int, int]]:
    """(minimum age, age below which an adult comes along) of the visits that have any condition."""
    rows = db.session.execute(
        select(Visit.id, Visit.conditions).join(Host, Host.id == Visit.host_id).where(Host.edition_id == edition_id)
    )
    return {
        visit: (condition_value(told, "min_age"), condition_value(told, "accompanied_under"))
        for visit, told in rows
        if told
    }


def the_night(edition: Edition, stage: Stage, wish: Wish, now: datetime) -> Posed:
    """The wish as a question, over departures as they are now: one statement. Nothing begins before now. Raises NightError."""
    ahead = replace(wish, begin=max(wish.begin, now.replace(second=0, microsecond=0)))
    places = places_of((edition.start_lon, edition.start_lat), stage, ahead)
    minutes = ride_minutes(edition, places, wish.mode)
    return pose(ahead, stage, departing(edition), places, minutes, edition.opens_at)
