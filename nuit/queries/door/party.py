"""What the door asks before it judges: whose code was read, that party's people and seats, and its scans so far."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, null, or_, select

from nuit.db import connection
from nuit.models import Booking, Company, Device, Edition, Host, Scan, Seat, Slot, Ticket
from nuit.planning import door as rule
from nuit.planning import presence
from nuit.planning.ride import Mode

LIVE = ("confirmed",)
"""A held place is an offer, or a booking, that nobody has confirmed yet: it opens no door."""

# Built once: at the door, building a statement costs more than running it.
_T, _B, _S, _SLOT = Ticket.__table__.c, Booking.__table__.c, Seat.__table__.c, Slot.__table__.c
_SCAN = Scan.__table__.c
_HERE, _OWN = _B.edition_id == bindparam("edition"), _B.id == _T.booking_id


class Asked:
    """A statement about one value or many: a list of values costs the driver more than the question itself."""

    def __init__(self, statement: Select[*tuple[Any, ...]], column: ColumnElement[Any]) -> None:
        self._one = statement.where(column == bindparam("wanted"))
        self._many = statement.where(column.in_(bindparam("wanted", expanding=True)))

    def rows(self, wanted: Collection[Any], **values: Any) -> Iterable[Row[*tuple[Any, ...]]]:
        if len(wanted) == 1:
            return connection().execute(self._one, {"wanted": next(iter(wanted)), **values})
        return connection().execute(self._many, {"wanted": list(wanted), **values})


_TICKET_BY_TOKEN = Asked(select(_T.token_id, _B.id, _T.id).where(_OWN, _HERE), _T.token_id)
_TICKET_BY_CODE = Asked(select(_T.code, _B.id, _T.id).where(_OWN, _HERE), _T.code)
_PARTY_BY_TOKEN = Asked(select(_B.token_id, _B.id, null()).where(_HERE), _B.token_id)
_PARTY_BY_CODE = Asked(select(_B.code, _B.id, null()).where(_HERE), _B.code)


@dataclass(frozen=True, slots=True)
class Whose:
    """Behind a code stands one ticket, or with `ticket` None a whole party."""

    booking: int
    ticket: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a seat is; `status`, `entered_at` and `left_at` are what the database holds now."""

    slot: int
    visit: int
    host: int
    company: str
    starts_at: datetime
    status: str
    entered_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a ticket is for, as far as the door may know: no name, only its initial."""

    position: int
    initial: str
    age_band: str


@dataclass(frozen=True, slots=True)
class People:
    """A party for the rule, and beside it what the answer tells: how it rides, who they are, where their seats are."""

    party: presence.Party
    mode: Mode
    persons: Mapping[int, Person]
    places: Mapping[int, Place]

    def granted(self, seats: Collection[int]) -> dict[int, int]:
        """These seats by the ticket they belong to."""
        return {seat.ticket: seat.id for seat in self.party.seats if seat.id in seats}


@dataclass(frozen=True, slots=True)
class Kept:
    """A scan for the rule, and as it was given; `id` is None while it is not stored yet, `device` the phone's name.

    `granted` are the seats that it was given, `persons` those without one at the departure `slot`, `gone` of them left.
    """

    scan: presence.Scan
    booking: int | None
    given: str
    id: int | None = None
    device: str = ""
    granted: tuple[int, ...] = ()
    slot: int | None = None
    persons: int | None = None
    gone: int | None = None


@dataclass(frozen=True, slots=True)
class Night:
    """An edition as its doors need it."""

    id: int
    opens_at: datetime
    tolerance: rule.Tolerance


def night_of(edition: Edition) -> Night:
    """How an edition's doors see it."""
    return Night(edition.id, edition.opens_at, tolerance(edition.door_early_minutes, edition.door_late_minutes))


def tolerance(early: int, late: int) -> rule.Tolerance:
    """How many minutes early and late a door lets in."""
    return rule.Tolerance(timedelta(minutes=early), timedelta(minutes=late))


def whose_tokens(edition_id: int, token_ids: Collection[bytes]) -> dict[bytes, Whose]:
    """By a token's identity: the ticket or party of this edition that carries it; at most two statements."""
    return _whose(edition_id, token_ids, (_TICKET_BY_TOKEN, _PARTY_BY_TOKEN))


def whose_codes(edition_id: int, codes: Collection[str]) -> dict[str, Whose]:
    """By a typed code: the ticket or party of this edition that carries it; at most two statements."""
    return _whose(edition_id, codes, (_TICKET_BY_CODE, _PARTY_BY_CODE))


def _whose(edition_id: int, wanted: Collection[Any], queries: Sequence[Asked]) -> dict[Any, Whose]:
    found: dict[Any, Whose] = {}
    for query in queries:
        missing = [one for one in wanted if one not in found]
        if missing:
            rows = query.rows(missing, edition=edition_id)
            found.update({key: Whose(booking, ticket) for key, booking, ticket in rows})
    return found


_PEOPLE = Asked(
    select(
        _B.id.label("booking"), _B.mode, _T.id.label("ticket"), _T.position, _T.label.label("label"), _T.age_band, _T.revoked_at,
        _S.id.label("seat"), _S.status, _S.changed_at, _S.entered_at, _S.left_at, _S.late_until, _SLOT.id.label("slot"), _SLOT.visit_id,
        _SLOT.host_id, _SLOT.starts_at, _SLOT.ends_at, _SLOT.status.label("slot_status"), Company.__table__.c.name,
    )
    .join_from(Booking.__table__, Ticket.__table__, _T.booking_id == _B.id)
    .outerjoin(Seat.__table__, _S.ticket_id == _T.id)
    .outerjoin(Slot.__table__, _SLOT.id == _S.slot_id)
    .outerjoin(Host.__table__, Host.__table__.c.id == _SLOT.host_id)
    .outerjoin(Company.__table__, Company.__table__.c.id == Host.__table__.c.company_id)
    .order_by(_B.id, _T.position, _S.id),
    _B.id,
)  # fmt: skip


def people_of(bookings: Collection[int]) -> dict[int, People]:
    """By booking id: everybody of the party, with every seat they have or had; one statement."""
    rows: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    if not bookings:
        return {}
    for row in _PEOPLE.rows(bookings):
        rows.setdefault(row.booking, []).append(row)
    return {booking: _people(found) for booking, found in rows.items()}


def _people(rows: list[Row[*tuple[Any, ...]]]) -> People:
    tickets = {row.ticket: rule.Ticket(row.ticket, row.revoked_at) for row in rows}
    seated = [row for row in rows if row.seat is not None]
    return People(
        party=presence.Party(tuple(tickets.values()), tuple(_seat(row) for row in seated)),
        mode=rows[0].mode,
        persons={row.ticket: Person(row.position, initial_of(row.label), row.age_band) for row in rows},
        places={
            row.seat: Place(
                row.slot, row.visit_id, row.host_id, row.name, row.starts_at, row.status, row.entered_at, row.left_at
            )
            for row in seated
        },
    )


def _seat(row: Row[*tuple[Any, ...]]) -> rule.Seat:
    gone, since = gone_since(row.status, row.slot_status, row.changed_at)
    return rule.Seat(row.seat, row.ticket, row.host_id, row.starts_at, row.ends_at, gone, since, row.late_until)


def gone_since(status: str, slot_status: str, changed_at: datetime) -> tuple[str, datetime | None]:
    """Why a seat no longer counts ("" = it does), and since when (None = it never did, or nobody knows)."""
    if status in LIVE:
        return ("cancelled", None) if slot_status == "cancelled" else ("", None)
    if status in ("waiting", "held"):
        return "waiting", None
    return status, changed_at


def initial_of(label: str) -> str:
    """All that a door's screen keeps of a name."""
    return next((character.upper() for character in label if character.isalpha()), "")


_SCANS = (
    select(
        _SCAN.id, _SCAN.booking_id, _SCAN.ticket_id, _SCAN.nonce, _SCAN.corrected_at, _SCAN.host_id, _SCAN.admit,
        _SCAN.who, _SCAN.reason, _SCAN.verdict, _SCAN.given, _SCAN.kind, _SCAN.target, _SCAN.granted, _SCAN.slot_id,
        _SCAN.persons, _SCAN.gone, Device.__table__.c.name,
    )
    .join_from(Scan.__table__, Device.__table__, Device.__table__.c.id == _SCAN.device_id, isouter=True)
)  # fmt: skip
_SCANS_OF_MANY = _SCANS.where(
    or_(
        _SCAN.booking_id.in_(bindparam("bookings", expanding=True)),
        _SCAN.nonce.in_(bindparam("nonces", expanding=True)),
        _SCAN.target.in_(bindparam("targets", expanding=True)),
    )
)
_SCANS_OF_ONE = _SCANS.where(
    or_(
        _SCAN.booking_id == bindparam("booking"),
        _SCAN.nonce == bindparam("nonce"),
        _SCAN.target == bindparam("nonce"),
    )
)


def scans_of(bookings: Collection[int], nonces: Collection[str], targets: Collection[str] = ()) -> list[Kept]:
    """Every scan of these parties, those of these nonces, and those that take back one of `targets`; one statement."""
    if len(bookings) == 1 and len(nonces) == 1 and nonces == targets:
        rows = connection().execute(_SCANS_OF_ONE, {"booking": next(iter(bookings)), "nonce": next(iter(nonces))})
    else:
        values = {"bookings": list(bookings), "nonces": list(nonces), "targets": list(targets)}
        rows = connection().execute(_SCANS_OF_MANY, values)
    return [_kept(row) for row in rows]


def _kept(row: Row[*tuple[Any, ...]]) -> Kept:
    return Kept(
        _scan(row), row.booking_id, row.given, row.id, row.name or "", tuple(row.granted or ()), row.slot_id,
        row.persons, row.gone,
    )  # fmt: skip


def _scan(row: Row[*tuple[Any, ...]]) -> presence.Scan:
    return presence.Scan(
        nonce=row.nonce,
        at=row.corrected_at,
        door=row.host_id,
        ticket=row.ticket_id,
        admit=row.admit,
        who=None if row.who is None else frozenset(row.who),
        override=bool(row.reason),
        settled=row.verdict,
        kind=row.kind,
        target=row.target or "",
    )
