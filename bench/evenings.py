"""The composing page under eight visitors: python -m bench.evenings [--companies N] prints p50, p95 and the ceiling.

Every request asks something else (hours, people, places, likes), so that no answer is kept; the machine code is loaded
before the first one that counts. The ceiling is /healthz of the same server in the same run.
"""

import argparse
import random
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from time import monotonic, perf_counter, sleep
from urllib.parse import urlencode, urlsplit

from bench.journeys import machine
from tests.live import night

VISITORS, SECONDS = 8, 15.0


def wish(chance: random.Random, number: int) -> str:
    """The address of one more wish that nobody else has."""
    begin, long = chance.randrange(17 * 60, 20 * 60), chance.randrange(90, 300)
    end = min(begin + long, 23 * 60)
    asked = {
        "de": f"{begin // 60}:{begin % 60:02d}", "a": f"{end // 60}:{end % 60:02d}", "adultes": chance.randint(1, 4),
        "enfants": chance.randint(0, 2), "mode": chance.choice(["ebike25", "bike", "foot"]), "n": number,
        "festival": chance.choice(["", "1"]), "calme": chance.choice(["", "1"]),
    }  # fmt: skip
    return "/fr/soiree?" + urlencode(asked)


def seconds(host: str, port: int, address: Callable[[random.Random, int], str]) -> list[float]:
    """How long each answer took while eight visitors asked one after the other."""
    numbers, end = count(), monotonic() + SECONDS

    def visitor(seed: int) -> list[float]:
        chance, connection, found = random.Random(seed), HTTPConnection(host, port, timeout=60), []
        while monotonic() < end:
            begin = perf_counter()
            connection.request("GET", address(chance, next(numbers)), headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            found.append(perf_counter() - begin)
        return found

    with ThreadPoolExecutor(VISITORS) as visitors:
        return sorted(one for found in visitors.map(visitor, range(VISITORS)) for one in found)


def main() -> None:
    """Prints one line for the page and one for the ceiling."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--companies", type=int, default=0, help="a generated programme instead of the example")
    companies = reader.parse_args().companies
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="nuit-bench-") as folder:
        live = night(Path(folder))
        live.chore("programme", "example", *(["--companies", str(companies)] if companies else []))
        live.start()
        parts = urlsplit(live.url)
        host, port = parts.hostname or "127.0.0.1", parts.port or 80
        sleep(3)
        warmed = perf_counter()
        for seed in range(8):  # both workers have loaded the machine code
            connection = HTTPConnection(host, port, timeout=120)
            connection.request("GET", wish(random.Random(100 + seed), -seed))
            connection.getresponse().read()
        print(machine())
        print(f"first answers after {perf_counter() - warmed:.1f} s")
        for name, address in (("composing page", wish), ("/healthz", lambda _chance, _number: "/healthz")):
            found = seconds(host, port, address)
            p50, p95, worst = (1000 * found[min(len(found) - 1, int(len(found) * part))] for part in (0.5, 0.95, 1))
            rate = len(found) / SECONDS
            print(
                f"{name}: {rate:.0f}/s, p50 {p50:.0f} ms, p95 {p95:.0f} ms, worst {worst:.0f} ms, {len(found)} answers"
            )
        live.stop()


if __name__ == "__main__":
    main()
