"""One evening by three doors (the page, the API, the command), each judged from the bare tables; and the judge judged."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from config import ROOT
from nuit.actions.example import make_example
from nuit.cli.plan import plan
from nuit.db import db
from nuit.models import Edition, Slot
from nuit.planning.sample import read_sample
from tests.factories import NOW, a_host, a_slot, a_visit, an_edition
from tests.judge import Told, complaints, read_answer, read_text

AGES = {"18+": "adultes", "12-13": "enfants"}


@pytest.fixture
def night(app: Flask) -> Iterator[Edition]:
    with time_machine.travel(NOW, tick=False):
        make_example(read_sample(ROOT / "example"), now=NOW)
        yield db.session.scalars(select(Edition).where(Edition.is_current)).one()


def address() -> str:
    return db.engine.url.render_as_string(hide_password=False)


def ask(client: FlaskClient, night: Edition, begin: datetime, until: datetime, ages: list[str]) -> dict[str, Any]:
    fields = {"start_at": begin.isoformat(), "end_at": until.isoformat(), "from": [night.start_lon, night.start_lat],
              "party": [{"age_band": age} for age in ages]}  # fmt: skip
    answer = client.post("/api/v1/itineraries", json=fields)
    assert answer.status_code == 200
    return {"asked": fields, "answer": answer.get_json()}


def opened(client: FlaskClient, wish: dict[str, Any]) -> list[int]:
    page = client.get("/fr/soiree?" + urlencode(wish)).get_data(as_text=True)
    link = re.search(r"creneaux=([\d.]+)", page)
    return [int(one) for one in link[1].split(".")] if link else []


def test_three_doors_say_the_same_and_each_evening_can_be_had(client: FlaskClient, night: Edition) -> None:
    chance, evenings = random.Random(11), 0
    for _ in range(6):
        begin = night.opens_at + timedelta(minutes=5 * chance.randrange(30))
        until = begin + timedelta(minutes=5 * chance.randrange(18, 40))
        ages = ["18+"] * chance.randint(1, 3) + ["12-13"] * chance.randint(0, 2)
        hours = [f"{one.astimezone(night.opens_at.tzinfo) + timedelta(hours=2):%H:%M}" for one in (begin, until)]
        told = ask(client, night, begin, until, ages)["answer"]["itineraries"]
        wish = {"de": hours[0], "a": hours[1]} | {word: ages.count(age) for age, word in AGES.items()}
        words = ["--from", hours[0], "--until", hours[1], *(word for age in ages for word in ("--who", age))]
        printed = read_text(CliRunner().invoke(plan, words).output, address(), begin, until, ages)
        assert [complaints(one, address(), NOW) for one in printed] == [[]] * len(printed)
        slots = [[stop["slot"] for stop in one["stops"]] for one in told]
        assert opened(client, wish) == slots[0] == [stop.slot for stop in printed[0].stops]
        assert [one["proven"] for one in told] == [True] * len(told)
        evenings += len(told)
    assert evenings == 18


def test_the_judge_finds_what_is_wrong(client: FlaskClient, night: Edition) -> None:
    found = ask(client, night, night.opens_at, night.opens_at + timedelta(hours=5), ["18+", "12-13"])
    told = read_answer(found["asked"], found["answer"])[0]
    first, *_, last = told.stops
    late, minute = timedelta(hours=3), timedelta(minutes=1)
    assert complaints(told, address(), NOW) == []
    wrong: list[Told] = [
        replace(told, stops=told.stops[::-1]), replace(told, stops=[first, *told.stops]),
        replace(told, stops=[replace(first, slot=last.slot), *told.stops[1:]]), replace(told, until=last.ends),
        replace(told, stops=[replace(first, begins=first.begins - minute), *told.stops[1:]]),
        replace(told, ages=["18+"] * 50), replace(told, ages=["0-11"]), replace(told, mode="foot", stops=[
            replace(one, leaves=one.begins - minute, arrives=one.begins) for one in told.stops]),
        replace(told, value=told.value + 1), replace(told, bound=told.bound + 1), replace(told, refused={first.slot}),
        replace(told, begin=told.begin + late), replace(told, stops=[replace(first, slot=10**9), *told.stops[1:]]),
    ]  # fmt: skip
    assert [bool(complaints(one, address(), NOW)) for one in wrong] == [True] * len(wrong)
    assert complaints(told, address(), told.until) != []
    db.session.execute(update(Slot).where(Slot.id == last.slot).values(status="closed"))
    db.session.commit()
    assert complaints(told, address(), NOW) == [f"{last.slot} has no 2 places"]


def test_more_time_places_or_departures_never_lower_what_is_told(client: FlaskClient, app: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        night = an_edition(max_stops=20)
        chance = random.Random(5)
        slots = [
            a_slot(a_visit(a_host(night, lon=7.34 + chance.random() / 40)), timedelta(minutes=20 * chance.randrange(2, 9)),
                   capacity=chance.randint(1, 3))
            for _ in range(9)
        ]  # fmt: skip
        until = night.opens_at + timedelta(hours=2)

        def value() -> int:
            found = ask(client, night, night.opens_at, until, ["18+", "18+"])["answer"]["itineraries"]
            return found[0]["value"] if found else 0

        values = [value()]
        until += timedelta(hours=1)
        values.append(value())
        for one in slots[:5]:
            one.capacity += 2
        db.session.commit()
        values.append(value())
        for one in slots[:4]:
            a_slot(one.visit, one.starts_at + timedelta(minutes=70), capacity=4)
            values.append(value())
    assert values == sorted(values)
    assert values[0] < values[-1]
