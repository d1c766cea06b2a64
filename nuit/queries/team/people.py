"""Who signs in, as the organisers see them."""

from collections.abc import Sequence

from sqlalchemy import func, select

from nuit.db import db, folded
from nuit.models import Company, Member, SignedIn
from nuit.planning.finding import fold


def chosen(members: Sequence[Member], text: str) -> list[Member]:
    """The members whose name, address or company holds these letters, in any case and without accents."""
    wanted = fold(text).strip()
    return [one for one in members if wanted in _words(one)]


def _words(member: Member) -> str:
    companies = [one.company.name for one in member.memberships if one.company is not None]
    return fold(" ".join((member.name, member.email, *companies)))


def browsers() -> dict[int, int]:
    """In how many browsers each member is signed in, by id: one statement."""
    rows = db.session.execute(select(SignedIn.member_id, func.count()).group_by(SignedIn.member_id))
    return {row[0]: row[1] for row in rows}


def member_by_id(member_id: int) -> Member | None:
    """One member."""
    return db.session.get(Member, member_id)


def all_companies() -> list[tuple[int, str]]:
    """(id, name) of every company there is, by name."""
    rows = db.session.execute(select(Company.id, Company.name).order_by(folded(Company.name)))
    return [(company_id, name) for company_id, name in rows]
