"""Inviting companies: their contact may sign in, and is told so in the company's language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from nuit.db import db, transaction
from nuit.ledger.enrolment import enrol, promise_invitation
from nuit.models import Host


@dataclass(frozen=True)
class Invited:
    """Who was told, who has no address yet, and who was told less than an hour ago."""

    told: list[Host] = field(default_factory=list)
    without_address: list[Host] = field(default_factory=list)
    just_told: list[Host] = field(default_factory=list)


def invite_contacts(
    host_ids: Sequence[int], *, url: Callable[[Host], str], now: datetime, by: int | None
) -> Invited:  # fmt: skip
    """Gives the contact of each host the way in and promises the invitation, all in one transaction.

    `url` says where the letter of a host leads: the sign-in page, with the guide behind it.
    """
    found = Invited()
    with transaction():
        hosts = db.session.scalars(select(Host).where(Host.id.in_(host_ids)).order_by(Host.id).with_for_update(of=Host))
        for host in hosts:
            _invite(host, found, url, now, by)
    return found


def _invite(host: Host, found: Invited, url: Callable[[Host], str], now: datetime, by: int | None) -> None:
    if not host.contact_email:
        found.without_address.append(host)
        return
    member = enrol(host.contact_email, role="host", company_id=host.company_id, name=host.contact_name,
                   locale=host.locale, now=now, by=by)  # fmt: skip
    if promise_invitation(member, url=url(host), now=now, by=by, guided=host.state == "draft"):
        host.invited_at = now
        found.told.append(host)
    else:
        found.just_told.append(host)
