"""The night in numbers: counted once for each thing, compared, published without anybody in it, saved as files."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select, update

from nuit.actions.writing import answer
from nuit.db import db
from nuit.models import Booking, Edition, Seat, Slot, Trade
from nuit.planning.numbers import Count, by_day_before, grouped, pooled, total
from nuit.queries.team.numbers import Interest, departures, earlier_edition, interests, visitors
from tests.factories import NOW, OPENS, a_booking, a_host, a_member, a_slot, a_visit, an_edition, saved, signed_in
from tests.team import cost, page, words


def a_night(closed: bool = False) -> Edition:
    """Two companies: of seven people five came to the first, nobody was read at the second, where two wait."""
    edition = an_edition()
    one, other = a_host(edition, "Fonderie", district="Ronquoz"), a_host(edition, "=Laiterie", district="Vissigen")
    early, late = a_slot(a_visit(one), timedelta(hours=1)), a_slot(a_visit(other), timedelta(hours=3), capacity=2)
    first = a_booking(edition, early, size=5, now=NOW - timedelta(days=2))
    a_booking(edition, early, late, size=2, locale="de")
    a_booking(edition, size=2, slots=(), waits=(late.id,))
    seats = select(Seat.id).where(Seat.booking_id == first.id)
    db.session.execute(update(Seat).where(Seat.id.in_(seats)).values(entered_at=early.starts_at))
    trade = saved(Trade(slug="fondeuse", name={"fr": "Fondeuse, fondeur"}))
    one.company.trades = [trade]
    db.session.commit()
    answer(first.id, {one.id: {"trade": "yes", "welcome": 4}}, now=OPENS)
    return edition


def test_each_departure_is_counted_and_each_sum_is_theirs(app: Flask) -> None:
    edition = a_night()
    before, after = departures(edition, NOW), departures(edition, edition.closes_at)
    assert [one.count for one in before] == [Count(1, 12, 7, 5, 0, 0), Count(1, 2, 2, 0, 0, 2)]
    assert [one.count for one in after] == [Count(1, 12, 7, 5, 2, 0), Count(1, 2, 2, 0, 2, 2)]
    assert total(after) == Count(2, 14, 9, 5, 4, 2)
    assert list(grouped(after, lambda one: one.district)) == ["Ronquoz", "Vissigen"]
    found = visitors(edition.id)
    assert (found.languages, found.ages, found.people) == ({"de": 2, "fr": 7}, {"18+": 9}, 9)
    assert interests(edition.id) == [Interest({"fr": "Fondeuse, fondeur"}, 1, 0, 1)]


def test_bookings_add_up_towards_the_night() -> None:
    hours = [(OPENS - timedelta(days=3, hours=1), 4), (OPENS - timedelta(hours=5), 2), (OPENS + timedelta(hours=1), 1)]
    assert by_day_before(hours, OPENS) == [(3, 4), (2, 4), (1, 4), (0, 7)]
    assert by_day_before([], OPENS) == []


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 30), max_size=8))
def test_nothing_small_is_published_nor_had_back_by_subtraction(counts: dict[str, int]) -> None:
    shown, rest = pooled(counts.items())
    assert [count for _name, count in shown if count < 5] == []
    assert rest == 0 or rest >= 5
    hidden = sum(counts.values()) - sum(count for _name, count in shown) - rest
    assert hidden == 0 or (not shown and 0 < hidden < 5)


def test_the_page_takes_as_many_statements_for_three_companies_as_for_one(client: FlaskClient) -> None:
    edition = an_edition()
    signed_in(client, a_member("organiser"))
    costs = []
    for count in (1, 2):
        for _one in range(count):
            a_booking(edition, a_slot(a_visit(a_host(edition))), size=2)
        costs.append(cost(client, "/equipe/chiffres/"))
    assert costs[0] == costs[1]


def test_the_edition_before_stands_beside(client: FlaskClient) -> None:
    night = an_edition().night
    before = an_edition(
        night=night - timedelta(days=365), is_current=False, name="Sion 2026", opens_at=OPENS - timedelta(days=365)
    )
    an_edition(night=night - timedelta(days=300), is_current=False, region="Martigny")
    edition = a_night()
    db.session.execute(update(Edition).where(Edition.id != edition.id).values(is_current=False))
    db.session.commit()
    a_slot(a_visit(a_host(before)), before.opens_at)
    found = earlier_edition(edition)
    assert found is not None
    assert found.id == before.id
    signed_in(client, a_member("organiser"))
    assert words(page(client, "/equipe/chiffres/")).count("Sion 2026") == 3


def test_files_hold_the_same_and_compute_nothing(client: FlaskClient) -> None:
    a_night()
    signed_in(client, a_member("reader"))
    answers = {kind: client.get(f"/equipe/chiffres/presence.{kind}") for kind in ("csv", "xlsx", "json")}
    lines = list(csv.reader(io.StringIO(answers["csv"].get_data().decode("utf-8-sig")), delimiter=";"))
    sheet = load_workbook(io.BytesIO(answers["xlsx"].get_data())).active
    document = answers["json"].get_json()
    assert sheet is not None
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert [row[0] for row in lines[1:]] == ["Fonderie", "'=Laiterie"]
    assert [row[0] for row in rows[1:]] == [one["company"] for one in document] == ["Fonderie", "=Laiterie"]
    assert [row[4:] for row in rows[1:]] == [[12, 7, 5, 0, 0], [2, 2, 0, 0, 2]]
    assert [cell.data_type for cell in sheet["A"]] == ["s", "s", "s"]
    assert client.get("/equipe/chiffres/statistiques.csv").status_code == 200


def test_the_summary_is_public_once_the_night_is_over(client: FlaskClient) -> None:
    edition = a_night()
    with time_machine.travel(edition.closes_at - timedelta(minutes=1), tick=False):
        assert client.get("/fr/bilan").status_code == 404
    with time_machine.travel(edition.closes_at, tick=False):
        said = words(page(client, "/fr/bilan"))
        assert [said.count(one) for one in ("Ronquoz", "Vissigen", "Deutsch", "Fondeuse")] == [1, 0, 0, 0]
        assert page(client, "/fr/infos").count('href="/fr/bilan"') == 1


@pytest.mark.parametrize("address", ["/equipe/chiffres/", "/equipe/nuit/", "/equipe/nuit/?grand=1"])
def test_who_only_reads_sees_neither_names_nor_addresses(client: FlaskClient, address: str) -> None:
    edition = a_night()
    slot = db.session.scalars(select(Slot).where(Slot.edition_id == edition.id).order_by(Slot.id)).first()
    assert slot is not None
    booking = a_booking(edition, slot, name="Zzcanari", email="zzcanari@exemple.ch", now=NOW)
    signed_in(client, a_member("reader"))
    found = page(client, address)
    secrets = ["Zzcanari", "zzcanari", booking.reference, booking.code, *db.session.scalars(select(Booking.email))]
    assert [one for one in secrets if one in found] == []
    assert found.count('href="/equipe/reservations') == found.count('href="/espace/') == 0


def test_the_effect_of_balance_is_shown(client: FlaskClient) -> None:
    night = an_edition()
    signed_in(client, a_member("organiser"))
    said = words(page(client, "/equipe/chiffres/repartition"))
    assert "Il ne reste aucune visite à proposer." in said
    for lon in (7.3401, 7.3402):
        a_slot(a_visit(a_host(night, lon=lon)), capacity=20)
    said = words(page(client, "/equipe/chiffres/repartition"))
    assert (
        "Avec répartition Sans répartition Portes différentes 2 1 Visites 8 8 À la porte la plus demandée 4 8" in said
    )
