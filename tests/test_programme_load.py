"""Programme sheets: every encoding and separator, faults by line, all or nothing, and a second time changes nothing."""

import io
import json
import time
import zipfile
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from nuit.cli.programme import load
from nuit.clock import at_wall
from nuit.db import db
from nuit.models import AuditLine, Company, Edition, Host, Slot, Visit
from nuit.planning.columns import COLUMNS, column_of
from nuit.planning.programme import Entry, entry_of, headers_of
from nuit.planning.sheet import LARGEST, BadSheet, Line, read_sheet
from tests.factories import a_booking, an_edition

SHEET = """\
Entreprise;Visite;Visite (de);Langues;Durée;Places;Heures;Adresse;NPA;Localité;Longitude;Latitude;Âge minimum;Conditions
Câblerie de l’Exemple;Tirer un câble;Ein Kabel ziehen;fr, de;40;12;17h30, 18:30;Rue 1;1950;Sion;7,3401;46,2201;12;noise
Câblerie de l’Exemple;Tirer un câble;;;;10;20h;;;;;;;
Menuiserie Bois;L'atelier;;français;30;15;17:00 18:00;Rue 2;1950;Sion;7.35;46.22;;
"""


def load_text(path: Path, text: str | bytes, *options: str, name: str = "programme.csv") -> tuple[int, str]:
    """(exit code, everything it said) of bin/nuit programme load."""
    from click.testing import CliRunner

    (path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    done = CliRunner().invoke(load, [str(path / name), *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def everything() -> str:
    """Every row that a sheet can touch, as text."""
    db.session.expire_all()
    return json.dumps(
        [
            [dict(row) for row in db.session.execute(select(noun.__table__).order_by(noun.id)).mappings()]
            for noun in (Company, Host, Visit, Slot)
        ],
        default=str,
    )


@pytest.fixture
def edition(app: Flask) -> Edition:
    return an_edition()


def test_a_sheet_becomes_a_programme(edition: Edition, tmp_path: Path) -> None:
    code, said = load_text(tmp_path, SHEET)
    assert code == 0, said
    assert "companies: 2 new, 0 changed, 0 the same" in said
    assert "departures: 5 new, 0 changed, 0 the same" in said
    host = db.session.scalars(select(Host).join(Company).where(Company.slug == "cablerie-de-l-exemple")).one()
    assert (host.state, host.lon, host.lat, host.town) == ("published", 7.3401, 46.2201, "Sion")
    visit = db.session.scalars(select(Visit).where(Visit.host_id == host.id)).one()
    assert visit.title == {"fr": "Tirer un câble", "de": "Ein Kabel ziehen"}
    assert (visit.minutes, visit.languages) == (40, ["fr", "de"])
    assert visit.conditions == [{"kind": "min_age", "value": 12}, {"kind": "noise"}]
    slots = db.session.scalars(select(Slot).where(Slot.visit_id == visit.id).order_by(Slot.starts_at)).all()
    assert [one.starts_at for one in slots] == [at_wall(edition.night, text) for text in ("17:30", "18:30", "20:00")]
    assert [one.capacity for one in slots] == [12, 12, 10]
    assert {one.ends_at - one.starts_at for one in slots} == {timedelta(minutes=40)}


def test_a_second_time_changes_nothing(edition: Edition, tmp_path: Path) -> None:
    load_text(tmp_path, SHEET)
    before, revision, lines = everything(), edition.revision, count(AuditLine)
    code, said = load_text(tmp_path, SHEET)
    assert code == 0
    assert "departures: 0 new, 0 changed, 5 the same" in said
    db.session.refresh(edition)
    assert (everything(), edition.revision, count(AuditLine)) == (before, revision, lines)


def test_only_what_changed_is_written(edition: Edition, tmp_path: Path) -> None:
    load_text(tmp_path, SHEET)
    code, said = load_text(tmp_path, SHEET.replace(";10;20h", ";11;20h").replace("Rue 2", "Rue 22"))
    assert code == 0
    assert "hosts: 0 new, 1 changed, 1 the same" in said
    assert "departures: 0 new, 1 changed, 4 the same" in said
    changed = db.session.scalars(select(Slot).where(Slot.version == 2)).one()
    assert changed.capacity == 11
    assert db.session.scalars(select(Host.address).where(Host.version == 2)).all() == ["Rue 22"]


def test_what_the_sheet_does_not_say_stays(edition: Edition, tmp_path: Path) -> None:
    load_text(tmp_path, SHEET)
    load_text(tmp_path, "firm,visit,visit en,min_age\nCâblerie de l’Exemple,Tirer un câble,Pull a cable,14\n")
    visit = db.session.scalars(select(Visit).where(Visit.minutes == 40)).one()
    assert visit.title == {"fr": "Tirer un câble", "de": "Ein Kabel ziehen", "en": "Pull a cable"}
    assert visit.conditions == [{"kind": "min_age", "value": 14}, {"kind": "noise"}]
    assert (count(Company), count(Slot)) == (2, 5)


def test_a_preview_writes_nothing(edition: Edition, tmp_path: Path) -> None:
    before = everything()
    code, said = load_text(tmp_path, SHEET, "--preview")
    assert code == 0
    assert "departures: 5 new, 0 changed, 0 the same (nothing written)" in said
    assert everything() == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_file_is_read_the_same(encoding: str, separator: str, end: str) -> None:
    text = 'Entreprise;Visite;Résumé\nCâblerie;"L’œuf; ""dur"", et\nplus";Été\n'.replace("plus", f"plus{separator}")
    plain = text if separator == ";" else text.replace(";", separator)
    found = read_sheet("x.csv", plain.replace("\n", end).encode(encoding))
    assert found[0].number == 2
    assert found[0].cells["Entreprise"] == "Câblerie"
    assert found[0].cells["Résumé"] == "Été"
    assert found[0].cells["Visite"].startswith("L’œuf")


def test_lines_are_counted_as_an_editor_shows_them() -> None:
    found = read_sheet("x.csv", b'a;b\n\n1;"x\ny\nz"\n;\n2;w\n')
    assert [one.number for one in found] == [3, 7]


def xlsx(rows: list[list[Any]]) -> bytes:
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


def test_a_workbook_says_the_same_as_its_csv(edition: Edition, tmp_path: Path) -> None:
    from datetime import time as hour

    rows: list[list[Any]] = [
        ["Firma", "Besuch", "Dauer", "Plätze", "Zeit", "lon", "lat"],
        ["Drahtwerk", "Ziehen", 40, 12.0, hour(17, 30), 7.3401, 46.2201],
        [],
        ["Drahtwerk", "Ziehen", None, "10", "20:00", None, None],
    ]
    code, said = load_text(tmp_path, xlsx(rows), name="programm.xlsx")
    assert code == 0, said
    code, said = load_text(
        tmp_path, "Firma;Besuch;Dauer;Plätze;Zeit\nDrahtwerk;Ziehen;40;12;17:30\nDrahtwerk;Ziehen;;10;20:00\n"
    )
    assert "departures: 0 new, 0 changed, 2 the same" in said


def test_files_that_are_none_are_refused_with_a_reason(edition: Edition, tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (250 * 2**20))
    unreadable: dict[str, bytes] = {
        "no line below": b"", "its header": b"a;b\n", "called 'a'": b"a;a\n1;2\n", "more cells": b"a;b\n1;2;3\n",
        "no column for the company": b"Visite;Places\nX;3\n",
        "more than 200 MB": bomb.getvalue(), "no sound XLSX": b"PK\x03\x04rubbish", "is no text": b"a;b\n" + b"x" * 300 + b"\0;2\n",
        "mean the same": b"Entreprise;Firma;Visite\nX;Y;Z\n", "20 MB": b"x" * (LARGEST + 1), "line 2": b'a;b\n"1;2\n',
        "is no cp1252": b"a;b\n\x81\x8d\x8f;2\n", "is no utf-16": b"\xff\xfea;b\n1",
    }  # fmt: skip
    for why, content in unreadable.items():
        code, said = load_text(tmp_path, content)
        assert (code, why in said) == (1, True), (why, said[-300:])
    assert count(Company) == 0


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("X;Z;fr;40;12;25h00;7.3;46.2", "line 2, Heures: hours like 17:30 18:30"),
        ("X;Z;fr;40;12;bientôt;7.3;46.2", "line 2, Heures: hours like 17:30 18:30"),
        ("X;Z;fr;3;12;17:00;7.3;46.2", "line 2, Durée: a whole number from 5 to 240"),
        ("X;Z;fr;40;douze;17:00;7.3;46.2", "line 2, Places: a whole number from 1 to 500"),
        ("X;Z;fr;40;-1;17:00;7.3;46.2", "line 2, Places: a whole number from 1 to 500"),
        ("X;Z;klingon;40;12;17:00;7.3;46.2", "line 2, Langues: languages like fr, de, en"),
        ("X;Z;fr;40;12;17:00;7.3;", "line 2: lon and lat go together"),
        ("X;Z;fr;40;12;17:00;nord;46.2", "line 2, lon: degrees like 7.3590"),
        (";Z;fr;40;12;17:00;7.3;46.2", "line 2: no company"),
        ("X;;fr;40;12;17:00;7.3;46.2", "line 2: no visit"),
        ("X;Z;fr;;12;17:00;7.3;46.2", "line 2: a new visit needs its minutes"),
        ("X;Z;fr;40;;17:00;7.3;46.2", "line 2: a new departure needs its capacity"),
        ("X;Z;fr;40;12;16:50;7.3;46.2", "line 2: a departure lies outside the hours of the night"),
        ("X;Z;fr;40;12;23:00;7.3;46.2", "line 2: a departure lies outside the hours of the night"),
        ("X;Z;fr;40;21;17:00;7.3;46.2", "line 2: 21 places are above the company's safety limit of 20"),
        ("X\u202e\u0007;Z;fr;40;12;17:00;7.3;46.2", "line 2, Entreprise: at most 120 printable characters"),
    ],
)
def test_faults_are_said_by_line_and_column(edition: Edition, tmp_path: Path, cells: str, says: str) -> None:
    good = "Bonne;Visite;fr;40;12;17:00;7.3;46.2"
    code, said = load_text(tmp_path, f"Entreprise;Visite;Langues;Durée;Places;Heures;lon;lat\n{cells}\n{good}\n")
    assert code == 1
    assert says in said.splitlines()
    assert "Nothing was written of programme.csv." in said
    assert count(Company) == 0
    code, said = load_text(
        tmp_path, f"Entreprise;Visite;Langues;Durée;Places;Heures;lon;lat\n{cells}\n{good}\n", "--skip-bad"
    )
    assert code == 0
    assert says in said.splitlines()
    assert db.session.scalars(select(Company.name)).all() == ["Bonne"]


def test_lines_that_contradict_each_other_are_at_fault(edition: Edition, tmp_path: Path) -> None:
    code, said = load_text(
        tmp_path,
        "Entreprise;Visite;Durée;Places;Heures;Adresse\n"
        "X;Z;40;12;17:00;Rue 1\nX;Z;40;12;18:00;Rue 2\nX;Z;50;12;19:00;\nX;Z;;12;17h;\n",
    )
    assert code == 1
    assert "line 3: says another address than line 2" in said
    assert "line 4: says another minutes than line 2" in said
    assert "line 5: the departure at 17:00 stands on line 2 already" in said


def test_what_people_rely_on_is_not_taken_away(edition: Edition, tmp_path: Path) -> None:
    load_text(tmp_path, SHEET)
    slot = db.session.scalars(select(Slot).where(Slot.starts_at == at_wall(edition.night, "17:30"))).one()
    a_booking(edition, slot, size=5)
    before = everything()
    code, said = load_text(tmp_path, SHEET.replace(";12;17h30", ";4;17h30"))
    assert code == 1
    assert "line 2: 5 places are booked already, 4 are too few" in said
    code, said = load_text(tmp_path, SHEET.replace(";40;12;", ";50;12;"))
    assert "line 2: people have booked this visit of 40 minutes: change it at the desk" in said
    assert everything() == before


def test_a_lower_safety_limit_holds_for_every_departure(edition: Edition, tmp_path: Path) -> None:
    load_text(tmp_path, SHEET)
    short = "Entreprise;Visite;Limite de sécurité\nMenuiserie Bois;L'atelier;{}\n"
    code, said = load_text(tmp_path, short.format(14))
    assert code == 1
    assert "line 2: a departure there has 15 places already: above this limit" in said
    assert load_text(tmp_path, short.format(16))[0] == 0
    assert set(db.session.scalars(select(Slot.safety_limit).where(Slot.capacity == 15))) == {16}


def test_a_longer_visit_ends_later(edition: Edition, tmp_path: Path) -> None:
    load_text(tmp_path, SHEET)
    assert load_text(tmp_path, "Entreprise;Visite;Durée\nMenuiserie Bois;L'atelier;45\n")[0] == 0
    lengths = {one.ends_at - one.starts_at for one in db.session.scalars(select(Slot).where(Slot.capacity == 15))}
    assert lengths == {timedelta(minutes=45)}


def test_a_company_without_a_place_waits_as_a_draft(edition: Edition, tmp_path: Path) -> None:
    code, said = load_text(tmp_path, "Entreprise;Visite;Durée;Places;Heures\nX;Z;40;12;17:00\n")
    assert code == 0
    assert "X has no lon and lat: it waits as a draft at the edition's start." in said
    host = db.session.scalars(select(Host)).one()
    assert (host.state, host.lon, host.lat) == ("draft", edition.start_lon, edition.start_lat)


def test_unknown_columns_are_named_and_left_out(edition: Edition, tmp_path: Path) -> None:
    code, said = load_text(tmp_path, "Entreprise;Visite;Durée;Humeur\nX;Z;40;bonne\n")
    assert code == 0
    assert "The column 'Humeur' is not known and was left out." in said


def test_every_column_is_known_by_its_names_and_in_the_guide() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "programme.md").read_text()
    for english, (column, others) in COLUMNS.items():
        assert f"`{english}`" in guide
        for name in (english, *others.split(", ")):
            assert column_of(name) == (column, "fr"), name
            assert column_of(name.upper()) == (column, "fr")
            if column.is_text:
                assert column_of(f"{name} (DE)") == (column, "de")
                assert column_of(f"{name}_en") == (column, "en")


def ten_thousand(chance: Random) -> tuple[str, set[int]]:
    """A sheet of 10,000 lines, and the numbers of the 104 that are bad."""
    faults = ["25:99", "", "abc"]
    bad = set(chance.sample(range(2, 10_002), 104))
    lines = ["company;visit;minutes;capacity;starts;lon;lat;address"]
    for number in range(2, 10_002):
        index = number - 2
        company, visit, hour = index // 50, index // 25 % 2, index % 25
        starts = f"{17 + hour // 5}:{hour % 5 * 12:02d}"
        capacity = "zwölf" if number in bad and number % 2 else "12"
        starts = chance.choice(faults[:1] + faults[2:]) if number in bad and not number % 2 else starts
        lines.append(f"Firma {company};Besuch {visit};40;{capacity};{starts};7.3{company % 90:02d};46.22;Rue {company}")
    return "\n".join(lines), bad


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-8-sig", "utf-16"])
def test_ten_thousand_lines_with_104_bad_ones(edition: Edition, tmp_path: Path, encoding: str) -> None:
    text, bad = ten_thousand(Random(7))
    content = text.encode(encoding)
    code, said = load_text(tmp_path, content)
    assert code == 1
    assert {int(line.split()[1].strip(",:")) for line in said.splitlines() if line.startswith("line ")} == bad
    assert (count(Company), count(Slot)) == (0, 0)
    began = time.monotonic()
    code, said = load_text(tmp_path, content, "--skip-bad")
    assert code == 0
    assert time.monotonic() - began < 60  # an endless one; seconds are measured in bench/
    assert (count(Company), count(Visit), count(Slot)) == (200, 400, 10_000 - 104)
    code, said = load_text(tmp_path, content, "--skip-bad")
    assert "departures: 0 new, 0 changed, 9896 the same" in said


def test_hostile_cells_never_break_it() -> None:
    """Any text in any column: an entry or faults, never an exception."""
    hostile = ["\0", "\ud800", "=cmd()", "9" * 400, "١٢", "-0", "1e9", "٣٠", "\u202e", "a" * 70_000, "{}", "NaN", "🕡"]
    for name in COLUMNS:
        for cell in hostile:
            cells = {"company": "X", "visit": "Z"} | {name: cell}
            headers, _unknown = headers_of([Line(2, cells)])
            found = entry_of(Line(2, cells), headers)
            assert isinstance(found, Entry) or all(one.line == 2 and one.says for one in found)


def test_a_hostile_workbook_is_only_refused() -> None:
    good = xlsx([["company", "visit"], ["X", "Z"]])
    chance = Random(3)
    for _ in range(150):
        broken = bytearray(good)
        for _ in range(chance.randint(1, 20)):
            broken[chance.randrange(4, len(broken))] = chance.randrange(256)
        try:
            read_sheet("x.xlsx", bytes(broken))
        except BadSheet:
            continue
