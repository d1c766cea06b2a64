"""Giving somebody a role, and promising the mail that says where to sign in: shared by members and by companies."""

from datetime import datetime, timedelta

from sqlalchemy import select

from nuit.db import db
from nuit.ledger.outbox import promise
from nuit.ledger.trail import note
from nuit.models import Member, Membership, Message

INVITED = timedelta(hours=1)
"""One invitation an hour is enough."""


def enrol(
    email: str, *, role: str, company_id: int | None, name: str, locale: str, now: datetime, by: int | None
) -> Member:  # fmt: skip
    """The member of this address, made where missing, with this role; twice is as good as once. Uncommitted."""
    member = db.session.scalar(select(Member).where(Member.email == email.strip().lower()))
    if member is None:
        member = Member(email=email.strip().lower(), name=name, locale=locale, created_at=now)
        db.session.add(member)
        db.session.flush()
    member.name = member.name or name
    if (role, company_id) not in {(one.role, one.company_id) for one in member.memberships}:
        member.memberships.append(Membership(role=role, company_id=company_id))
        note("add", "member", member.id, member_id=by, now=now, role=role, company=company_id)
    member.disabled_at = None
    return member


def promise_invitation(member: Member, *, url: str, now: datetime, by: int | None, guided: bool = False) -> bool:
    """Promises the mail that says where to sign in, with the member's roles; False where one has just left.

    It carries no secret: `url` is the sign-in page with the address filled in. Uncommitted.
    """
    earlier = select(Message.id).where(
        Message.kind == "invitation", Message.to == member.email, Message.due_at > now - INVITED
    )
    if db.session.scalar(earlier.limit(1)) is not None:
        return False
    db.session.flush()
    roles = [{"role": one.role, "company": one.company.name if one.company else ""} for one in member.memberships]
    promise("invitation", key=f"invitation:{member.id}:{now:%Y%m%d%H%M%S%f}", to=member.email,
            locale=member.locale, due_at=now, url=url, name=member.name, roles=roles, guided=guided)  # fmt: skip
    note("invite", "member", member.id, member_id=by, now=now)
    return True
