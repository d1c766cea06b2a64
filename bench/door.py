"""A door's figures beside their ceilings: python -m bench.door [--postgresql]

One table: scans one at a time, eight at once, in batches of fifty; and the list of all tickets, as a phone gets it. The
ceiling is a raw UPDATE + INSERT + COMMIT of the same run. Every scan must be `admitted`, and once.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.request import Request, urlopen

import brotli
from sqlalchemy import text

from bench.journeys import _engine, _evening, _raw_commits, _tokens, machine, mark_of, postgresql_url
from bench.load import Load, press, request
from tests.live import Live, night

BATCH = 50


def main() -> None:
    """Prints the table, and the machine and commit it was taken on."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--postgresql", action="store_true")
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="nuit-bench-") as folder:
        url = postgresql_url(Path(folder)) if options.parse_args().postgresql else ""
        print(f"{machine()}; {'PostgreSQL' if url else 'SQLite'}")
        raw = _raw_commits(Path(folder))
        print(f"raw UPDATE + INSERT + COMMIT (SQLite): {raw:,.0f}/s")
        print("| work | scans/s | ratio | CPU ms a scan | p50 ms | p99 ms |")
        print("|---|---|---|---|---|---|")
        live, token, bodies = _door(Path(folder), url)
        alone, at_once, batched = bodies[:150], bodies[150 : len(bodies) // 2], bodies[len(bodies) // 2 :]
        _warm(live, token)
        _row("one at a time", _posted(live, token, alone, 1), 1, raw)
        _row("eight at once", _posted(live, token, at_once, 8), 1, raw)
        parts = [batched[place : place + BATCH] for place in range(0, len(batched) - BATCH + 1, BATCH)]
        _row(f"batches of {BATCH}, two at once", _posted(live, token, [_one(part) for part in parts], 2), BATCH, raw)
        _roster(live, token)
        live.stop()
        with _engine(live).connect() as base:
            verdicts = {row[0]: row[1] for row in base.execute(text("select verdict, count(*) from scan group by 1"))}
        assert verdicts == {"admitted": len(alone) + len(at_once) + BATCH * len(parts), "unknown": 50}, verdicts


def _door(folder: Path, database: str) -> tuple[Live, str, list[dict[str, str]]]:
    """One host with all of the example's people on its list; its door lets in all evening."""
    live = night(folder, database_url=database)
    live.chore("programme", "example", "--companies", "1", "--slots", "340", "--bookings", "100000")
    with _engine(live).begin() as base:
        base.execute(text("update edition set door_early_minutes = 600, door_late_minutes = 600"))
        slug, host = base.execute(
            text("select slug, host.id from company join host on company_id = company.id")
        ).first() or ("", 0)
    live.env["NUIT_NOW"] = f"{_evening(live)}T16:55"  # before the first departure: nobody's place is released meanwhile
    token = live.chore("device", "pair", "--host", slug)
    live.start()
    at = f"{_evening(live)}T16:55:00+02:00"
    readings = [{"nonce": f"bench-{n:06}", "token": one, "at": at} for n, one in enumerate(_tokens(live, host)[:2000])]
    return live, token, readings


def _one(readings: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return list(readings)


def _posted(live: Live, token: str, bodies: Sequence[object], at_once: int) -> Load:
    posts = [
        request("POST", f"{live.url}/api/v1/scans", _batch(one), Authorization=f"Bearer {token}") for one in bodies
    ]
    load = press(live.url, posts, at_once=at_once, mark=mark_of(live))
    assert load.statuses == {200: len(posts)}, load.statuses
    return load


def _batch(one: object) -> bytes:
    scans = one if isinstance(one, list) else [one]
    return json.dumps({"now": scans[0]["at"], "scans": scans}).encode()


def _warm(live: Live, token: str) -> None:
    at = f"{_evening(live)}T16:55:00+02:00"
    _posted(live, token, [{"nonce": f"warm-{n:06}", "token": "nothing", "at": at} for n in range(50)], 4)


def _row(name: str, load: Load, scans: int, raw: float) -> None:
    rate = load.rate * scans
    print(
        f"| {name} | {rate:,.0f} | {rate / raw:.1%} | {load.cpu / scans:.2f} | {load.p50:.1f} | {load.p99:.1f} |",
        flush=True,
    )


def _roster(live: Live, token: str) -> None:
    asked = Request(
        f"{live.url}/api/v1/door/roster", headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "br"}
    )
    began = time.perf_counter()
    with urlopen(asked) as answer:
        content = answer.read()
    seconds = time.perf_counter() - began
    tickets = len(json.loads(brotli.decompress(content))["tickets"])
    print(f"list of {tickets} tickets: {len(content) / 1000:.1f} kB compressed, {seconds:.2f} s")


if __name__ == "__main__":
    main()
