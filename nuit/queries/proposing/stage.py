"""The programme as the planner needs it: companies, trades and festival items, and every departure as it is now."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from nuit.db import db
from nuit.models import Company, Edition, Festival, FestivalItem, Host, Slot, Texts, Trade, Visit
from nuit.models.company import company_trade
from nuit.planning.evening import condition_value
from nuit.planning.posing import Departing, Firm, Item, Posed, Stage, places_of, pose
from nuit.planning.wish import Wish
from nuit.queries.ride import ride_minutes


def stage_of(edition_id: int) -> Stage:
    """What can be wished for: three statements."""
    trades, by_company = _trades(edition_id)
    rows = db.session.execute(
        select(Host.id, Company.id, Company.slug, Company.name, Host.lon, Host.lat, Host.district, Host.town)
        .join(Company, Company.id == Host.company_id)
        .where(Host.edition_id == edition_id, Host.state == "published")
        .order_by(Company.name, Host.id)
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


def departing(edition_id: int) -> list[Departing]:
    """Every departure of companies on show that is not cancelled, full ones too, by id: two statements."""
    ages = _ages(edition_id)
    rows = db.session.execute(
        select(Slot.id, Slot.host_id, Slot.visit_id, Slot.starts_at, Slot.ends_at, Slot.capacity, Slot.taken, Slot.status)
        .join(Host, Host.id == Slot.host_id)
        .where(Slot.edition_id == edition_id, Slot.status != "cancelled", Host.state == "published")
        .order_by(Slot.id)
    )  # fmt: skip
    return [
        Departing(slot, host, starts_at, ends_at, capacity, capacity - taken if status == "open" else 0,
                  *ages.get(visit, (0, 0)))
        for slot, host, visit, starts_at, ends_at, capacity, taken, status in rows
    ]  # fmt: skip


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
    """The wish as a question, over departures as they are now: two statements. Nothing begins before now. Raises NightError."""
    ahead = replace(wish, begin=max(wish.begin, now.replace(second=0, microsecond=0)))
    places = places_of((edition.start_lon, edition.start_lat), stage, ahead)
    minutes = ride_minutes(edition, places, wish.mode)
    return pose(ahead, stage, departing(edition.id), places, minutes, edition.opens_at)
