"""The public API: documents, ETags, a booking's life, refusals with alternatives; every answer as the description says."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from config import ROOT
from nuit.actions.device import open_pairing
from nuit.actions.example import make_example
from nuit.db import db
from nuit.ledger.trail import revise
from nuit.models import Booking, Edition, Route, Seat, Slot
from nuit.planning.sample import read_sample
from tests.factories import NOW, OPENS, a_host, a_slot, a_visit, an_edition

DESCRIPTION = json.loads((ROOT / "nuit/views/api/openapi.json").read_text())
METHODS = ("get", "post", "put", "patch", "delete")


def strict(part: Any) -> Any:
    """The same schema without room for fields that are not described."""
    if isinstance(part, list):
        return [strict(one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {key: strict(value) for key, value in part.items()}
    if "properties" in found and isinstance(found["properties"], dict):
        found.setdefault("additionalProperties", False)
    return found


COMPONENTS = strict(deepcopy(DESCRIPTION["components"]))


def fits(schema: dict[str, Any], value: Any) -> None:
    whole = {**strict(schema), "components": COMPONENTS}
    jsonschema_rs.validator_for(whole, validate_formats=True).validate(value)


def described(path: str) -> str | None:
    """The described path that a requested one belongs to."""
    for one in DESCRIPTION["paths"]:
        if re.fullmatch(re.sub(r"\\{\w+\\}", r"[^/]+", re.escape(one)), path):
            return str(one)
    return None


class Api:
    """A client that holds every answer against the description, and keeps account of what it has seen."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.seen: set[tuple[str, str, str]] = set()

    def __call__(self, method: str, path: str, **more: Any) -> TestResponse:
        answer = self.client.open(f"/api/v1{path}", method=method.upper(), **more)
        name = described(path.partition("?")[0])
        assert name is not None, path
        responses = DESCRIPTION["paths"][name][method]["responses"]
        status = str(answer.status_code)
        assert status in responses, f"{method} {path}: {status} is not described: {answer.text[:300]}"
        content = responses[status].get("content", {})
        if content:
            assert answer.mimetype in content
            if "json" in answer.mimetype:
                fits(content[answer.mimetype]["schema"], answer.get_json(force=True))
        else:
            assert answer.data == b""
        self.seen.add((method, name, status))
        return answer

    def book(self, *slots: int, size: int = 1, key: str | None = None, **fields: Any) -> TestResponse:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self("post", "/bookings", json=asked(*slots, size=size, **fields), headers=headers)


def asked(*slots: int, size: int = 1, **fields: Any) -> dict[str, Any]:
    party = [{"label": f"Personne {number}", "age_band": "18+"} for number in range(1, size + 1)]
    return {"name": "Anne Exemple", "email": "anne@exemple.ch", "locale": "fr", "mode": "ebike25", "party": party,
            "slots": list(slots), "accept_conditions": True} | fields  # fmt: skip


def bearer(document: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {document['manage_token']}"}


@pytest.fixture
def api(app: Flask) -> Iterator[Api]:
    with time_machine.travel(NOW):
        yield Api(app.test_client())


@pytest.fixture
def night(api: Api) -> Edition:
    return an_edition()


def hour(edition: Edition, *, hours: float = 1, **values: Any) -> Slot:
    return a_slot(a_visit(a_host(edition)), timedelta(hours=hours), **values)


def test_every_route_is_described_and_the_other_way_round(app: Flask) -> None:
    described_calls = {
        (f"/api/v1{path}", method)
        for path, calls in DESCRIPTION["paths"].items()
        for method in calls
        if method in METHODS
    }
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described_calls == routes


def test_the_description_is_served_and_sound(api: Api, night: Edition) -> None:
    answer = api("get", "/openapi.json")
    assert answer.get_json() == DESCRIPTION
    refs = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DESCRIPTION)))
    assert refs == set(DESCRIPTION["components"]["schemas"])
    names = [
        call["operationId"] for calls in DESCRIPTION["paths"].values() for m, call in calls.items() if m in METHODS
    ]
    assert len(names) == len(set(names))


def test_a_whole_exchange_is_as_described(api: Api) -> None:
    """Every call of ours with its good answer, and the refusals a client must know."""
    api("get", "/editions/current")  # 404: nothing there yet
    edition = make_example(read_sample(ROOT / "example"), now=NOW)
    assert edition is not None
    assert api("get", "/editions/current").get_json()["booking_open"] is True
    slots = api("get", "/slots?free=1").get_json()["slots"]
    company = api("get", f"/slots?company={slots[0]['company']}").get_json()["slots"]
    assert {one["company"] for one in company} == {slots[0]["company"]}
    assert len(api("get", "/companies").get_json()["companies"]) == 26
    loops = api("get", "/routes").get_json()["routes"]
    assert len(loops) == 4
    api("get", f"/routes/{loops[0]['slug']}.geojson")
    api("get", f"/routes/{loops[0]['slug']}.gpx")
    api("get", "/routes/nulle-part.geojson")
    hours = {"start_at": edition.opens_at.isoformat(), "end_at": edition.closes_at.isoformat()}
    wish = hours | {"from": [edition.start_lon, edition.start_lat], "party": [{"age_band": "18+"}]}
    assert len(api("post", "/itineraries", json=wish).get_json()["itineraries"]) == 3
    first = api.book(slots[0]["id"], size=2)
    assert first.status_code == 201
    own = bearer(first.get_json())
    path = first.headers["Location"].removeprefix("/api/v1")
    assert api("get", path, headers=own).get_json() == first.get_json()
    wait_swap_rename(api, path, own, [one["id"] for one in slots[:1] + slots[-2:]])
    seat = first.get_json()["tickets"][0]["seats"][0]["id"]
    assert api("delete", f"{path}/seats/{seat}", headers=own).status_code == 200
    assert api("delete", path, headers=own).get_json()["state"] == "given_back"
    api("get", "/bookings/N-AAAAAAAA")
    for name in ("/slots", "/companies", "/routes", "/openapi.json"):
        tag = api("get", name).headers["ETag"]
        assert api("get", name, headers={"If-None-Match": tag}).status_code == 304
    good = {(m, path, s) for path, calls in DESCRIPTION["paths"].items() for m, call in calls.items() if m in METHODS
            for s in call["responses"] if s.startswith("2") and not re.match("/(devices|scans|door)", path)}  # fmt: skip
    assert good <= api.seen


def wait_swap_rename(api: Api, path: str, own: dict[str, str], slots: list[int]) -> None:
    """Another name, in line twice, one offer accepted and one turned down, and back to the first stop."""
    first, offered, other = slots
    ticket = api("get", path, headers=own).get_json()["tickets"][0]["id"]
    renamed = api("patch", f"{path}/tickets/{ticket}", json={"label": "Inès"}, headers=own).get_json()
    assert renamed["tickets"][0]["label"] == "Inès"
    for slot in (offered, other):
        waits = api("post", f"{path}/waits", json={"slot": slot}, headers=own).get_json()["waits"]
    assert [one["status"] for one in waits] == ["offered", "offered"]
    took = api("post", f"{path}/waits/{waits[0]['id']}/accept", json={}, headers=own)
    left = api("delete", f"{path}/waits/{waits[1]['id']}", headers=own)
    assert [one["status"] for one in left.get_json()["waits"]] == ["accepted", "declined"]
    stops = {seat["slot"] for seat in took.get_json()["tickets"][0]["seats"] if seat["status"] == "confirmed"}
    assert stops == {first, offered}
    back = api("post", f"{path}/swap", json={"from": offered, "to": other}, headers=own)
    assert back.status_code == 200


def test_the_doors_calls_are_as_described(api: Api, night: Edition) -> None:
    slot = hour(night)
    booked = api.book(slot.id, size=2).get_json()
    with time_machine.travel(OPENS + timedelta(minutes=55)):
        now = datetime.now(UTC)
        _device, code = open_pairing(slot.host_id, now=now, by=None)
        phone = api("post", "/devices", json={"pairing_code": code, "name": "Entrée"}).get_json()
        assert api("post", "/devices", json={"pairing_code": code}).status_code == 410
        own = {"Authorization": f"Bearer {phone['device_token']}"}
        scans = [
            {"nonce": f"nonce-{number:04}", "at": now.isoformat(), "token": token}
            for number, token in enumerate([booked["tickets"][0]["token"], booked["token"], "x"])
        ]
        done = api("post", "/scans", json={"now": now.isoformat(), "scans": scans}, headers=own).get_json()
        assert [one["verdict"] for one in done["results"]] == ["admitted", "admitted", "unknown"]
        api("post", "/scans", json={"now": now.isoformat(), "scans": scans})  # 401
        roster = api("get", "/door/roster", headers=own)
        api("get", "/door/roster", headers=own | {"If-None-Match": roster.headers["ETag"]})
        found = api("get", "/door/search?q=Anne", headers=own).get_json()["found"]
        assert [one["people"] for one in found] == [2]


def test_live_places_have_an_etag_that_moves_with_them(api: Api, night: Edition) -> None:
    """Two changes that cancel each other out in every sum still make another ETag."""
    one, two = hour(night, hours=1), hour(night, hours=3)
    first = api.book(one.id).get_json()
    before = api("get", "/slots").headers["ETag"]
    api("delete", f"/bookings/{first['reference']}", headers=bearer(first))
    api.book(two.id)
    after = api("get", "/slots", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert {each["id"]: each["left"] for each in after.get_json()["slots"]} == {one.id: 12, two.id: 11}


def test_an_etag_belongs_to_one_language_and_one_question(api: Api, night: Edition) -> None:
    hour(night)
    tags = {
        api("get", path, headers={"Accept-Language": lang}).headers["ETag"]
        for path in ("/slots", "/slots?free=1", "/slots?company=x", "/companies")
        for lang in ("fr", "de", "en")
    }
    assert len(tags) == 12
    before = api("get", "/companies").headers["ETag"]
    revise(night.id)
    db.session.commit()
    assert api("get", "/companies", headers={"If-None-Match": before}).status_code == 200


def test_free_slots_are_open_ahead_and_not_full(api: Api, night: Edition) -> None:
    free, full, past = hour(night), hour(night, hours=2, capacity=1), hour(night, hours=-24 * 10)
    closed = hour(night, hours=3, status="closed")
    draft = a_slot(a_visit(a_host(night, state="draft")), timedelta(hours=4))
    api.book(full.id)
    shown = {one["id"] for one in api("get", "/slots").get_json()["slots"]}
    assert shown == {free.id, full.id, past.id, closed.id}
    assert draft.id not in shown
    assert [one["id"] for one in api("get", "/slots?free=1").get_json()["slots"]] == [free.id]


@pytest.mark.parametrize("path", ["/slots", "/slots?free=1", "/companies", "/routes"])
def test_lists_cost_the_same_however_long(api: Api, night: Edition, path: str) -> None:
    def statements() -> int:
        count = 0

        def counted(*_: Any) -> None:
            nonlocal count
            count += 1

        db.session.remove()
        event.listen(db.engine, "before_cursor_execute", counted)
        api("get", path)
        event.remove(db.engine, "before_cursor_execute", counted)
        return count

    hour(night)
    db.session.add(Route(edition_id=night.id, slug="a", is_published=True))
    db.session.commit()
    few = statements()
    for number in range(3):
        hour(night, hours=number)
        db.session.add(Route(edition_id=night.id, slug=f"b{number}", is_published=True))
    db.session.commit()
    assert statements() == few


def test_the_same_key_gives_the_same_booking(api: Api, night: Edition) -> None:
    slot, other = hour(night), hour(night, hours=3)
    first, second = api.book(slot.id, key="once"), api.book(slot.id, key="once")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    third = api.book(other.id, key="once")
    assert (third.status_code, third.get_json()["type"]) == (422, "invalid")
    assert list(third.get_json()["errors"]) == ["Idempotency-Key"]
    db.session.expire_all()
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 1
    assert db.session.scalar(select(Slot.taken).where(Slot.id == other.id)) == 0


def test_a_full_slot_names_itself_and_what_is_left(api: Api, night: Edition) -> None:
    visit = a_visit(a_host(night))
    full, later, much_later = (a_slot(visit, timedelta(hours=h), capacity=2) for h in (1, 2, 4))
    elsewhere = hour(night, hours=3)
    api.book(full.id, size=2)
    refused = api.book(full.id, elsewhere.id, size=2, email="beat@exemple.ch").get_json()
    assert (refused["type"], refused["status"], refused["slots"]) == ("slot-full", 409, [full.id])
    assert [one["id"] for one in refused["alternatives"]] == [later.id, much_later.id]
    api.book(later.id, size=1, email="chiara@exemple.ch")
    refused = api.book(full.id, size=2, email="beat@exemple.ch").get_json()
    assert [one["id"] for one in refused["alternatives"]] == [much_later.id]
    api.book(much_later.id, email="david@exemple.ch")
    refused = api.book(full.id, size=2, email="beat@exemple.ch").get_json()
    assert [one["id"] for one in refused["alternatives"]] == [elsewhere.id]


def test_alternatives_fit_the_rest_of_the_evening(api: Api, night: Edition) -> None:
    """Of the full slot's other departures only the one that does not collide with the stop that is kept."""
    visit = a_visit(a_host(night))
    full, collides, fits_in = (a_slot(visit, timedelta(hours=h), capacity=1) for h in (1, 3, 5))
    kept = hour(night, hours=3)
    api.book(full.id)
    refused = api.book(full.id, kept.id, email="beat@exemple.ch").get_json()
    assert [one["id"] for one in refused["alternatives"]] == [fits_in.id]
    assert collides.id not in refused["slots"]


def test_overlaps_rides_and_conditions_are_refused_by_name(api: Api, night: Edition) -> None:
    visit = a_visit(a_host(night), minutes=60)
    one, free_again = a_slot(visit, timedelta(hours=1)), a_slot(visit, timedelta(hours=4))
    over = hour(night, hours=1.5)
    refused = api.book(one.id, over.id).get_json()
    assert (refused["type"], sorted(refused["slots"])) == ("overlap", sorted([one.id, over.id]))
    assert [each["id"] for each in refused["alternatives"]] == [free_again.id]
    far = a_slot(a_visit(a_host(night, lon=7.41, lat=46.245)), timedelta(hours=2, minutes=2))
    assert api.book(one.id, far.id, mode="foot").get_json()["type"] == "unreachable"
    strict_visit = a_visit(a_host(night), conditions=[{"kind": "min_age", "value": 16}])
    adults = a_slot(strict_visit, timedelta(hours=1))
    child = [{"label": "Noé", "age_band": "0-11"}]
    assert api.book(adults.id, party=child).get_json()["type"] == "condition"


def test_limits_and_closing_are_refused_by_name(api: Api, night: Edition) -> None:
    slot = hour(night, capacity=20)
    assert api.book(slot.id, size=7).get_json()["type"] == "limit"
    for _ in range(night.max_bookings_per_email):
        assert api.book(slot.id).status_code == 201
    assert api.book(slot.id).get_json()["type"] == "limit"
    closed = hour(night, status="closed")
    assert api.book(closed.id, email="beat@exemple.ch").get_json()["type"] == "closed"
    unknown = api.book(closed.id + 1000, email="beat@exemple.ch")
    assert (unknown.status_code, unknown.get_json()["type"]) == (422, "invalid")
    with time_machine.travel(night.booking_closes_at):
        assert api.book(slot.id, email="beat@exemple.ch").get_json()["type"] == "closed"


def test_a_booking_is_its_partys_own(api: Api, night: Edition) -> None:
    """Without the token, with another booking's or a mangled one: 404, as if it were not there."""
    slot = hour(night)
    own, other = api.book(slot.id).get_json(), api.book(slot.id, email="beat@exemple.ch").get_json()
    path, seat = f"/bookings/{own['reference']}", own["tickets"][0]["seats"][0]["id"]
    foreign = other["tickets"][0]["seats"][0]["id"]
    for headers in ({}, bearer(other), {"Authorization": "Bearer "}, {"Authorization": f"Basic {own['manage_token']}"}):
        assert api("get", path, headers=headers).status_code == 404
        assert api("delete", path, headers=headers).status_code == 404
        assert api("delete", f"{path}/seats/{seat}", headers=headers).status_code == 404
    assert api("delete", f"{path}/seats/{foreign}", headers=bearer(own)).status_code == 404
    db.session.expire_all()
    assert set(db.session.scalars(select(Seat.status))) == {"confirmed"}


def test_personal_answers_are_not_kept(api: Api, night: Edition) -> None:
    answer = api.book(hour(night).id)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    path = answer.headers["Location"].removeprefix("/api/v1")
    assert api("get", path, headers=bearer(answer.get_json())).headers["Cache-Control"] == "no-store"


def test_a_seat_of_a_visit_that_has_begun_stays(api: Api, night: Edition) -> None:
    slot = hour(night)
    own = api.book(slot.id).get_json()
    with time_machine.travel(slot.starts_at + timedelta(minutes=1)):
        seat = own["tickets"][0]["seats"][0]["id"]
        refused = api("delete", f"/bookings/{own['reference']}/seats/{seat}", headers=bearer(own))
    assert (refused.status_code, refused.get_json()["type"]) == (409, "closed")
