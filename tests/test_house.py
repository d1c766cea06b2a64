"""The floors of the house: imports point down, words are kept, files and functions stay small."""

import ast
import re
from pathlib import Path
from statistics import median

from nuit.models import Base
from nuit.views.register import OF_THINGS, REGISTER

ROOT = Path(__file__).parents[1]
NUIT = ROOT / "nuit"
FLOORS = {
    "planning": 0, "errors": 0, "clock": 0, "i18n": 0, "keys": 0, "conditions": 0, "models": 1, "db": 2,
    "queries": 3, "render": 3, "ledger": 3, "actions": 4, "forms": 4, "views": 5, "cli": 5, "__init__": 6,
}  # fmt: skip
ALONE = {"queries", "actions", "render"}
NO_FLASK = {"planning", "models", "queries", "actions", "ledger"}
NO_DATABASE = {"views", "forms", "planning"}
REFUSED = {"utils", "helpers", "common", "manager", "handler", "service", "data", "info", "process"}


def files() -> list[Path]:
    return [path for path in sorted(NUIT.rglob("*.py")) if "migrations" not in path.parts]


def room(path: Path) -> str:
    return path.relative_to(NUIT).parts[0].removesuffix(".py")


def imports(path: Path) -> list[str]:
    found = []
    package = ("nuit", *path.relative_to(NUIT).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = (
                ".".join((*package[: len(package) - node.level + 1], node.module or "")) if node.level else node.module
            )
            base = (base or "").rstrip(".")
            found += (
                [f"{base}.{alias.name}" for alias in node.names]
                if base in ("nuit", *(f"nuit.{r}" for r in FLOORS))
                else [base]
            )
    return found


def test_imports_point_down() -> None:
    wrong = []
    for path in files():
        here = room(path)
        for name in imports(path):
            parts = name.split(".")
            if parts[0] != "nuit" or len(parts) < 2 or parts[1] not in FLOORS:
                continue
            there = parts[1]
            if FLOORS[there] > FLOORS[here] or (FLOORS[there] == FLOORS[here] and there != here and FLOORS[here] > 0):
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
            if there == here and here in ALONE and len(parts) > 2 and path.parent == NUIT / here:
                wrong.append(f"{path.relative_to(ROOT)} imports its sibling {name}")
    assert wrong == []


def test_rooms_know_only_what_they_need() -> None:
    wrong = []
    for path in files():
        names = imports(path)
        if room(path) in NO_FLASK and any(re.match(r"flask(\.|$)|flask_babel|flask_wtf", name) for name in names):
            wrong.append(f"{path.relative_to(ROOT)} knows Flask")
        if room(path) in NO_DATABASE and any(re.match(r"sqlalchemy|nuit\.db", name) for name in names):
            wrong.append(f"{path.relative_to(ROOT)} knows the database")
    assert wrong == []


def test_only_the_ledger_writes_taken() -> None:
    writers = [p for p in files() if re.search(r"taken=|\.taken\s*[-+]?=[^=]", p.read_text())]
    assert {room(path) for path in writers} <= {"ledger", "models"}


def test_no_refused_names() -> None:
    wrong = [str(path) for path in files() if REFUSED & set(re.split(r"[_/.]", str(path.relative_to(NUIT))))]
    assert wrong == []


def test_files_and_functions_stay_small() -> None:
    long_files, lengths, long_functions = [], [], []
    for path in files():
        if len(path.read_text().splitlines()) > 400:
            long_files.append(str(path.relative_to(ROOT)))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                lengths.append(length)
                if length > 45:
                    long_functions.append(f"{path.relative_to(ROOT)}:{node.name} {length}")
    assert long_files == []
    assert long_functions == []
    assert median(lengths) <= 12


def test_time_is_an_argument() -> None:
    """Only views, cli and clock.py know the hour."""
    wrong = [
        str(path.relative_to(ROOT))
        for path in files()
        if room(path) not in ("views", "cli", "clock")
        and re.search(r"datetime\.now\(|clock\.now\(|func\.now\(", path.read_text())
    ]
    assert wrong == []


def test_every_public_function_of_the_inner_rooms_promises() -> None:
    silent = []
    for path in files():
        if room(path) not in ("planning", "queries", "actions", "render", "ledger"):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert silent == []


def test_templates_are_skeletons() -> None:
    """No inline script, style or event attribute; nothing marked safe."""
    wrong = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if "mail" not in path.parts
        and re.search(
            r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)(?![^>]*application/json)|\|\s*safe\b", path.read_text()
        )
    ]
    assert wrong == []


def test_every_table_has_its_place_in_the_register() -> None:
    """A table of people is told of on the public register (nuit/views/register.py); one of things is named there."""
    told = [name for one in REGISTER for name in one.tables]
    assert sorted([*told, *OF_THINGS]) == sorted(Base.metadata.tables)
