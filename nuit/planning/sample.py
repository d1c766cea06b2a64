"""A programme to begin with: the example's files, or one made up to any size for load tests."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

FILES = ("companies", "trades", "festival", "routes")
STARTS = [f"{hour:02d}:{minute:02d}" for hour in range(17, 23) for minute in range(0, 60, 10)][:-2]
"""17:00, 17:10 … 22:30."""
BOX = (7.33, 46.215, 7.39, 46.235)
"""Where made-up companies stand: the plain of Sion, streets everywhere."""


@dataclass(frozen=True)
class Sample:
    """The programme as its files tell it; `festival` is {} where there is none."""

    companies: list[dict[str, Any]]
    trades: list[dict[str, Any]] = field(default_factory=list)
    festival: dict[str, Any] = field(default_factory=dict)
    routes: list[dict[str, Any]] = field(default_factory=list)


def read_sample(folder: Path) -> Sample:
    """The programme of companies.json, trades.json, festival.json and routes.json in `folder`, one object each.

    Raises OSError for a file that is missing, ValueError for one that is no JSON, KeyError for one without its list.
    """
    told = {name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in FILES}
    return Sample(
        companies=told["companies"]["companies"],
        trades=told["trades"]["trades"],
        festival=told["festival"],
        routes=told["routes"]["routes"],
    )


def made_up(base: Sample, *, companies: int | None, slots: int | None, seed: int = 1) -> Sample:
    """The base programme grown or cut to exactly so many companies and slots; the same seed gives the same programme.

    A loop that loses a company keeps its other stops, and goes when fewer than two are left.
    Raises ValueError for less than one company, or more slots than starts (34 a visit, 10 visits a company).
    """
    chance = Random(seed)
    wanted = len(base.companies) if companies is None else companies
    if wanted < 1:
        raise ValueError("at least one company")
    grown = base.companies[:wanted] + [
        _company(number, chance) for number in range(len(base.companies) + 1, wanted + 1)
    ]
    if slots is not None:
        grown = _with_slots(grown, slots)
    return replace(base, companies=grown, routes=_routes(base.routes, {one["slug"] for one in grown}))


def _company(number: int, chance: Random) -> dict[str, Any]:
    place = {
        "address": f"Rue de l’Exemple {number}", "postcode": "1950", "town": "Sion", "district": "Exemple",
        "lon": round(chance.uniform(BOX[0], BOX[2]), 5), "lat": round(chance.uniform(BOX[1], BOX[3]), 5),
        "access": {}, "bike_parking": chance.randint(0, 40), "charging": chance.randint(0, 8),
    }  # fmt: skip
    text = {
        "fr": f"Atelier d’exemple {number}.",
        "de": f"Beispielwerkstatt {number}.",
        "en": f"Example workshop {number}.",
    }
    return {
        "slug": f"atelier-{number}", "name": f"Atelier {number}", "disc": "gear", "summary": text, "about": text,
        "fact": {}, "trades": [], "practices": [], "safety_limit": 20, "place": place, "visits": [_visit(number, chance)],
    }  # fmt: skip


def _visit(number: int, chance: Random) -> dict[str, Any]:
    title = {"fr": f"Voir l’atelier {number}", "de": f"Werkstatt {number} sehen", "en": f"See workshop {number}"}
    return {
        "title": title, "summary": {}, "minutes": chance.choice([30, 40, 45, 60]), "wheelchair": chance.choice(["yes", "no"]),
        "languages": chance.choice([["fr"], ["fr", "de"], ["fr", "en"]]), "capacity": chance.randint(10, 20),
        "conditions": [], "starts": ["17:00", "18:00", "19:00", "20:00", "21:00"],
    }  # fmt: skip


def _with_slots(companies: list[dict[str, Any]], slots: int) -> list[dict[str, Any]]:
    """Every company's visits with their starts dealt anew, evenly: together exactly `slots`."""
    if slots > len(companies) * len(STARTS) * 10 or slots < 0:
        raise ValueError(f"{len(companies)} companies have 0 to {len(companies) * len(STARTS) * 10} slots")
    dealt = []
    for index, company in enumerate(companies):
        share = slots // len(companies) + (index < slots % len(companies))
        visits: list[dict[str, Any]] = []
        while share > 0 or not visits:
            pattern = company["visits"][len(visits) % len(company["visits"])]
            count = min(share, len(STARTS))
            step = max(1, len(STARTS) // max(1, count))
            visits.append(pattern | {"starts": STARTS[::step][:count] if step > 1 else STARTS[:count]})
            share -= count
        dealt.append(company | {"visits": visits})
    return dealt


def _routes(routes: list[dict[str, Any]], slugs: set[str]) -> list[dict[str, Any]]:
    kept = []
    for route in routes:
        stops = [stop for stop in route["stops"] if "company" not in stop or stop["company"] in slugs]
        if len(stops) > 1:
            kept.append(route | {"stops": stops})
    return kept
