"""bin/nuit streets: real streets in, out and told of; whatever goes wrong, the ones in use stay."""

import gzip
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from click.testing import Result
from flask import Flask

from config import ROOT
from nuit.models import Edition, Route, Stop
from nuit.planning.streets import load_network
from nuit.queries.ride import GEO, network, ride_between_hosts, streets_file, timetable
from tests.factories import a_host, an_edition, saved
from tests.live import FLASK, free_port
from tests.planning.osm_town import Town, as_json, as_pbf, grid

SCHEMATIC = load_network(GEO).revision
Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Iterator[Run]:
    """Runs bin/nuit streets WORDS in this process; the built-in streets are back at the end."""
    folder = streets_file(app.config["NUIT_INSTANCE"]).parent
    runner = app.test_cli_runner()
    kept = {key: app.config[key] for key in ("OVERPASS_URL", "ELEVATION_URL")}
    app.config.update(OVERPASS_URL="http://127.0.0.1:9/none", ELEVATION_URL="off")
    yield lambda *words: runner.invoke(args=["streets", *map(str, words)])
    app.config.update(kept)
    shutil.rmtree(folder, ignore_errors=True)
    assert network().revision == SCHEMATIC


@pytest.fixture
def night(app: Flask) -> Edition:
    """An edition whose start lies in the generated town."""
    return an_edition(region="Sion", start_lon=7.3340, start_lat=46.2030, start_name={"fr": "Gare"})


def loop(night: Edition) -> Route:
    places = ((7.3310, 46.2010), (7.3380, 46.2050))
    return saved(
        Route(
            edition_id=night.id, slug="boucle", name={"fr": "Boucle"}, position=1, is_closed=True,
            track={"revision": "before"},
            stops=[Stop(position=i, lon=lon, lat=lat, name={"fr": f"Arrêt {i}"}) for i, (lon, lat) in enumerate(places, 1)],
        )
    )  # fmt: skip


def test_loaded_streets_are_used_by_everything_at_once(tmp_path: Path, run: Run, night: Edition) -> None:
    route, revision = loop(night), night.revision
    first, second = a_host(night, lon=7.3310, lat=46.2010), a_host(night, lon=7.3390, lat=46.2060)
    before = ride_between_hosts(night, "foot")(first.id, second.id)
    assert (network().revision, network().approximate) == (SCHEMATIC, True)

    done = run("load", as_pbf(grid(), tmp_path / "town.osm.pbf"))
    assert done.exit_code == 0, done.output
    assert (network().approximate, route.track["approximate"]) == (False, False)
    assert route.track["revision"] == network().revision != SCHEMATIC
    assert night.revision > revision  # pages that browsers keep are drawn anew
    assert ride_between_hosts(night, "foot")(first.id, second.id) != before
    assert timetable(night, [], "bike").legs == ()
    assert "Loops:     1 drawn anew" in done.output

    told = run("info").output
    assert f"Revision:  {network().revision}" in told
    assert "town.osm.pbf" in told
    assert "Heights:   none: everything is level" in told


def test_the_same_streets_are_the_same_object_until_others_are_loaded(tmp_path: Path, run: Run, night: Edition) -> None:
    run("load", as_json(grid(), tmp_path / "a.json"))
    first = network()
    assert network() is first
    run("load", as_json(grid(seed=2), tmp_path / "b.json"))
    assert network().revision != first.revision
    assert run("forget").exit_code == 0
    assert network().revision == SCHEMATIC


def test_heights_come_from_a_tile(tmp_path: Path, run: Run, night: Edition) -> None:
    tile = tmp_path / "N46E007.hgt.gz"
    slope = np.tile(np.arange(1201) * 2, (1201, 1)).astype(">i2")
    tile.write_bytes(gzip.compress(slope.tobytes(), 1))
    done = run("load", as_json(grid(), tmp_path / "a.json"), "--hgt", tile)
    assert done.exit_code == 0, done.output
    assert "m, from 1 elevation tile" in done.output
    assert network().height.min() > 750
    assert run("load", as_json(grid(), tmp_path / "a.json"), "--hgt", tmp_path / "N46E008.hgt").exit_code == 1
    assert network().height.min() > 750


def far(path: Path) -> Path:
    town = grid()
    town.nodes = {number: (lon + 20_000_000, lat) for number, (lon, lat) in town.nodes.items()}
    return as_json(town, path)


def near_but_not_here(path: Path) -> Path:
    town = Town()
    town.way(town.node(-40, 0), town.node(-41, 0))
    return as_json(town, path)


def written(content: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return write


def huge(path: Path) -> Path:
    with path.open("wb") as file:
        file.write(b'{"elements": [')
        file.truncate(200 * 2**20)
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path, "it cannot be read (No such file or directory)"),
        (written(b""), "there is nothing in it"),
        (written(b'{"elements": []}'), "there is nothing in it"),
        (written(b'{"elements": [{"type": "way"'), "not an Overpass answer"),
        (written(b"what is this"), "it is neither an Overpass answer nor an .osm or .osm.pbf file"),
        (huge, "it is too large: 80 MB of this kind are read at most"),
        (far, "is not about Sion: it covers 9.33 to 9.34 east, 46.20 to 46.21 north"),
        (near_but_not_here, "is not about Sion"),
    ],
)
def test_a_file_of_no_use_is_said_in_a_sentence_and_changes_nothing(
    tmp_path: Path, run: Run, night: Edition, make: Callable[[Path], Path], sentence: str
) -> None:
    run("load", as_json(grid(), tmp_path / "a.json"))
    before, file = network().revision, streets_file(tmp_path).name
    done = run("load", make(tmp_path / "other.json"))
    assert done.exit_code == 1
    assert sentence in done.output
    assert done.output.strip().endswith("The streets in use stay as they were.")
    assert len(done.output.strip().splitlines()) == 1
    assert (network().revision, file) == (before, "network.npz")


def test_anywhere_takes_a_file_of_another_region(tmp_path: Path, run: Run, night: Edition) -> None:
    a_host(night)
    done = run("load", far(tmp_path / "far.json"), "--anywhere")
    assert done.exit_code == 0
    assert network().box[0] > 9
    assert "1 companies have no street within 1 km" in done.output


def test_a_stored_file_that_breaks_leaves_the_built_in_streets(
    app: Flask, tmp_path: Path, run: Run, night: Edition, caplog: pytest.LogCaptureFixture
) -> None:
    run("load", as_json(grid(), tmp_path / "a.json"))
    streets_file(app.config["NUIT_INSTANCE"]).write_bytes(b"PK no more")
    assert (network().revision, network().approximate) == (SCHEMATIC, True)
    assert "the built-in ones are used" in caplog.text


def test_without_an_edition_there_is_no_region(app: Flask, tmp_path: Path, run: Run) -> None:
    done = run("load", as_json(grid(), tmp_path / "a.json"))
    assert (done.exit_code, done.output.count("There is no edition yet")) == (1, 1)
    assert run("info").exit_code == 0


# --- Overpass, played by a server of our own


class Stage:
    """Answers of a server by path, and what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[tuple[str, bytes]] = []


@pytest.fixture
def stage(app: Flask, run: Run) -> Iterator[Stage]:
    played = Stage()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            played.asked.append((self.path, body))
            status, content = played.answers.get(self.path, (404, b""))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - the name the server calls

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        app.config.update(OVERPASS_URL=f"{url}/api", ELEVATION_URL=f"{url}/tiles")
        yield played
        server.shutdown()


def test_fetch_asks_once_for_the_surroundings_and_keeps_the_answer(
    app: Flask, tmp_path: Path, run: Run, night: Edition, stage: Stage
) -> None:
    folder = streets_file(app.config["NUIT_INSTANCE"]).parent
    stage.answers["/api"] = (200, as_json(grid(), tmp_path / "a.json").read_bytes())
    stage.answers["/tiles/N46/N46E007.hgt.gz"] = (200, gzip.compress(np.full((1201, 1201), 481, ">i2").tobytes(), 1))
    done = run("fetch")
    assert done.exit_code == 0, done.output
    (path, body), tile = stage.asked
    (question,) = parse_qs(body.decode())["data"]
    assert (path, tile[0]) == ("/api", "/tiles/N46/N46E007.hgt.gz")
    assert "(46.153,7.239,46.253,7.429)" in question
    assert sorted(one.name for one in folder.iterdir()) == [
        "N46E007.hgt.gz",
        "ground.npz",
        "network.npz",
        "overpass.json",
    ]
    assert set(network().height.tolist()) == {481.0}
    assert run("fetch", "--if-missing").output == ""
    assert len(stage.asked) == 2
    assert run("fetch").exit_code == 0
    assert len(stage.asked) == 3  # the tile is here already


@pytest.mark.parametrize(
    ("status", "content", "sentence"),
    [
        (429, b"", "answered 429 Too Many Requests"),
        (504, b"<html>", "answered 504 Gateway Timeout"),
        (200, b"<html>rate limited</html>", "was not loaded: not a"),
        (200, b'{"elements": [], "remark": "runtime error: out of memory"}', "the answer is not whole: runtime error"),
        (200, b'{"elements": [{"type"', "not an Overpass answer"),
    ],
)
def test_fetch_without_a_whole_answer_changes_nothing(
    app: Flask, run: Run, night: Edition, stage: Stage, status: int, content: bytes, sentence: str
) -> None:
    stage.answers["/api"] = (status, content)
    done = run("fetch")
    assert done.exit_code == 1
    assert sentence in done.output
    assert done.output.strip().endswith("The streets in use stay as they were.")
    assert network().revision == SCHEMATIC
    assert list(streets_file(app.config["NUIT_INSTANCE"]).parent.iterdir()) == []


def test_fetch_without_a_network_says_so(run: Run, night: Edition) -> None:
    done = run("fetch")
    assert done.exit_code == 1
    assert done.output.startswith("Error: No streets were fetched: 127.0.0.1:9 does not answer")


def test_another_process_notices_streets_that_were_loaded(tmp_path: Path, app: Flask) -> None:
    """A process that rides already sees what a second one loads, without being started again."""
    instance = tmp_path / "night"
    instance.mkdir()
    env = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "NUIT_NOW")}
    env |= {"NUIT_INSTANCE": str(instance), "PORT": str(free_port())}

    def chore(*words: str) -> str:
        return subprocess.run([*FLASK, *words], env=env, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    chore("setup")
    chore("programme", "example")
    script = (
        "import sys, json\n"
        "from nuit import create_app\n"
        "from nuit.queries.ride import network\n"
        "create_app()\n"
        "for line in sys.stdin: print(json.dumps([network().revision, network().approximate]), flush=True)\n"
    )
    with subprocess.Popen(
        [FLASK[0], "-c", script], env=env, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None

        def seen() -> list[object]:
            assert other.stdin is not None
            assert other.stdout is not None
            other.stdin.write("?\n")
            other.stdin.flush()
            found = json.loads(other.stdout.readline())
            assert isinstance(found, list)
            return found

        assert seen() == [SCHEMATIC, True]
        told = chore("streets", "load", str(as_json(grid(), tmp_path / "a.json")), "--anywhere")
        revision, approximate = seen()
        assert not approximate
        assert f"Revision:  {revision}" in told
        chore("streets", "forget")
        assert seen() == [SCHEMATIC, True]
        other.stdin.close()
