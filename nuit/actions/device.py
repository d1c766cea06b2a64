"""Phones at doors: a code shown by an organiser or a company pairs one phone, once; one tap cuts it off; what they count."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update

from nuit.db import db, transaction
from nuit.errors import PairingSpent
from nuit.keys import fingerprint
from nuit.ledger.trail import note, revise
from nuit.models import Device, Host
from nuit.planning.ticketcode import BadTicket, new_code, normalise_code

CODE_LIFE = timedelta(minutes=15)


def open_pairing(host_id: int, *, now: datetime, by: int | None) -> tuple[Device, str]:
    """A fresh (device, pairing code) for this host's door: good once, for a quarter of an hour; kept as a hash.

    Raises NoResultFound for an unknown host.
    """
    code = new_code(secrets.randbelow)
    with transaction():
        edition_id = db.session.scalars(select(Host.edition_id).where(Host.id == host_id)).one()
        device = Device(
            edition_id=edition_id, host_id=host_id, pairing_hash=fingerprint(code), pairing_expires_at=now + CODE_LIFE
        )
        db.session.add(device)
        db.session.flush()
        note("offer", "device", device.id, member_id=by, now=now, host=host_id)
    return device, code


def pair(code: str, name: str, *, now: datetime) -> tuple[Device, str]:
    """Spends a pairing code: (device, its bearer token, which is shown this once). Raises PairingSpent."""
    try:
        wanted = fingerprint(normalise_code(code))
    except BadTicket:
        raise PairingSpent() from None
    token = secrets.token_urlsafe(24)
    with transaction():
        device = db.session.scalar(select(Device).where(Device.pairing_hash == wanted).with_for_update())
        expires = device.pairing_expires_at if device else None
        if device is None or expires is None or now >= expires or device.revoked_at is not None:
            raise PairingSpent()
        device.token_hash, device.paired_at, device.last_seen_at = fingerprint(token), now, now
        device.pairing_hash = device.pairing_expires_at = None
        device.name = name or f"{device.id}"
        note("pair", "device", device.id, member_id=None, now=now, host=device.host_id)
    return device, token


def revoke(device_id: int, *, now: datetime, by: int | None) -> None:
    """Cuts a phone off at once: nothing more goes in or out. Twice is as good as once."""
    with transaction():
        gone = db.session.scalar(
            update(Device)
            .where(Device.id == device_id, Device.revoked_at.is_(None))
            .values(revoked_at=now, pairing_hash=None)
            .returning(Device.id)
        )
        if gone is not None:
            note("revoke", "device", gone, member_id=by, now=now)


def count_exits(host_id: int, on: bool, *, now: datetime, by: int | None) -> None:
    """From now on this house's phones let people out, too, or no longer; they learn it with their next list."""
    with transaction():
        edition_id = db.session.scalar(
            update(Host)
            .where(Host.id == host_id, Host.counts_exits != on)
            .values(counts_exits=on)
            .returning(Host.edition_id)
            .execution_options(synchronize_session=False)
        )
        if edition_id is not None:
            note("count_exits", "host", host_id, member_id=by, now=now, on=on)
            revise(edition_id)
