"""Waiting, offers and swaps over the API: one document, stable types, nothing of anybody else's."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from nuit.db import db
from nuit.models import Booking, Edition, Seat, Slot, Wait
from tests.factories import NOW, a_host, a_slot, a_visit, an_edition
from tests.test_api import Api, bearer, hour


@pytest.fixture
def api(app: Flask) -> Iterator[Api]:
    with time_machine.travel(NOW, tick=False):
        yield Api(app.test_client())


@pytest.fixture
def night(api: Api) -> Edition:
    return an_edition()


def asked(api: Api, *slots: int, waits: tuple[int, ...], size: int = 1, email: str = "beat@exemple.ch") -> Any:
    return api.book(*slots, size=size, waits=list(waits), email=email)


def own(api: Api, document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = api("get", f"/bookings/{document['reference']}", headers=bearer(document)).get_json()
    return found


def statuses(document: dict[str, Any]) -> list[tuple[int, str]]:
    return [(seat["slot"], seat["status"]) for one in document["tickets"] for seat in one["seats"]]


def test_waiting_for_a_full_slot_with_nothing_else(api: Api, night: Edition) -> None:
    full = hour(night, capacity=2)
    holder = api.book(full.id, size=2).get_json()
    first = asked(api, waits=(full.id,), size=2).get_json()
    second = asked(api, waits=(full.id,), email="chiara@exemple.ch").get_json()
    assert (first["waits"][0], statuses(first)) == (
        {
            "id": first["waits"][0]["id"], "slot": full.id, "size": 2, "status": "waiting", "rank": 1,
            "asked_at": "2027-09-20T12:00:00+02:00", "offered_until": None,
        },
        [(full.id, "waiting")] * 2,
    )  # fmt: skip
    assert second["waits"][0]["rank"] == 2
    api("delete", f"/bookings/{holder['reference']}", headers=bearer(holder))
    wait = own(api, first)["waits"][0]
    assert (wait["status"], wait["rank"], wait["offered_until"]) == ("offered", None, "2027-09-20T12:30:00+02:00")
    assert (own(api, second)["waits"][0]["rank"], own(api, first)["tickets"][0]["seats"][0]["status"]) == (1, "held")
    took = api("post", f"/bookings/{first['reference']}/waits/{wait['id']}/accept", headers=bearer(first))
    assert statuses(took.get_json()) == [(full.id, "confirmed")] * 2


def test_the_same_key_stands_in_line_once(api: Api, night: Edition) -> None:
    full, free = hour(night, capacity=0), hour(night, hours=3)
    for _ in range(2):
        answer = api.book(free.id, size=2, waits=[full.id], key="once").get_json()
    assert [one["rank"] for one in answer["waits"]] == [1]
    other = api.book(free.id, size=2, waits=[], key="once")
    assert (other.status_code, other.get_json()["type"]) == (422, "invalid")
    db.session.expire_all()
    counts = [db.session.scalar(select(func.count()).select_from(one)) for one in (Booking, Wait, Seat)]
    assert counts == [1, 1, 4]


def test_nothing_to_book_and_nothing_to_wait_for_is_refused(api: Api, night: Edition) -> None:
    assert list(api.book(waits=[]).get_json()["errors"]) == ["slots"]
    assert list(api.book(waits="x").get_json()["errors"]) == ["waits"]
    unknown = api.book(waits=[hour(night).id + 1000])
    assert (unknown.status_code, unknown.get_json()["type"]) == (422, "invalid")
    db.session.expire_all()
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 0


def test_accepting_says_what_would_go(api: Api, night: Edition) -> None:
    mine, full = hour(night), hour(night, hours=1.5, capacity=0)
    booked = api.book(mine.id).get_json()
    path, headers = f"/bookings/{booked['reference']}", bearer(booked)
    wait = api("post", f"{path}/waits", json={"slot": full.id}, headers=headers).get_json()["waits"][0]
    again = api("post", f"{path}/waits", json={"slot": full.id}, headers=headers).get_json()["waits"]
    assert [one["id"] for one in again] == [wait["id"]]
    early = api("post", f"{path}/waits/{wait['id']}/accept", json={}, headers=headers).get_json()
    assert (early["type"], early["slots"]) == ("offer-gone", [full.id])
    db.session.execute(Slot.__table__.update().where(Slot.id == full.id).values(capacity=1))
    db.session.commit()
    api("delete", f"{path}/waits/{wait['id']}", headers=headers)
    offer = api("post", f"{path}/waits", json={"slot": full.id}, headers=headers).get_json()["waits"][-1]
    assert offer["status"] == "offered"
    changed = api("post", f"{path}/waits/{offer['id']}/accept", json={"instead": []}, headers=headers).get_json()
    assert (changed["type"], changed["slots"]) == ("effect-changed", [mine.id])
    took = api("post", f"{path}/waits/{offer['id']}/accept", json={"instead": [mine.id]}, headers=headers).get_json()
    assert [one for one in statuses(took) if one[1] in ("held", "confirmed", "waiting")] == [(full.id, "confirmed")]


def test_a_swap_that_is_refused_offers_others_and_keeps_the_place(api: Api, night: Edition) -> None:
    visit = a_visit(a_host(night))
    mine, full, free = (a_slot(visit, timedelta(hours=h), capacity=2) for h in (1, 2, 4))
    api.book(full.id, email="beat@exemple.ch")
    booked = api.book(mine.id, size=2).get_json()
    path, headers = f"/bookings/{booked['reference']}/swap", bearer(booked)
    refused = api("post", path, json={"from": mine.id, "to": full.id}, headers=headers).get_json()
    assert (refused["type"], refused["slots"]) == ("slot-full", [full.id])
    assert [one["id"] for one in refused["alternatives"]] == [free.id]
    assert statuses(own(api, booked)) == [(mine.id, "confirmed")] * 2
    for _ in range(2):
        done = api("post", path, json={"from": mine.id, "to": free.id}, headers=headers).get_json()
    assert [one for one in statuses(done) if one[1] == "confirmed"] == [(free.id, "confirmed")] * 2
    gone = api("post", path, json={"from": full.id, "to": mine.id}, headers=headers).get_json()
    assert gone["type"] == "not-held"
    for body in ({"from": mine.id}, {"from": mine.id, "to": "x"}, {"from": mine.id, "to": 1, "more": 1}):
        assert api("post", path, json=body, headers=headers).status_code == 422


def test_queues_and_names_are_a_partys_own(api: Api, night: Edition) -> None:
    full = hour(night, capacity=0)
    mine = asked(api, waits=(full.id,)).get_json()
    other = asked(api, waits=(full.id,), email="chiara@exemple.ch").get_json()
    wait, ticket = mine["waits"][0]["id"], mine["tickets"][0]["id"]
    calls: list[tuple[str, str, Any]] = [
        ("post", "/waits", {"slot": full.id}), ("delete", f"/waits/{wait}", None),
        ("post", f"/waits/{wait}/accept", {}), ("patch", f"/tickets/{ticket}", {"label": "Beat"}),
    ]  # fmt: skip
    for method, path, body in calls:
        stranger = api(method, f"/bookings/{mine['reference']}{path}", json=body, headers=bearer(other))
        assert stranger.status_code == 404
        if path != "/waits":
            foreign = api(method, f"/bookings/{other['reference']}{path}", json=body, headers=bearer(other))
            assert foreign.status_code == 404
    assert (own(api, mine)["waits"][0]["status"], own(api, mine)["tickets"][0]["label"]) == ("waiting", "Personne 1")


HOSTILE: list[Any] = [
    None, [], "x", 1, {"slot": None}, {"slot": True}, {"slot": -1}, {"slot": 2**63}, {"slot": 1.5}, {"slot": "1"},
    {"from": [], "to": {}}, {"from": 1, "to": 2**64}, {"instead": 1}, {"instead": [1, 1]}, {"instead": ["\ud800"]},
    {"instead": [2**63]}, {"label": ""}, {"label": "\0"}, {"label": "x" * 5000}, {"label": ["x"]}, {"label": "\ud800"},
]  # fmt: skip


def test_what_does_not_fit_is_refused_with_a_sentence(api: Api, night: Edition) -> None:
    document = asked(api, waits=(hour(night, capacity=0).id,)).get_json()
    path, headers = f"/bookings/{document['reference']}", bearer(document)
    wait, ticket = document["waits"][0]["id"], document["tickets"][0]["id"]
    calls = (("post", "/waits"), ("post", f"/waits/{wait}/accept"), ("post", "/swap"), ("patch", f"/tickets/{ticket}"))
    for method, where in calls:
        for body in HOSTILE:
            answer = api(method, path + where, json=body, headers=headers)
            assert 400 <= answer.status_code < 500, (where, body)
            assert answer.get_json()["title"]
    assert own(api, document) == document
