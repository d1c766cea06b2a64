"""The door's calls over HTTP: pairing once, scans in any number, the roster without a name, who may ask."""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from nuit.actions.device import open_pairing, pair, revoke
from nuit.db import db
from nuit.models import Booking, Device, Scan, Ticket
from nuit.planning.evening import Person
from nuit.planning.ticketcode import PARTY, TICKET, sign, verify
from nuit.queries.door.roster import roster_name, roster_name_of_code
from tests.factories import OPENS, a_booking, a_host, a_member, a_slot, a_visit, an_edition, signed_in

NOW = OPENS + timedelta(minutes=55)
NAMES = ("Marguerite", "Zébulon", "Fridolin")


class Night:
    """A foundry with a departure at 18:00, a cable works with one at 19:00, a party of two, a paired phone."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.key = app.extensions["nuit.keys"].tickets
        self.edition = an_edition()
        self.foundry, self.cables = a_host(self.edition, "Fonderie"), a_host(self.edition, "Câblerie", lon=7.37)
        self.slot = a_slot(
            a_visit(self.foundry, conditions=[{"kind": "closed_shoes"}, {"kind": "noise"}]), timedelta(hours=1)
        )
        self.later = a_slot(a_visit(self.cables), timedelta(hours=2))
        party = (Person(NAMES[1], "18+"), Person(NAMES[2], "0-11"))
        self.booking: Booking = a_booking(
            self.edition, self.slot, self.later, name=f"{NAMES[0]} Exemple", email="marguerite@exemple.ch", party=party
        )
        self.tickets = list(db.session.scalars(select(Ticket).order_by(Ticket.position)))
        _offered, code = open_pairing(self.foundry.id, now=NOW, by=None)
        self.device, self.bearer = pair(code, "Entrée nord", now=NOW)
        self.count = 0

    def token(self, one: Ticket | Booking) -> str:
        kind = TICKET if isinstance(one, Ticket) else PARTY
        return sign(self.key, kind=kind, edition=self.edition.id, last_day=OPENS.date(), token_id=one.token_id)

    def scan(self, token: str = "", **fields: Any) -> dict[str, Any]:
        self.count += 1
        what = {} if "code" in fields else {"token": token}
        return {"nonce": f"nonce-{self.count:04}", "at": NOW.isoformat(), **what, **fields}

    def post(self, *scans: Any, **fields: Any) -> TestResponse:
        body = {"now": NOW.isoformat(), "scans": list(scans), **fields}
        return self.client.post("/api/v1/scans", json=body, headers=self.headers)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearer}"}

    def results(self, *scans: Any) -> list[dict[str, Any]]:
        answer = self.post(*scans)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.get_json()["results"]
        return found

    def roster(self, **headers: str) -> TestResponse:
        return self.client.get("/api/v1/door/roster", headers=self.headers | headers)


@pytest.fixture
def night(app: Flask) -> Iterator[Night]:
    with time_machine.travel(NOW, tick=False):
        yield Night(app)


def iso(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds")


def test_a_phone_is_paired_once(night: Night) -> None:
    _device, code = open_pairing(night.cables.id, now=NOW, by=None)
    answer = night.client.post(
        "/api/v1/devices", json={"pairing_code": f"{code[:4]}-{code[4:]}".lower(), "name": "Sud"}
    )
    assert answer.status_code == 201
    found = answer.get_json()
    assert (found["host"]["company"], found["edition"]["slug"]) == ("Câblerie", night.edition.slug)
    key = Ed25519PublicKey.from_public_bytes(b64decode(found["public_key"]))
    assert verify(key, night.token(night.tickets[0])).edition == night.edition.id
    kept = db.session.scalar(select(Device).where(Device.name == "Sud"))
    assert kept is not None
    assert found["device_token"] not in (kept.token_hash, kept.pairing_hash)
    again = night.client.post("/api/v1/devices", json={"pairing_code": code, "name": "Sud"})
    assert (again.status_code, again.get_json()["type"]) == (410, "pairing-spent")


def test_a_pairing_code_ends_after_a_quarter_of_an_hour(night: Night) -> None:
    _device, code = open_pairing(night.cables.id, now=NOW - timedelta(minutes=15), by=None)
    assert night.client.post("/api/v1/devices", json={"pairing_code": code, "name": ""}).status_code == 410


def test_an_admitted_ticket_in_full(night: Night) -> None:
    seat = night.tickets[0].seats[0]
    assert night.results(night.scan(night.token(night.tickets[0]))) == [
        {
            "nonce": "nonce-0001",
            "kind": "in",
            "verdict": "admitted",
            "given": "admitted",
            "ticket": night.tickets[0].id,
            "seat": seat.id,
            "slot": night.slot.id,
            "starts_at": iso(night.slot.starts_at),
            "opens_at": iso(night.slot.starts_at - timedelta(minutes=20)),
            "gone_at": None,
            "reason": "",
            "first": None,
            "elsewhere": None,
            "conflict": False,
            "undone": False,
            "persons": None,
            "left": None,
            "who": {"position": 1, "initial": "Z", "age_band": "18+"},
        }
    ]


def test_already_in_says_when_and_where(night: Night) -> None:
    token = night.token(night.tickets[0])
    first, second = night.results(night.scan(token), night.scan(token))
    assert (first["verdict"], second["verdict"]) == ("admitted", "already_in")
    assert second["first"] == {"at": iso(NOW), "door": "Fonderie", "here": True, "device": "Entrée nord"}


def test_elsewhere_says_where_when_and_how_far(night: Night) -> None:
    _device, code = open_pairing(night.cables.id, now=NOW, by=None)
    _device, night.bearer = pair(code, "Sud", now=NOW)
    db.session.delete(night.tickets[0].seats[1])
    db.session.commit()
    found = night.results(night.scan(night.token(night.tickets[0])))[0]
    assert found["verdict"] == "elsewhere"
    assert (found["elsewhere"]["company"], found["elsewhere"]["starts_at"]) == ("Fonderie", iso(night.slot.starts_at))
    assert 1 <= found["elsewhere"]["minutes"] <= 30
    assert found["elsewhere"]["possible"] is (found["elsewhere"]["minutes"] <= 15)


def test_a_party_tells_of_each_of_its_people(night: Night) -> None:
    found = night.results(night.scan(night.token(night.booking), admit=1))[0]
    assert (found["verdict"], found["ticket"], found["seat"]) == ("admitted", None, None)
    assert [(one["ticket"], one["verdict"], one["entered"], one["who"]["age_band"]) for one in found["tickets"]] == [
        (night.tickets[0].id, "admitted", True, "18+"),
        (night.tickets[1].id, None, False, "0-11"),
    ]


def test_a_typed_code_counts(night: Night) -> None:
    code = night.tickets[1].code
    assert night.results(night.scan(code=f"{code[:4]} {code[4:]}"))[0]["ticket"] == night.tickets[1].id


def test_foreign_text_is_unknown_and_still_leaves_a_row(night: Night) -> None:
    found = night.results(night.scan("https://evil.example/?<script>alert(1)</script>"))
    assert (found[0]["verdict"], found[0]["ticket"]) == ("unknown", None)
    assert db.session.scalar(select(Scan.verdict)) == "unknown"


def test_a_batch_may_come_any_number_of_times(night: Night) -> None:
    scans = [night.scan(night.token(one)) for one in (*night.tickets, *night.tickets)]
    once, twice = night.results(*scans), night.results(*reversed(scans))
    assert twice == list(reversed(once))
    assert len(db.session.scalars(select(Scan)).all()) == 4


FULL = {"nonce": "nonce-9999", "token": "A", "at": "2027-09-24T17:55:00+02:00"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"nonce": "short"}, "scans[0].nonce"),
        ({"nonce": 12345678}, "scans[0].nonce"),
        ({"nonce": "é" * 10}, "scans[0].nonce"),
        ({"token": 1}, "scans[0].token"),
        ({"token": "A" * 513}, "scans[0].token"),
        ({"token": "\x00"}, "scans[0].token"),
        ({"code": "ABCDEFGH"}, "scans[0].token"),
        ({"at": "2027-09-24T17:55:00"}, "scans[0].at"),
        ({"at": "yesterday"}, "scans[0].at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "scans[0].at"),
        ({"at": 1}, "scans[0].at"),
        ({"given": "welcome"}, "scans[0].given"),
        ({"admit": True}, "scans[0].admit"),
        ({"admit": -1}, "scans[0].admit"),
        ({"admit": 10**30}, "scans[0].admit"),
        ({"who": []}, "scans[0].who"),
        ({"who": ["1"]}, "scans[0].who"),
        ({"who": [2**63]}, "scans[0].who"),
        ({"override": {"reason": " "}}, "scans[0].override"),
        ({"override": True}, "scans[0].override"),
        ({"verdict": "admitted"}, "scans[0].verdict"),
        ({"kind": "dance"}, "scans[0].kind"),
        ({"kind": ["in"]}, "scans[0].kind"),
        ({"persons": 2}, "scans[0].persons"),
        ({"kind": "move", "slot": 1}, "scans[0].override"),
        ({"kind": "move", "override": {"reason": "train"}}, "scans[0].slot"),
        ({"kind": "move", "slot": 2**63, "override": {"reason": "train"}}, "scans[0].slot"),
        ({"kind": "undo", "undo": "nonce-0001", "override": {"reason": "mistake"}}, "scans[0].token"),
        ({"kind": "out", "persons": 2, "slot": 1}, "scans[0].token"),
        ({"kind": "walk_in", "persons": 2, "slot": 1}, "scans[0].token"),
    ],
)
def test_what_does_not_fit_is_named(night: Night, wrong: dict[str, Any], field: str) -> None:
    answer = night.post(FULL | wrong)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    found = answer.get_json()
    assert (found["type"], list(found["errors"])) == ("invalid", [field])
    assert db.session.scalars(select(Scan)).all() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"now": NaN}', 400),
        (b'{"now": 1, "now": 2}', 400),
        (b'{"now": "2027-09-24T17:55:00Z", "scans": []}', 422),
        (b'{"now": "2027-09-24T17:55:00Z", "scans": [1]}', 422),
        (json.dumps({"now": "2027-09-24T17:55:00Z", "scans": [FULL] * 501}).encode(), 422),
        (json.dumps({"scans": [FULL]}).encode(), 422),
    ],
)
def test_what_is_no_batch_is_refused(night: Night, body: bytes, status: int) -> None:
    answer = night.client.post("/api/v1/scans", data=body, headers=night.headers, content_type="application/json")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_a_phone_that_is_cut_off_gets_and_gives_nothing(night: Night) -> None:
    revoke(night.device.id, now=NOW, by=None)
    assert night.post(night.scan(night.token(night.tickets[0]))).status_code == 401
    assert night.roster().status_code == 401
    assert night.client.get("/api/v1/door/search?q=ma", headers=night.headers).status_code == 401
    assert db.session.scalars(select(Scan)).all() == []


def test_nobody_scans_without_a_pairing_or_a_role(night: Night) -> None:
    night.bearer = "wrong"
    assert night.post(FULL).status_code == 401
    assert night.client.post("/api/v1/scans", json={"now": iso(NOW), "scans": [FULL]}).status_code == 401


@pytest.mark.parametrize(
    ("role", "own", "at_foundry", "at_cables"),
    [
        ("organiser", False, 200, 200),
        ("volunteer", False, 200, 200),
        ("volunteer", True, 404, 200),
        ("host", True, 404, 200),
    ],
)
def test_a_member_scans_at_the_doors_of_the_role(
    night: Night, role: str, own: bool, at_foundry: int, at_cables: int
) -> None:
    client = signed_in(night.client, a_member(role, night.cables if own else None))
    found = [
        client.post(
            "/api/v1/scans", json={"now": iso(NOW), "host": host.company.slug, "scans": [night.scan("x")]}
        ).status_code
        for host in (night.foundry, night.cables)
    ]
    assert found == [at_foundry, at_cables]
    assert client.get(f"/api/v1/door/roster?host={night.cables.company.slug}").status_code == 200


def test_the_roster_of_a_door(night: Night) -> None:
    night.post(night.scan(night.token(night.tickets[0])))
    found = night.roster().get_json()
    assert (found["host"]["company"], found["tolerance"]) == ("Fonderie", {"early": 1200, "late": 600})
    assert {one["id"]: (one.get("expected"), one.get("entered"), one.get("notes")) for one in found["slots"]} == {
        night.slot.id: (2, 1, ["Chaussures fermées"]),
        night.later.id: (None, None, None),
    }
    assert found["tickets"][0] == {
        "t": roster_name(night.tickets[0].token_id),
        "c": roster_name_of_code(night.tickets[0].code, found["salt"]),
        "p": roster_name(night.booking.token_id),
        "d": roster_name_of_code(night.booking.code, found["salt"]),
        "i": night.tickets[0].id,
        "s": [night.slot.id, night.later.id],
        "e": [[night.slot.id, int(NOW.timestamp())]],
        "w": {"initial": "Z", "age_band": "18+", "position": 1},
    }
    assert found["revoked"] == []


def test_the_roster_holds_no_name_and_no_code(night: Night) -> None:
    text = night.roster().get_data(as_text=True)
    secrets = [*NAMES, "marguerite@", night.booking.code, night.booking.reference, *[one.code for one in night.tickets]]
    assert [one for one in secrets if one.lower() in text.lower()] == []


@pytest.mark.parametrize("coding", ["identity", "br"])
def test_the_roster_is_sent_only_when_it_changed(night: Night, coding: str) -> None:
    etag = night.roster(**{"Accept-Encoding": coding}).headers["ETag"]
    again = night.roster(**{"If-None-Match": etag, "Accept-Encoding": coding})
    assert (again.status_code, again.data) == (304, b"")
    night.post(night.scan(night.token(night.tickets[0])))
    assert night.roster(**{"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("words", ["marguerite", "ZEBULON exem", "fridol"])
def test_a_party_is_found_by_name(night: Night, words: str) -> None:
    found = night.client.get("/api/v1/door/search", query_string={"q": words}, headers=night.headers)
    assert found.get_json() == {
        "found": [
            {
                "name": "Marguerite Exemple",
                "code": night.booking.code,
                "people": 2,
                "hours": [iso(night.slot.starts_at)],
            }
        ]
    }
    assert found.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("words", ["", "z", "nobody", "%", "__"])
def test_a_name_that_is_nobodys_finds_nobody(night: Night, words: str) -> None:
    found = night.client.get("/api/v1/door/search", query_string={"q": words}, headers=night.headers)
    assert found.get_json() == {"found": []}


def test_the_phones_state_is_noted(night: Night) -> None:
    with time_machine.travel(NOW + timedelta(minutes=1)):
        night.post(night.scan("x"), battery=41, queue=7)
    db.session.expire_all()
    device = db.session.get(Device, night.device.id)
    assert device is not None
    assert (device.battery, device.queue) == (41, 7)
    assert device.last_seen_at is not None
    assert device.last_seen_at >= NOW + timedelta(minutes=1)


def gesture(nonce: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"nonce": nonce, "kind": kind, "at": NOW.isoformat(), **fields}


def test_the_other_gestures_over_http(night: Night) -> None:
    token = night.token(night.tickets[0])
    said = night.results(
        night.scan(token),
        gesture("nonce-0101", "out", token=token),
        gesture("nonce-0102", "undo", undo="nonce-0101", override={"reason": "erreur"}),
        gesture("nonce-0103", "walk_in", slot=night.slot.id, persons=2),
        gesture("nonce-0104", "walk_in", slot=night.slot.id, persons=9),
        gesture("nonce-0105", "standby", slot=night.slot.id, persons=9),
    )
    assert [(one["kind"], one["verdict"], one["undone"], one["persons"], one["left"]) for one in said] == [
        ("in", "admitted", False, None, None),
        ("out", "left", True, None, None),
        ("undo", "undone", False, None, None),
        ("walk_in", "admitted", False, 2, 8),
        ("walk_in", "full", False, 9, 8),
        ("standby", "standby", False, 9, 8),
    ]
    found = night.roster().get_json()
    slot = next(one for one in found["slots"] if one["id"] == night.slot.id)
    assert {key: slot[key] for key in ("expected", "entered", "out", "walked_in", "inside", "left", "over")} == {
        "expected": 2, "entered": 1, "out": 0, "walked_in": 2, "inside": 3, "left": 8, "over": 0,
    }  # fmt: skip
    assert found["standby"] == [{"nonce": "nonce-0105", "slot": night.slot.id, "persons": 9, "at": iso(NOW)}]
    assert found["counts_exits"] is False


def test_a_move_over_http(night: Night) -> None:
    later = a_slot(night.slot.visit, timedelta(hours=2))
    move = gesture(
        "nonce-0101", "move", token=night.token(night.tickets[0]), slot=later.id, override={"reason": "train"}
    )
    said = night.results(move)[0]
    assert (said["verdict"], said["slot"], said["starts_at"], said["left"]) == (
        "moved", later.id, iso(later.starts_at), 11,
    )  # fmt: skip


@pytest.mark.parametrize(("role", "own", "names"), [
    ("device", None, None), ("volunteer", None, None), ("volunteer", "foundry", None), ("host", "foundry", ["Zébulon"]),
    ("organiser", None, ["Zébulon"]),
])  # fmt: skip
def test_numbers_of_those_inside_for_all_names_for_a_few(
    night: Night, role: str, own: str | None, names: list[str] | None
) -> None:
    night.post(
        night.scan(night.token(night.tickets[0])), gesture("nonce-0101", "walk_in", slot=night.slot.id, persons=3)
    )
    client, headers = night.client, night.headers
    if role != "device":
        client, headers = signed_in(night.client, a_member(role, night.foundry if own else None)), {}
    found = client.get(f"/api/v1/door/evacuation?host={night.foundry.company.slug}", headers=headers).get_json()
    assert (found["inside"], [(one["inside"], one["walked_in"]) for one in found["slots"]]) == (4, [(4, 3)])
    assert (found["people"] and [one["name"] for one in found["people"]]) == names


def test_who_types_wrong_codes_waits(night: Night) -> None:
    wrong = [night.scan(code=f"AAAA{number:04}".translate(str.maketrans("01", "XY"))) for number in range(2, 32)]
    assert {one["verdict"] for one in night.results(*wrong)} == {"unknown"}
    held = night.post(night.scan(code=night.tickets[0].code))
    assert (held.status_code, held.get_json()["type"], held.headers["Retry-After"]) == (429, "too-often", "300")
    assert night.results(night.scan(night.token(night.tickets[0])))[0]["verdict"] == "admitted"
    with time_machine.travel(NOW + timedelta(minutes=10)):
        assert night.results(night.scan(code=night.tickets[1].code))[0]["ticket"] == night.tickets[1].id
