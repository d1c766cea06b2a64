"""The paired phone behind a bearer token, and its night: all that each of its calls needs, in one statement."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from nuit.db import db
from nuit.keys import fingerprint
from nuit.models import Device, Edition
from nuit.queries.door.party import Asked, Night, tolerance

_D, _E = Device.__table__.c, Edition.__table__.c
_BY_TOKEN = Asked(
    select(
        _D.token_hash, _D.id, _D.name, _D.host_id, _D.paired_at, _D.last_seen_at, _E.id.label("edition"), _E.opens_at,
        _E.door_early_minutes, _E.door_late_minutes,
    ).where(_E.id == _D.edition_id, _D.revoked_at.is_(None), _D.paired_at.is_not(None)),
    _D.token_hash,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone that is paired and not cut off."""

    id: int
    name: str
    host: int
    paired_at: datetime
    seen_at: datetime | None
    night: Night


def phone_by_token(token: str) -> Phone | None:
    """The phone that carries this token; None when there is none, or it was cut off."""
    return phones_by_token({token}).get(token)


def phones_by_token(tokens: Collection[str]) -> dict[str, Phone]:
    """By token: the phones that carry them and are not cut off; one statement."""
    hashes = {fingerprint(token): token for token in tokens}
    return {
        hashes[row.token_hash]: Phone(
            row.id, row.name, row.host_id, row.paired_at, row.last_seen_at,
            Night(row.edition, row.opens_at, tolerance(row.door_early_minutes, row.door_late_minutes)),
        )
        for row in _BY_TOKEN.rows(hashes)
    }  # fmt: skip


def edition_of(night: Night) -> Edition:
    """The edition behind a night."""
    return db.session.get_one(Edition, night.id)
