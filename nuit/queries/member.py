"""Who signs in, and what they may see."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from nuit.db import db, folded
from nuit.keys import fingerprint
from nuit.models import Company, Device, Host, Member, Membership, SignedIn

IDLE = timedelta(days=7)
ABSOLUTE = timedelta(days=30)


def member_by_email(email: str) -> Member | None:
    """The member of this address, in any case."""
    return db.session.scalar(select(Member).where(Member.email == email.strip().lower()))


def signed_in(token: str, now: datetime) -> SignedIn | None:
    """The sign-in behind a browser's token, while neither limit (7 days idle, 30 days in all) has passed."""
    found = db.session.scalar(select(SignedIn).where(SignedIn.token_hash == fingerprint(token)))
    if found is None or found.member.disabled_at is not None:
        return None
    return found if now < min(found.seen_at + IDLE, found.created_at + ABSOLUTE) else None


def members() -> list[Member]:
    """Everyone who signs in, by address, with roles and companies."""
    return list(
        db.session.scalars(
            select(Member)
            .options(selectinload(Member.memberships).joinedload(Membership.company))
            .order_by(Member.email)
        )
    )


def organisers_left(without: int) -> int:
    """How many organisers there are besides this member."""
    return (
        db.session.scalar(
            select(func.count(func.distinct(Member.id)))
            .join(Membership)
            .where(Membership.role == "organiser", Member.disabled_at.is_(None), Member.id != without)
        )
        or 0
    )


def hosts_of(member: Member, edition_id: int) -> list[Host]:
    """The hosts a company contact answers for in this edition, by name."""
    companies = [one.company_id for one in member.memberships if one.role == "host"]
    if not companies:
        return []
    return list(
        db.session.scalars(
            select(Host)
            .join(Host.company)
            .where(Host.edition_id == edition_id, Host.company_id.in_(companies))
            .order_by(folded(Company.name))
        )
    )


def device_by_token(token: str) -> Device | None:
    """The paired phone behind a bearer token; None when it was cut off."""
    return db.session.scalar(select(Device).where(Device.token_hash == fingerprint(token), Device.revoked_at.is_(None)))
