"""The next edition: texts are kept, people are not."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from nuit.actions.edition import copy_edition
from nuit.clock import local
from nuit.db import db
from nuit.errors import AlreadyThere
from nuit.models import Booking, Edition, Host, Slot, Visit
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition


def test_texts_are_kept_and_people_are_not(app: Flask) -> None:
    before = an_edition(contact_phone="027 000 00 00", ride_factor=1.4)
    host = a_host(
        before, "Fonderie", access={"fr": "Portail bleu"}, safety_limit=7, invited_at=NOW, contact_email="f@exemple.ch"
    )
    visit = a_visit(host, conditions=[{"kind": "noise"}])
    a_booking(before, a_slot(visit, capacity=7))
    a_host(before, "Partie", state="withdrawn")
    fresh = copy_edition(before, slug="sion-2028", name="Sion 2028", night=date(2028, 9, 29), now=NOW)
    assert (fresh.name, fresh.contact_phone, fresh.ride_factor, fresh.is_current) == (
        "Sion 2028", "027 000 00 00", 1.4, False
    )  # fmt: skip
    copy = db.session.scalars(select(Host).where(Host.edition_id == fresh.id)).one()
    assert (copy.company_id, copy.state, copy.invited_at, copy.access, copy.safety_limit, copy.contact_email) == (
        host.company_id, "draft", None, {"fr": "Portail bleu"}, 7, "f@exemple.ch",
    )  # fmt: skip
    shown = db.session.scalars(select(Visit).where(Visit.host_id == copy.id)).one()
    assert (shown.title, shown.conditions) == (visit.title, [{"kind": "noise"}])
    for noun in (Slot, Booking):
        assert db.session.scalar(select(func.count()).where(noun.edition_id == fresh.id)) == 0
    assert db.session.scalar(select(func.count(Edition.id)).where(Edition.is_current)) == 1


def test_the_hours_stay_on_the_wall_clock(app: Flask) -> None:
    """The next night may be in winter: 17:00 stays 17:00."""
    opens = datetime(2027, 9, 24, 15, tzinfo=UTC)
    before = an_edition(opens_at=opens, closes_at=opens + timedelta(hours=6))
    fresh = copy_edition(before, slug="hiver", name="Hiver", night=date(2027, 11, 5), now=NOW)
    assert (local(fresh.opens_at).strftime("%d.%m. %H:%M"), fresh.opens_at.hour) == ("05.11. 17:00", 16)
    assert fresh.closes_at - fresh.opens_at == timedelta(hours=6)


def test_one_slug_one_edition(app: Flask) -> None:
    before = an_edition()
    with pytest.raises(AlreadyThere):
        copy_edition(before, slug=before.slug, name="x", night=date(2028, 9, 29), now=NOW)
