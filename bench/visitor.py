"""A visitor's way to a ticket: python -m bench.visitor [--at-once 8] [--journeys 400] [--postgresql]

Four requests each: a company's page, the booking, the link of the answer (which puts the key into the cookie), the page
with the tickets. Prints journeys a second, processor time and waits of each step.
"""

import argparse
import json
import tempfile
import time
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from statistics import median
from threading import Thread
from urllib.parse import urlsplit

from bench.journeys import BOOKINGS, machine, mark_of, postgresql_url, started
from bench.load import cpu_seconds
from tests.crowd import asked, slots_of
from tests.live import Live

STEPS = ("page", "booking", "link", "tickets")


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--at-once", type=int, default=8)
    options.add_argument("--journeys", type=int, default=400)
    options.add_argument("--postgresql", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="nuit-bench-") as folder:
        url = postgresql_url(Path(folder)) if chosen.postgresql else ""
        own = Path(folder) / "night"
        own.mkdir()
        live = started(own, url, 1, BOOKINGS)
        print(f"{machine()}; {'PostgreSQL' if url else 'SQLite'}, {chosen.at_once} at once")
        print(measured(live, chosen.journeys, chosen.at_once))
        live.stop()


def measured(live: Live, journeys: int, at_once: int) -> str:
    """One line: rate, processor milliseconds a journey, median milliseconds of each step."""
    slots = [one for one in slots_of(live) if one["left"] >= 6]
    waits: list[list[float]] = []

    def several(first: int) -> None:
        for number in range(first, journeys, at_once):
            waits.append(journey(live, slots[number % len(slots)], number))

    threads = [Thread(target=several, args=(number,)) for number in range(at_once)]
    before, began = cpu_seconds(mark_of(live), "granian"), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, cpu = time.perf_counter() - began, cpu_seconds(mark_of(live), "granian") - before
    assert len(waits) == journeys
    steps = ", ".join(f"{name} {median(one[at] for one in waits):.1f}" for at, name in enumerate(STEPS))
    return f"{journeys / seconds:.0f} journeys/s, {cpu * 1000 / journeys:.1f} ms CPU a journey; median ms: {steps}"


def journey(live: Live, slot: dict[str, object], number: int) -> list[float]:
    """One visitor on one line; the milliseconds of each of the four requests."""
    parts = urlsplit(live.url)
    line = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    waits = []

    def ask(
        method: str, path: str, status: int, body: bytes | None = None, **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        began = time.perf_counter()
        line.request(method, path, body, {"Accept-Encoding": "gzip", **headers})
        answer = line.getresponse()
        content = answer.read()
        waits.append((time.perf_counter() - began) * 1000)
        assert answer.status == status, (answer.status, path)
        return answer, content

    ask("GET", f"/fr/entreprises/{slot['company']}", 200)
    wanted = json.dumps(asked([int(str(slot["id"]))], 2, f"v{number}@exemple.ch")).encode()
    json_only = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    _, said = ask("POST", "/api/v1/bookings", 201, wanted, **json_only)
    link = urlsplit(json.loads(said)["manage_url"])
    opened, _ = ask("GET", f"{link.path}?{link.query}", 303)
    cookie = (opened.getheader("Set-Cookie") or "").split(";")[0]
    ask("GET", opened.getheader("Location") or "", 200, Cookie=cookie)
    line.close()
    return waits


if __name__ == "__main__":
    main()
