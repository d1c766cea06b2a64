"""Who signs in and which phones stand at the doors: for the organisers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from nuit.db import db
from nuit.models import Company, Device, Host, Member, SignedIn
from nuit.planning.finding import fold


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone at a door, with its company."""

    device: Device
    company: str
    slug: str


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
    rows = db.session.execute(select(Company.id, Company.name).order_by(func.lower(Company.name)))
    return [(company_id, name) for company_id, name in rows]


def phones(edition_id: int) -> list[Phone]:
    """Every phone that is or was paired, by company; those cut off last: one statement."""
    rows = db.session.execute(
        select(Device, Company.name, Company.slug)
        .join(Host, Host.id == Device.host_id)
        .join(Company, Company.id == Host.company_id)
        .where(Device.edition_id == edition_id, or_(Device.paired_at.is_not(None), Device.revoked_at.is_not(None)))
        .order_by(Device.revoked_at.is_not(None), func.lower(Company.name), Device.id)
    )
    return [Phone(*row) for row in rows]
