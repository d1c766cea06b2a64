"""A small whole night with one of everything, and a browser for each role: what addresses can name, and who asks."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.actions.change import decide
from nuit.actions.device import open_pairing, pair
from nuit.actions.member import issue_link, sign_in
from nuit.actions.picture import add_picture
from nuit.actions.waiting import wait_for
from nuit.db import db
from nuit.keys import confirm_token, manage_token, survey_token
from nuit.models import Base, Booking, Circular, Edition, Festival, FestivalItem, Host, Route, Stop, Trade, Wait
from tests.factories import a_booking, a_host, a_member, a_slot, a_visit, an_edition, saved

ROLES = ("anonymous", "visitor", "device", "host_a", "host_b", "volunteer", "organiser", "reader")
THREE = {"fr": "Le four", "de": "Der Ofen", "en": "The furnace"}


@dataclass
class World:
    """`values` are the parts of addresses: company A's, the visitor's booking, the organiser's loop and festival."""

    app: Flask
    edition: Edition
    a: Host
    b: Host
    booking: Booking
    device_token: str
    emails: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)

    def browser(self, role: str) -> FlaskClient:
        """A browser of this role; everyone has a session, so everyone can have a form's token."""
        client = self.app.test_client()
        if role == "device":
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.device_token}"
        with client.session_transaction() as session:
            if role == "visitor":
                token = manage_token(self.app.extensions["nuit.keys"].secret, self.booking.reference, 1)
                session["bookings"] = {self.booking.reference: token}
            if role in self.emails:
                session["in"] = self._signed_in(role)
        return client

    def _signed_in(self, role: str) -> str:
        member = a_member(*self._membership(role), email=self.emails[role])
        token, _code = issue_link(member, now=datetime.now(UTC), browser=None)
        return sign_in(token, now=datetime.now(UTC), browser=None)[1]

    def _membership(self, role: str) -> tuple[str, Host | None]:
        return {"host_a": ("host", self.a), "host_b": ("host", self.b)}.get(role, (role, None))


def empty() -> None:
    """Every table empty."""
    db.session.rollback()
    db.session.expunge_all()
    with db.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


def a_world(app: Flask) -> World:
    """The night comes in sixty days, so that bookings are open by the real clock."""
    opens = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0) + timedelta(days=60)
    edition = an_edition(
        opens_at=opens, closes_at=opens + timedelta(hours=7), night=date(opens.year, opens.month, opens.day),
        booking_opens_at=opens - timedelta(days=90), booking_closes_at=opens + timedelta(hours=6), is_example=True,
    )  # fmt: skip
    a, b = (a_host(edition, name, lon=7.35 + n / 100, lat=46.22) for n, name in enumerate(("Atelier A", "Atelier B")))
    a.company.summary = b.company.summary = THREE
    a.company.slug, b.company.slug = "atelier-a", "atelier-b"
    saved(Trade(slug="fondeuse", name={"fr": "Fondeuse, fondeur"}))
    visit = a_visit(a, is_unconditional=True)
    slot, spare = a_slot(visit, opens + timedelta(hours=1)), a_slot(visit, opens + timedelta(hours=3))
    a_slot(a_visit(b), opens + timedelta(hours=2))
    late = a_slot(visit, opens + timedelta(hours=5))
    booking = a_booking(edition, slot, size=2, now=datetime.now(UTC), email="visiteuse@exemple.ch")
    full = a_slot(visit, opens + timedelta(hours=6), capacity=0)
    wait_for(edition, booking.reference, full.id, now=datetime.now(UTC))
    wait = db.session.scalars(select(Wait).where(Wait.booking_id == booking.id)).one()
    a_booking(edition, late, size=2, now=datetime.now(UTC), email="tardive@exemple.ch")
    change = decide(a.id, "cancel", {late.id: None}, reason="", people=2, now=datetime.now(UTC), by=None)
    picture = add_picture(a.id, "photo", b"RIFF", size=(64, 64), alt=THREE, now=datetime.now(UTC), by=None)
    open_device, code = open_pairing(a.id, now=datetime.now(UTC), by=None)
    _device, token = pair(code, "Téléphone A", now=datetime.now(UTC))
    loop = saved(Route(edition_id=edition.id, slug="boucle", name=THREE, is_published=True,
                       stops=[Stop(position=n, host_id=host.id) for n, host in enumerate((a, b), 1)]))  # fmt: skip
    festival = saved(Festival(edition_id=edition.id, name=THREE))
    item = saved(FestivalItem(festival_id=festival.id, slug="concert", title=THREE, lon=7.36, lat=46.23,
                              starts_at=opens, ends_at=opens + timedelta(hours=1)))  # fmt: skip
    letter = saved(Circular(edition_id=edition.id, host_id=a.id, by_host_id=a.id, key="k" * 20, send_at=opens,
                            subject={"fr": "Objet"}, body={"fr": "Texte"}))  # fmt: skip
    emails = {role: f"{role}@exemple.ch" for role in ("host_a", "host_b", "volunteer", "organiser", "reader")}
    someone = a_member("volunteer", a, email="benevole@exemple.ch")
    values = {
        "circular_id": letter.id,
        "lang": "fr", "slug": a.company.slug, "visit_id": visit.id, "slot_id": spare.id, "device_id": open_device.id,
        "reference": booking.reference, "member_id": someone.id, "membership_id": someone.memberships[0].id,
        "booked": slot.id, "change_id": change.id, "picture_id": picture.id, "picture_key": picture.key, "seat_id": booking.tickets[0].seats[0].id, "wait_id": wait.id, "full": full.id,
        "ticket_id": booking.tickets[0].id, "loop": loop.slug, "item": item.slug,
    }  # fmt: skip
    keys = app.extensions["nuit.keys"]
    values["ticket"] = keys.party_token(edition.id, edition.night, booking.token_id)
    values["key"] = manage_token(keys.secret, booking.reference, booking.epoch)
    values["proof"] = confirm_token(keys.secret, booking.reference, booking.email)
    values["survey"] = survey_token(keys.secret, booking.reference)
    values["letter"] = _letter(Path(app.config["NUIT_INSTANCE"]) / "mail")
    return World(app, edition, a, b, booking, token, emails, values)


def _letter(folder: Path) -> str:
    """A letter with a file, as the worker leaves it where there is no mail server; its name."""
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Votre soirée", "nuit@exemple.ch", "visiteuse@exemple.ch"
    letter.set_content("Bonsoir")
    letter.add_alternative("<html><head></head><body>Bonsoir</body></html>", subtype="html")
    letter.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="nuit.ics")
    folder.mkdir(exist_ok=True)
    (folder / "lettre.eml").write_bytes(letter.as_bytes())
    return "lettre.eml"
