"""The desks at full size: python -m bench.desks [--companies 500] [--slots 20000] [--bookings 50000]

Server time of each list (median of nine, in the process, signed in), beside /healthz of the same run as the ceiling.
"""

import argparse
import os
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from flask.testing import FlaskClient

from bench.journeys import machine
from config import ROOT
from tests.live import FLASK, night

LISTS = {
    "overview": "/equipe/",
    "companies": "/equipe/entreprises/",
    "departures": "/equipe/creneaux/",
    "departures, page 100": "/equipe/creneaux/?page=100",
    "bookings": "/equipe/reservations/",
    "bookings, two letters, many": "/equipe/reservations/?q=an",
    "bookings, two letters, none": "/equipe/reservations/?q=zz",
    "anyone, two letters": "/equipe/trouver?q=zz",
}


def main() -> None:
    """Prints the table, and the machine and commit it was taken on."""
    asked = argparse.ArgumentParser()
    for name, count in (("companies", 500), ("slots", 20_000), ("bookings", 50_000)):
        asked.add_argument(f"--{name}", type=int, default=count)
    sizes = vars(asked.parse_args())
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="nuit-bench-") as folder:
        live = night(Path(folder))
        words = [word for name, count in sizes.items() for word in (f"--{name}", str(count))]
        subprocess.run([*FLASK, "programme", "example", *words], env=live.env, cwd=ROOT, check=True)  # takes minutes
        print(machine())
        print(", ".join(f"{count} {name}" for name, count in sizes.items()))
        _table(folder)


def _table(folder: str) -> None:
    os.environ["NUIT_INSTANCE"] = folder
    from nuit import create_app
    from nuit.actions.member import add_member, issue_link, sign_in

    app = create_app({"NUIT_INSTANCE": Path(folder), "NUIT_LIMITS": False})
    with app.app_context():
        member = add_member("bench@exemple.ch", role="organiser", now=datetime.now(UTC))
        token, _code = issue_link(member, now=datetime.now(UTC), browser=None)
        _who, kept = sign_in(token, now=datetime.now(UTC), browser=None)
    client = app.test_client()
    with client.session_transaction() as session:
        session["in"] = kept
    ceiling = _milliseconds(client, "/healthz")
    print(f"/healthz {ceiling:.2f} ms")
    print("| list | ms | times the ceiling |")
    print("|---|---|---|")
    for name, path in LISTS.items():
        found = _milliseconds(client, path)
        print(f"| {name} | {found:.0f} | {found / ceiling:.0f} |")


def _milliseconds(client: FlaskClient, path: str) -> float:
    times = []
    for _time in range(9):
        began = time.perf_counter()
        answer = client.get(path)
        answer.get_data()
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, path
    return median(times)


if __name__ == "__main__":
    main()
