"""POST /api/v1/itineraries: the planner's answer in the contract's words; nonsense gets a 4xx and a sentence."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from nuit.models import Edition, Slot
from tests.factories import OPENS, a_host, a_slot, a_visit
from tests.test_api import Api, api, night
from tests.test_api_hostile import TEXTS, VALUES

__all__ = ["api", "night"]
HOME = [7.3590, 46.2275]


def asked(**fields: Any) -> dict[str, Any]:
    hours = {"start_at": OPENS.isoformat(), "end_at": (OPENS + timedelta(hours=4)).isoformat()}
    return hours | {"from": HOME, "party": [{"age_band": "18+"}, {"age_band": "12-13"}]} | fields


def a_departure(edition: Edition, minutes: int, **values: Any) -> Slot:
    conditions = values.pop("conditions", [])
    lon = values.pop("lon", 7.3401)
    return a_slot(a_visit(a_host(edition, lon=lon), conditions=conditions), timedelta(minutes=minutes), **values)


def slug(slot: Slot) -> str:
    return slot.visit.host.company.slug


def test_the_best_evening_with_its_rides(api: Api, night: Edition) -> None:
    first, second = a_departure(night, 30), a_departure(night, 120, lon=7.3301)
    best = api("post", "/itineraries", json=asked()).get_json()["itineraries"][0]
    assert (best["kind"], best["value"], best["bound"], best["proven"]) == ("best", 2, 2, True)
    assert [(stop["slot"], stop["company"]) for stop in best["stops"]] == [
        (first.id, slug(first)), (second.id, slug(second))
    ]  # fmt: skip
    for stop in best["stops"]:
        at = {name: datetime.fromisoformat(stop[name]) for name in ("leave_at", "arrive_at", "starts_at", "ends_at")}
        assert at["leave_at"] + timedelta(minutes=stop["minutes"]) == at["arrive_at"]
        assert at["arrive_at"] + timedelta(minutes=stop["wait_minutes"]) == at["starts_at"]
    booked = api.book(*(stop["slot"] for stop in best["stops"]), size=2)
    assert booked.status_code == 201


def test_wishes_reasons_locked_and_refused(api: Api, night: Edition) -> None:
    one, other = a_departure(night, 30), a_departure(night, 35)
    strict = a_departure(night, 120, conditions=[{"kind": "min_age", "value": 14}])
    wishes = [{"company": slug(one), "score": 3}, {"company": slug(other), "score": 9}, {"company": slug(strict)},
              {"company": "nobody"}]  # fmt: skip
    found = api("post", "/itineraries", json=asked(wishes=wishes)).get_json()
    assert [stop["slot"] for stop in found["itineraries"][0]["stops"]] == [other.id]
    assert [(told["company"], told["reason"]) for told in found["unserved"]] == [
        (slug(one), "overlaps"), (slug(strict), "too-young"), ("nobody", "unknown")
    ]  # fmt: skip
    kept = api("post", "/itineraries", json=asked(wishes=wishes, locked=[one.id])).get_json()
    assert [stop["slot"] for stop in kept["itineraries"][0]["stops"]] == [one.id]
    without = api("post", "/itineraries", json=asked(wishes=wishes, refused=[other.id])).get_json()
    assert [stop["slot"] for stop in without["itineraries"][0]["stops"]] == [one.id]


def test_nothing_fits(api: Api, night: Edition) -> None:
    full = a_departure(night, 30, capacity=1)
    found = api("post", "/itineraries", json=asked()).get_json()
    assert found["itineraries"] == []
    assert [(told["company"], told["reason"]) for told in found["unserved"]] == [(slug(full), "full")]


@pytest.mark.parametrize(
    "fields",
    [
        {"party": [{"age_band": "18+"}] * 7}, {"party": 10**6}, {"party": []}, {"party": [{"age_band": "18+", "x": 1}]},
        {"start_at": -5}, {"start_at": "2027-09-24T19:00"}, {"end_at": "0001-01-01T00:00:00Z"},
        {"end_at": OPENS.isoformat()}, {"from": [0, 0]}, {"from": [10**400, 1]}, {"from": ["7", "46"]}, {"to": [7.3]},
        {"mode": "rocket"}, {"wishes": [{"company": "a"}] * 2}, {"wishes": [{"company": "a", "score": -1}]},
        {"wishes": [{"company": "a", "score": 1.5}]}, {"wishes": [{"company": "a", "score": True}]},
        {"locked": [0]}, {"locked": [2**70]}, {"refused": "all"}, {"unknown": 1},
    ],
)  # fmt: skip
def test_what_does_not_fit(api: Api, night: Edition, fields: dict[str, Any]) -> None:
    assert api("post", "/itineraries", json=asked(**fields)).status_code == 422


def test_what_is_too_much_or_no_json(api: Api, night: Edition) -> None:
    def send(body: str) -> int:
        return api("post", "/itineraries", data=body, headers={"Content-Type": "application/json"}).status_code

    wishes = [{"company": f"company-{number}", "score": 1} for number in range(10_000)]
    assert send(json.dumps(asked(wishes=wishes))) == 413
    assert send(json.dumps(asked(wishes=wishes[:501]))) == 422
    assert send(json.dumps(asked(party=[{"age_band": "18+"}] * 10**5))) == 413
    assert send(json.dumps(asked()).replace("7.359", "NaN")) == 400
    assert send(json.dumps(asked()).replace("7.359", "1e999")) == 422
    assert send("[]") == 400


def test_every_field_with_every_hostile_value(api: Api, night: Edition) -> None:
    a_departure(night, 30)
    for name in ("start_at", "end_at", "from", "to", "mode", "party", "wishes", "locked", "refused"):
        for value in [*TEXTS, *VALUES, *([one] for one in VALUES), {"company": "x"}]:
            body = json.dumps(asked(**{name: value}))
            answer = api("post", "/itineraries", data=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in (200, 400, 413, 422), (name, str(value)[:40])
