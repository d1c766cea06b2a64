"""What we serve of other people's work: every file listed, unchanged, licensed, and silent about the outside."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[1] / "static" / "vendor"
ENTRIES = {entry["file"]: entry for entry in json.loads((VENDOR / "manifest.json").read_text())["files"]}
HOST = re.compile(rb"https?://([\w.-]+)")
ONLY_QUOTED = {  # in comments, in the attribution and as XML name spaces: never fetched
    b"bugs.chromium.org",
    b"bugzilla.mozilla.org",
    b"github.com",
    b"hyperelliptic.org",
    b"leafletjs.com",
    b"www.w3.org",
}


def served() -> list[str]:
    files = (path for path in VENDOR.rglob("*") if path.is_file() and path != VENDOR / "manifest.json")
    return sorted(str(path.relative_to(VENDOR)) for path in files)


def integrity(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def test_every_file_is_listed_and_nothing_else() -> None:
    assert served() == sorted(ENTRIES)


@pytest.mark.parametrize("file", sorted(ENTRIES))
def test_file_has_the_listed_hash_and_its_licence_beside_it(file: str) -> None:
    entry = ENTRIES[file]
    folder = VENDOR / f"{entry['name']}@{entry['version']}"
    assert entry["sha384"] == integrity((VENDOR / file).read_bytes())
    assert (VENDOR / file).is_relative_to(folder)
    assert entry["licence"]
    assert (folder / "LICENSE").stat().st_size > 500


@pytest.mark.parametrize("file", [file for file in sorted(ENTRIES) if file.endswith((".js", ".css", ".wasm"))])
def test_no_file_names_a_host_it_could_fetch_from(file: str) -> None:
    content = (VENDOR / file).read_bytes()
    assert set(HOST.findall(content)) <= ONLY_QUOTED
    assert b"sourceMappingURL" not in content
