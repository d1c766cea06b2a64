"""Hostile input at every address and field of the API: always a 4xx problem document, never a 5xx, nothing written."""

import json
import string
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from nuit.db import db
from nuit.models import Booking, Quota, Slot
from tests.factories import NOW, a_host, a_slot, a_visit, an_edition
from tests.test_api import DESCRIPTION, asked

TEXTS = [
    "", " ", "\0", "a\0b", "a" * 100_000, "\ud800", "\udfff\ud800", "\u202e\u2066", "\u200b", "\r\nBcc: x@exemple.ch",
    "'; drop table booking; --", "' or 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "${7*7}", "../../etc/passwd",
    "%00", "%s%n", "9" * 30, "-1", "NaN", "null", "true", "1e400", "💥" * 40, "\uffff", "ﷺ" * 20, "Ω̸̛͕" * 60,
]  # fmt: skip
VALUES: list[Any] = [None, True, False, 0, -1, 1.5, 2**63, 2**64, 10**30, 10**4000, [], {}, [[]], [None], {"$ne": 1}]


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with time_machine.travel(NOW):
        app.config["NUIT_LIMITS"] = False
        yield app.test_client()
        app.config["NUIT_LIMITS"] = True


@pytest.fixture
def slot(client: FlaskClient) -> Slot:
    return a_slot(a_visit(a_host(an_edition())), capacity=20)


def refused(answer: TestResponse, what: object) -> None:
    assert 400 <= answer.status_code < 500, (answer.status_code, what)
    assert answer.mimetype == "application/problem+json", what
    assert answer.get_json()["status"] == answer.status_code


def post(client: FlaskClient, body: str | bytes, path: str = "/api/v1/bookings", **headers: str) -> TestResponse:
    return client.post(path, data=body, headers={"Content-Type": "application/json", **headers})


def written() -> int:
    db.session.expire_all()
    return db.session.scalar(select(func.count()).select_from(Booking)) or 0


def test_every_field_of_a_booking(client: FlaskClient, slot: Slot) -> None:
    """About 300 bodies: each field with each hostile value, nested ones too."""
    count = 0
    for value in [*TEXTS, *VALUES]:
        bodies = [asked(slot.id, **{field: value}) for field in ("email", "locale", "mode", "party", "slots")]
        bodies += [asked(slot.id, slots=[value]), asked(slot.id, party=[value]), asked(slot.id, **{str(value)[:50]: 1})]
        bodies += [asked(slot.id, party=[{"label": "A", "age_band": value}])]
        if value is not True:
            bodies.append(asked(slot.id, accept_conditions=value))
        for body in bodies:
            refused(post(client, json.dumps(body)), body)
            count += 1
    assert count >= 300
    assert written() == 0


def test_texts_are_tidied_or_refused(client: FlaskClient, slot: Slot) -> None:
    """Names and labels take any printable text; what they keep is on one line, short and without tricks."""
    for number, value in enumerate([*TEXTS, *VALUES]):
        fields = {"email": f"a{number}@exemple.ch"}
        for body in (
            asked(slot.id, name=value, **fields),
            asked(slot.id, party=[{"label": value, "age_band": "18+"}], **fields),
        ):
            answer = post(client, json.dumps(body))
            assert answer.status_code in (201, 409, 422), value
            if answer.status_code == 201:
                kept = [answer.get_json()["name"], answer.get_json()["tickets"][0]["label"]]
                assert all(one.isprintable() and 0 < len(one) <= 120 for one in kept)
                assert not set("\u202e\u2066\u200b\ufeff") & set("".join(kept))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"1", b'"x"', b"null", b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"\x00", b"[" * 100_000,
        b'{"a":' * 100_000, b"[" * 900 + b"]" * 900, b'{"name":"a","name":"b"}', b'{"x":NaN}', b'{"x":Infinity}',
        b'{"slots":[' + b"9" * 5000 + b"]}", b'{"x":1e999999}', b'{"x":"\\ud800"}', b"{'name':1}", b'{"a":1}garbage',
        "{\"name\":\"é\"}".encode("latin-1"), "{}".encode("utf-16"), "{}".encode("utf-32"), b"name=a&email=b",
        b'{"x":' + b"{}" * 3 + b"}", b'{"__proto__":{}}', b'{"":1}', b"%s" % (b" " * 70_000),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/v1/bookings", "/api/v1/devices", "/api/v1/scans"])
def test_bodies_that_are_no_booking(client: FlaskClient, slot: Slot, body: bytes, path: str) -> None:
    refused(post(client, body, path), body[:60])
    assert written() == 0


def test_a_body_that_is_too_large(client: FlaskClient, slot: Slot) -> None:
    answer = post(client, json.dumps(asked(slot.id, name="a" * 7_000_000)))
    refused(answer, "7 MB")
    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "\x7f"])
def test_other_content_types(client: FlaskClient, slot: Slot, kind: str) -> None:
    refused(post(client, json.dumps(asked(slot.id)), **{"Content-Type": kind}), kind)
    assert written() == 0


@pytest.mark.parametrize("key", ["", " " * 201, "x" * 201, "x" * 60_000, "é", "\x7f", "a\tb"])
def test_keys_that_are_none(client: FlaskClient, slot: Slot, key: str) -> None:
    refused(post(client, json.dumps(asked(slot.id)), **{"Idempotency-Key": key}), key)
    assert written() == 0


def paths() -> list[tuple[str, str]]:
    """Every described call with a parameter in its path or query, the place of the hostile text as {}."""
    usual = {"reference": "N-AAAAAAAA", "seat_id": "1", "slug": "a", "wait_id": "1", "ticket_id": "1"}
    found = set()
    for path, calls in DESCRIPTION["paths"].items():
        for method in set(calls) - {"parameters"}:
            for one in [*calls.get("parameters", []), *calls[method].get("parameters", [])]:
                if one.get("in") == "path":
                    found.add((method, path.format(**usual | {one["name"]: "{}"})))
                elif one.get("in") == "query":
                    found.add((method, f"{path.format(**usual)}?{one['name']}={{}}"))
    return sorted(found)


@pytest.mark.parametrize(("method", "path"), paths())
def test_every_parameter(client: FlaskClient, slot: Slot, method: str, path: str) -> None:
    """Raw bytes included: bad UTF-8, over-long numbers, traversal, doubled and encoded separators."""
    raw = [
        "%ff%fe",
        "%c0%80",
        "%00",
        "%0d%0a",
        "a%2f..%2fb",
        "%25%30%30",
        "1" * 30,
        "1" * 3000,
        "-1",
        "1.5",
        "+",
        "%20",
    ]
    hostile = [*raw, *(quote(text.encode("utf-8", "surrogatepass"))[:4000] for text in TEXTS)]
    for text in hostile:
        answer = client.open("/api/v1" + path.replace("{}", text), method=method.upper())
        assert answer.status_code < 500, text
        if answer.status_code >= 400:
            refused(answer, text)
        elif answer.status_code == 200:
            assert "N-AAAAAAAA" not in path


@pytest.mark.parametrize("name", ["Authorization", "Accept-Language", "If-None-Match", "Accept", "Cookie", "Range",
                                  "Idempotency-Key", "Sec-Fetch-Site", "Origin", "X-Forwarded-For"])  # fmt: skip
def test_every_header(client: FlaskClient, slot: Slot, name: str) -> None:
    hostile = ["", " ", "\x7f", "Bearer", "Bearer ", "Bearer " + "a" * 9000, "Basic =", "Digest x", "é", "fr;q=nan", "*",
               "fr;q=99999999999999999999", ",,,,", '"', 'W/"', "W/" * 500, "nuit=;;=", "nuit=" + string.printable[:94],
               "bytes=9-1", "-" * 5000, "null", "cross-site"]  # fmt: skip
    for value in hostile:
        for path in ("/api/v1/slots", "/api/v1/bookings/N-AAAAAAAA", "/api/v1/door/roster", "/api/v1/editions/current"):
            answer = client.get(path, headers={name: value})
            assert answer.status_code < 500, (path, value)
    assert db.session.scalar(select(func.count()).select_from(Quota)) == 0
