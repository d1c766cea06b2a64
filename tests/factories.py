"""Small real things for tests: what is not named gets a sound value; everything is committed."""

import itertools
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from flask.testing import FlaskClient

from nuit.actions.booking import Wanted, book
from nuit.actions.change import decide, hasten
from nuit.actions.member import add_member, issue_link
from nuit.db import db
from nuit.models import Base, Booking, Company, Edition, Host, Member, Slot, Visit
from nuit.planning.effect import Targets
from nuit.planning.evening import Person

NOW = datetime(2027, 9, 20, 10, 0, tzinfo=UTC)
OPENS = datetime(2027, 9, 24, 15, 0, tzinfo=UTC)  # 17:00 in Sion
T = TypeVar("T", bound=Base)
_count = itertools.count(1)


def saved(one: T) -> T:
    """Written, and the edition it belongs to raised by one revision, as the desks' actions do."""
    db.session.add(one)
    db.session.flush()
    edition_id = one.host.edition_id if isinstance(one, Visit) else getattr(one, "edition_id", None)
    if edition_id is not None:
        db.session.get_one(Edition, edition_id).revision += 1
    db.session.commit()
    return one


def an_edition(**values: Any) -> Edition:
    number = next(_count)
    return saved(
        Edition(**{
            "slug": f"sion-{number}", "name": "Sion 2027", "region": "Sion", "night": date(2027, 9, 24),
            "opens_at": OPENS, "closes_at": OPENS + timedelta(hours=6), "booking_opens_at": NOW - timedelta(days=30),
            "booking_closes_at": OPENS + timedelta(hours=6), "is_current": True, "max_bookings_per_email": 3, **values,
        })
    )  # fmt: skip


def a_host(edition: Edition, name: str | None = None, **values: Any) -> Host:
    number = next(_count)
    name = name or f"Atelier {number}"
    company = Company(slug=f"atelier-{number}", name=name, is_example=True)
    return saved(
        Host(**{
            "edition_id": edition.id, "company": company, "state": "published", "address": f"Rue de l’Exemple {number}",
            "postcode": "1950", "town": "Sion", "lon": 7.3401, "lat": 46.2201, "safety_limit": 20, **values,
        })
    )  # fmt: skip


def a_visit(host: Host, **values: Any) -> Visit:
    title = {"fr": "Voir le four", "de": "Den Ofen sehen", "en": "See the furnace"}
    return saved(Visit(**{"host_id": host.id, "title": title, "minutes": 40, "languages": ["fr", "de"], **values}))


def a_slot(visit: Visit, at: timedelta | datetime = timedelta(hours=1), **values: Any) -> Slot:
    """A slot `at` after the doors open (or at an instant)."""
    starts_at = at if isinstance(at, datetime) else OPENS + at
    host = visit.host
    return saved(
        Slot(**{
            "edition_id": host.edition_id, "host_id": host.id, "visit_id": visit.id, "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=visit.minutes), "capacity": 12, "safety_limit": host.safety_limit,
            **values,
        })
    )  # fmt: skip


def wanted(*slots: Slot, size: int = 1, **values: Any) -> Wanted:
    party = tuple(Person(f"Personne {number}", "18+") for number in range(1, size + 1))
    chosen: dict[str, Any] = {
        "name": "Anne Exemple", "email": f"anne{next(_count)}@exemple.ch", "locale": "fr", "mode": "ebike25",
        "party": party, "slots": tuple(one.id for one in slots), **values,
    }  # fmt: skip
    return Wanted(**chosen)


def a_booking(edition: Edition, *slots: Slot, size: int = 1, now: datetime = NOW, **values: Any) -> Booking:
    return book(edition, wanted(*slots, size=size, **values), now=now)


def cancel_slot(slot: Slot, *, people: int, reason: str = "") -> None:
    """As the company does: the effect confirmed, and told at once."""
    _changed("cancel", slot, {slot.id: None}, people, reason)


def move_slot(slot: Slot, to: datetime, *, people: int) -> None:
    """As the company does: the effect confirmed, and told at once."""
    _changed("move", slot, {slot.id: to}, people, "")


def _changed(kind: str, slot: Slot, targets: Targets, people: int, reason: str) -> None:
    change = decide(slot.host_id, kind, targets, reason=reason, people=people, now=NOW, by=None)
    if change.state == "due":
        hasten(change.id, now=NOW, by=None)


def a_member(role: str = "organiser", host: Host | None = None, email: str | None = None) -> Member:
    email = email or f"{role}{next(_count)}@exemple.ch"
    return add_member(email, role=role, company_id=host.company_id if host else None, now=datetime.now(UTC))


def signed_in(client: FlaskClient, member: Member) -> FlaskClient:
    """This client, signed in through a real link."""
    token, _code = issue_link(member, now=datetime.now(UTC), browser=None)
    page = client.get(f"/connexion/{token}").get_data(as_text=True)
    answer = client.post(f"/connexion/{token}", data={"csrf_token": csrf(page)})
    assert answer.status_code == 303
    return client


def csrf(page: str) -> str:
    """The CSRF token of the first form of a page."""
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def a_key() -> str:
    return secrets.token_hex(8)
