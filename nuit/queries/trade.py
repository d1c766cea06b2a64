"""Trades, and who shows them."""

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, defer

from nuit.db import db, folded
from nuit.models import Company, Host, Trade, company_trade


def trades() -> list[Trade]:
    """All trades: one statement."""
    return list(db.session.scalars(select(Trade).order_by(Trade.slug)))


def shown_trades(edition_id: int, *, limit: int) -> list[tuple[Trade, int]]:
    """The trades most companies on show have, with how many: one statement."""
    companies = func.count(Host.id)
    rows = db.session.execute(
        select(Trade, companies)
        .join(company_trade, company_trade.c.trade_id == Trade.id)
        .join(Host, Host.company_id == company_trade.c.company_id)
        .where(Host.edition_id == edition_id, Host.state == "published")
        .group_by(Trade.id)
        .order_by(companies.desc(), Trade.slug)
        .limit(limit)
    )
    return [(trade, count) for trade, count in rows]


def hosts_by_trade(edition_id: int) -> dict[int, list[Host]]:
    """The hosts on show by the id of each trade they show, by name: one statement."""
    rows = db.session.execute(
        select(company_trade.c.trade_id, Host)
        .join(Host, Host.company_id == company_trade.c.company_id)
        .join(Host.company)
        .where(Host.edition_id == edition_id, Host.state == "published")
        .options(contains_eager(Host.company).options(defer(Company.about), defer(Company.fact)))
        .order_by(folded(Company.name), Host.id)
    )
    found: dict[int, list[Host]] = {}
    for trade_id, host in rows:
        found.setdefault(trade_id, []).append(host)
    return found
