"""Letting members in: adding them, mailing a link, signing in and out."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from nuit.db import db, transaction
from nuit.errors import AlreadyInvited, LastOrganiser, LinkSpent, WrongBrowser, WrongCode
from nuit.keys import fingerprint
from nuit.ledger.enrolment import enrol, promise_invitation
from nuit.ledger.outbox import promise
from nuit.ledger.trail import note
from nuit.models import Member, Membership, SignedIn, SignInLink
from nuit.queries.member import member_by_email, organisers_left

LINK_LIFE = timedelta(minutes=10)


def add_member(
    email: str, *, role: str, now: datetime, company_id: int | None = None, name: str = "", locale: str = "fr",
    by: int | None = None,
) -> Member:  # fmt: skip
    """Adds a role to the member of this address, who is made where missing; twice is as good as once."""
    with transaction():
        return enrol(email, role=role, company_id=company_id, name=name, locale=locale, now=now, by=by)


def invite(member_id: int, *, url: str, now: datetime, by: int | None) -> Member | None:
    """Promises a mail that says where to sign in; it carries no secret. None for nobody. Raises AlreadyInvited.

    `url` is the sign-in page with the address filled in; one invitation an hour is enough.
    """
    with transaction():
        member = db.session.get(Member, member_id, with_for_update=True)
        if member is None:
            return None
        if not promise_invitation(member, url=url, now=now, by=by):
            raise AlreadyInvited()
    return member


def remove_membership(membership_id: int, *, now: datetime, by: int | None) -> None:
    """Takes one role away; the last organiser stays. Raises LastOrganiser."""
    with transaction():
        one = db.session.get(Membership, membership_id)
        if one is None:
            return
        if one.role == "organiser" and not organisers_left(one.member_id):
            raise LastOrganiser()
        note("remove", "member", one.member_id, member_id=by, now=now, role=one.role, company=one.company_id)
        db.session.delete(one)


def issue_link(member: Member, *, now: datetime, browser: str | None) -> tuple[str, str]:
    """A fresh (token, six-figure code), both good once and for ten minutes; earlier ones are void.

    With `browser` (a secret that browser keeps), the link opens only there; the command line gives none.
    """
    token, code = secrets.token_urlsafe(24), f"{secrets.randbelow(10**6):06d}"
    with transaction():
        _make_link(member.id, token, code, now, browser)
    return token, code


def ask_for_link(email: str, *, now: datetime, browser: str, url: str) -> None:
    """Promises a sign-in mail to a member's address; silently nothing for an unknown one (same answer, no clue).

    `url` holds "{token}" where the token goes.
    """
    token, code = secrets.token_urlsafe(24), f"{secrets.randbelow(10**6):06d}"
    with transaction():
        member = member_by_email(email)
        if member is None or member.disabled_at is not None:
            return
        link = _make_link(member.id, token, code, now, browser)
        promise("sign_in", key=f"sign_in:{link.id}", to=member.email, locale=member.locale, due_at=now,
                url=url.replace("{token}", token), code=code)  # fmt: skip


def _make_link(member_id: int, token: str, code: str, now: datetime, browser: str | None) -> SignInLink:
    db.session.execute(
        update(SignInLink).where(SignInLink.member_id == member_id, SignInLink.used_at.is_(None)).values(used_at=now)
    )
    link = SignInLink(
        member_id=member_id, token_hash=fingerprint(token), code_hash=fingerprint(f"{browser}:{code}"),
        browser_hash=fingerprint(browser) if browser else None, expires_at=now + LINK_LIFE,
    )  # fmt: skip
    db.session.add(link)
    db.session.flush()
    return link


def sign_in(token: str, *, now: datetime, browser: str | None) -> tuple[Member, str]:
    """Spends a mailed link: (member, the token of this browser's sign-in).

    Raises LinkSpent (used, too old, unknown) or WrongBrowser (asked for elsewhere; the link stays good there).
    """
    with transaction():
        link = db.session.scalar(
            select(SignInLink).where(SignInLink.token_hash == fingerprint(token)).with_for_update()
        )
        return _spend(link, now, browser)


def sign_in_by_code(code: str, *, now: datetime, browser: str) -> tuple[Member, str]:
    """Spends the six-figure code in the browser that asked for it. Raises WrongCode."""
    with transaction():
        link = db.session.scalar(
            select(SignInLink)
            .where(SignInLink.code_hash == fingerprint(f"{browser}:{code}"), SignInLink.used_at.is_(None))
            .with_for_update()
        )
        if link is None or now >= link.expires_at:
            raise WrongCode()
        return _spend(link, now, browser)


def _spend(link: SignInLink | None, now: datetime, browser: str | None) -> tuple[Member, str]:
    if link is None or link.used_at is not None or now >= link.expires_at or link.member.disabled_at is not None:
        raise LinkSpent()
    if link.browser_hash is not None and (browser is None or fingerprint(browser) != link.browser_hash):
        raise WrongBrowser()
    link.used_at = now
    token = secrets.token_urlsafe(24)
    db.session.add(SignedIn(member_id=link.member_id, token_hash=fingerprint(token), created_at=now, seen_at=now))
    return link.member, token


def sign_out(token: str) -> None:
    """Ends this browser's sign-in."""
    with transaction():
        db.session.execute(delete(SignedIn).where(SignedIn.token_hash == fingerprint(token)))


def sign_out_everywhere(member_id: int, *, now: datetime | None = None, by: int | None = None) -> None:
    """Ends every sign-in of a member, and voids the links on their way; with `by`, the trail tells who did it."""
    with transaction():
        db.session.execute(delete(SignedIn).where(SignedIn.member_id == member_id))
        db.session.execute(delete(SignInLink).where(SignInLink.member_id == member_id))
        if by is not None and now is not None:
            note("sign_out", "member", member_id, member_id=by, now=now)


def seen(signed_in_id: int, *, now: datetime) -> None:
    """Keeps a sign-in from idling out."""
    with transaction():
        db.session.execute(update(SignedIn).where(SignedIn.id == signed_in_id).values(seen_at=now))
