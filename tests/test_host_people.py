"""Who comes: a company's own visitors, no address among them; the guide's sheet, the table, the phones at the door."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from nuit.actions.booking import give_back
from nuit.actions.device import open_pairing, pair
from nuit.db import db
from nuit.errors import PairingSpent
from nuit.models import AuditLine, Company, Device, Host, Member
from nuit.planning.evening import Person
from nuit.queries.desk import Crowd, crowds, parties, together
from nuit.render.sheet import FORMULA, csv_sheet, neutral
from tests.factories import NOW, a_booking, a_host, a_member, a_slot, a_visit, an_edition, signed_in
from tests.test_host_page import desk, text_of
from tests.typed import typed

FAMILY = (Person("Anne", "18+"), Person("Lou", "0-11"), Person("=cmd", "12-13"))


def evening(client: FlaskClient) -> tuple[str, int, int]:
    """A desk with a family in German and a couple at two departures: its address and the departures' ids."""
    edition, host, address = desk(client)
    visit = a_visit(host)
    first, second = a_slot(visit), a_slot(visit, timedelta(hours=2))
    a_booking(edition, first, party=FAMILY, name="Anne Aymon", locale="de", email="anne@exemple.ch")
    a_booking(edition, first, second, size=2, name="Élise Bonvin", email="elise@exemple.ch")
    give_back(a_booking(edition, first, name="Parti Vite").reference, now=NOW)
    other = a_slot(a_visit(a_host(edition, "Ailleurs")))
    a_booking(edition, other, name="Caché Ailleurs")
    return address, first.id, second.id


def test_who_comes_counted(client: FlaskClient) -> None:
    address, first, second = evening(client)
    assert client.get(address).status_code == 200
    host_id = parties_host(address)
    found = crowds(host_id)
    assert (found[first].people, found[first].children, dict(found[first].groups)) == (5, 2, {"de": 1, "fr": 1})
    assert (found[second].people, found[second].children, dict(found[second].groups)) == (2, 0, {"fr": 1})
    whole = together(found.values())
    assert (whole.people, whole.children, whole.waiting, whole.groups["fr"]) == (7, 2, 0, 2)
    assert together([]) == Crowd()


def parties_host(address: str) -> int:
    slug = address.rsplit("/", 1)[1]
    return db.session.scalars(select(Host.id).join(Company).where(Company.slug == slug)).one()


def test_one_s_own_visitors_and_no_address(client: FlaskClient) -> None:
    address, first, _second = evening(client)
    for page in (f"{address}/visiteurs", f"{address}/visiteurs/{first}", f"{address}/visiteurs.csv"):
        text = text_of(client, page)
        assert "Anne Aymon" in text
        assert "exemple.ch" not in text.replace(_me(), "")
        assert "Caché" not in text
        assert "Parti Vite" not in text


def _me() -> str:
    return db.session.scalars(select(Member.email)).one()


@pytest.mark.parametrize(
    ("words", "found"),
    [("elise", ["Élise Bonvin"]), ("BONVIN", ["Élise Bonvin"]), ("lou", ["Anne Aymon"]), ("anne aymon", ["Anne Aymon"]),
     ("caché", []), ("anne bonvin", []), ("%", []), ("", ["Anne Aymon", "Élise Bonvin"])],
)  # fmt: skip
def test_looking_for_somebody(client: FlaskClient, words: str, found: list[str]) -> None:
    address, _first, _second = evening(client)
    page = client.get(f"{address}/visiteurs", query_string={"q": words}).get_data(as_text=True)
    assert [name for name in ("Anne Aymon", "Élise Bonvin") if f"<bdi>{name}</bdi>" in page] == found


def test_the_table_opens_in_a_spreadsheet(client: FlaskClient) -> None:
    address, _first, _second = evening(client)
    answer = client.get(f"{address}/visiteurs.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == ["Départ", *["18:00"] * 5, *["19:00"] * 2]
    assert [row[4] for row in rows[1:4]] == ["Anne", "Lou", "'=cmd"]
    assert [row[5] for row in rows[1:4]] == ["18+", "0-11", "12-13"]


@given(st.text())
def test_no_cell_is_ever_computed(text: str) -> None:
    read = next(csv.reader(io.StringIO(csv_sheet([text], []).decode("utf-8-sig"), newline=""), delimiter=";"), [""])
    assert not read[0].lstrip(" ").startswith(FORMULA)
    assert neutral(text).removeprefix("'") == text.removeprefix("'")


def counted(client: FlaskClient, address: str) -> int:
    statements: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    return len(statements)


@pytest.mark.parametrize("room", ["", "/presentation", "/visites", "/visiteurs", "/visiteurs.csv"])
def test_statements_do_not_grow(client: FlaskClient, room: str) -> None:
    edition, host, address = desk(client)
    a_booking(edition, a_slot(a_visit(host)), size=1)
    client.get(f"{address}{room}")
    one = counted(client, f"{address}{room}")
    for _ in range(2):
        visit = a_visit(host)
        a_booking(edition, a_slot(visit), a_slot(visit, timedelta(hours=2)), size=3)
    assert counted(client, f"{address}{room}") == one


def test_a_phone_is_paired_seen_and_cut_off(client: FlaskClient) -> None:
    _edition, host, address = desk(client)
    assert client.post(f"{address}/porte", data=typed(text_of(client, f"{address}/porte"), "/porte")).status_code == 303
    page = text_of(client, f"{address}/porte")
    code = page.split('<p class="num">')[1].split("<")[0].replace(" ", "")
    assert "<svg" in page.split('<div class="ticket">')[1]
    waiting = db.session.scalars(select(Device)).one()
    assert (waiting.host_id, waiting.paired_at, code in (waiting.pairing_hash or "")) == (host.id, None, False)
    device, _token = pair(code, "Téléphone de l’entrée", now=datetime.now(UTC))
    page = text_of(client, f"{address}/porte")
    assert "Téléphone de l’entrée" in page
    assert code not in page
    cut = client.post(f"{address}/porte/{device.id}/couper", data=typed(page, "/couper"))
    assert cut.status_code == 303
    assert db.session.get_one(Device, device.id, populate_existing=True).revoked_at is not None
    with pytest.raises(PairingSpent):
        pair(code, "encore", now=datetime.now(UTC))


def test_a_house_says_whether_its_door_counts_who_leaves(client: FlaskClient) -> None:
    _edition, host, address = desk(client)
    code = open_pairing(host.id, now=datetime.now(UTC), by=None)[1]
    _device, token = pair(code, "Entrée", now=datetime.now(UTC))
    phone = client.application.test_client()

    def told(known: str = "") -> tuple[int, str, bool | None]:
        asked = {"Authorization": f"Bearer {token}", "If-None-Match": known}
        answer = phone.get("/api/v1/door/roster", headers=asked)
        return answer.status_code, answer.headers["ETag"], answer.json and answer.json["counts_exits"]

    status, mark, counts = told()
    assert (status, counts, told(mark)[0]) == (200, False, 304)
    form = typed(text_of(client, f"{address}/porte"), "/sorties")
    assert "counts_exits" not in form
    assert client.post(f"{address}/porte/sorties", data={**form, "counts_exits": "y"}).status_code == 303
    assert told(mark)[::2] == (200, True)
    form = typed(text_of(client, f"{address}/porte"), "/sorties")
    assert form.pop("counts_exits") == "y"
    client.post(f"{address}/porte/sorties", data=form)
    assert told(mark)[::2] == (200, False)
    lines = db.session.execute(select(AuditLine.verb, AuditLine.noun_id, AuditLine.change).order_by(AuditLine.id)).all()
    assert [tuple(line) for line in lines if line.verb == "count_exits"] == [
        ("count_exits", host.id, {"on": True}),
        ("count_exits", host.id, {"on": False}),
    ]


def test_a_pairing_code_is_for_the_browser_that_asked(client: FlaskClient) -> None:
    _edition, host, address = desk(client)
    client.post(f"{address}/porte", data=typed(text_of(client, f"{address}/porte"), "/porte"))
    colleague = signed_in(client.application.test_client(), a_member("host", host))
    assert '<p class="num">' not in text_of(colleague, f"{address}/porte")


def test_another_company_s_phone_is_out_of_reach(client: FlaskClient) -> None:
    edition, _host, address = desk(client)
    theirs = a_host(edition, "Ailleurs")
    device, _code = open_pairing(theirs.id, now=NOW, by=None)
    form = typed(text_of(client, f"{address}/porte"), "/porte")
    assert client.post(f"{address}/porte/{device.id}/couper", data=form).status_code == 404
    assert db.session.get_one(Device, device.id, populate_existing=True).revoked_at is None


def test_waiting_people_are_no_visitors_yet(app: Flask) -> None:
    edition = an_edition()
    slot = a_slot(a_visit(a_host(edition)))
    booking = a_booking(edition, slot, size=2)
    booking.tickets[0].seats[0].status = "waiting"
    db.session.commit()
    assert (crowds(slot.host_id)[slot.id].people, crowds(slot.host_id)[slot.id].waiting) == (1, 1)
    assert [len(one.guests) for one in parties(slot.host_id)] == [1]
