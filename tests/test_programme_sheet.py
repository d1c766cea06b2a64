"""The programme from a spreadsheet, on a page: a messy one works at once, a wrong one writes nothing and says where."""

import ast
import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import func, select

from nuit.db import db
from nuit.models import AuditLine, Company, Host, Message, Slot, Visit
from nuit.planning.sheet import BadSheet, pack, unpack
from nuit.queries.programme import programme_rows
from nuit.views.team.faults import SENTENCES, said
from tests.factories import a_host, a_slot, a_visit
from tests.team import at_the_desk, page, words
from tests.typed import typed

WHERE = "/equipe/entreprises/tableur/"
PLANNING = Path(__file__).parents[1] / "nuit" / "planning"


def a_book(rows: list[list[Any]]) -> bytes:
    book, written = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(written)
    return written.getvalue()


def sixty() -> bytes:
    """As somebody keeps it: titles above, merged cells, notes beside, units in figures, hours in three spellings."""
    rows: list[list[Any]] = [
        ["Nuit de l’industrie 2027"], ["État au 3 mars, à compléter"], [],
        [" ENTREPRISE ", "Adresse", "NPA", "Ville", "Personne de contact", "E-mail", "Visite", "Durée", "Places",
         "Langues", "Heures", "Remarques"],
    ]  # fmt: skip
    for number in range(1, 61):
        name = f"Entreprise N° {number:02d}"
        rows.append([f"{name} ", f"Rue {number}", 1950.0, "Sion", "Anne Exemple", f"Anne <A{number}@Exemple.ch>",
                     "Voir l’atelier", "45 min", "max. 12 personnes", "F/D", "17h30, 18h30 et 20.00", "rappeler"])  # fmt: skip
        if number % 3 == 0:
            rows.append(["", "", "", "", "", "", "", "", "", "", "21:15", "", "note à côté"])
        if number % 5 == 0:
            rows.append([name.upper(), None, None, None, None, None, "Goûter", 30, 8, "fr", "19:00"])
        if number % 7 == 0:
            rows.append([])
    return a_book(rows)


def sent(client: FlaskClient, content: bytes, expect: int = 200) -> str:
    fields = typed(page(client, WHERE), WHERE)
    form = {**fields.to_dict(), "file": (io.BytesIO(content), "liste.xlsx")}
    answer = client.post(WHERE, data=form, content_type="multipart/form-data")
    assert answer.status_code == expect, words(answer.get_data(as_text=True))[:800]
    return answer.get_data(as_text=True)


def written(client: FlaskClient, looked: str, expect: int = 303, **more: str) -> str:
    fields = {**typed(looked, f"{WHERE}ecrire").to_dict(), **more}
    answer = client.post(f"{WHERE}ecrire", data=fields)
    assert answer.status_code == expect
    return page(client, answer.location) if expect == 303 else answer.get_data(as_text=True)


def counts() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(one)) or 0 for one in (Company, Visit, Slot)]


def test_a_messy_sheet_of_sixty_companies_works_on_the_first_try(client: FlaskClient) -> None:
    at_the_desk(client)
    looked = sent(client, sixty())
    assert counts() == [0, 0, 0]
    assert words(looked).count("à revoir. Rien n’est écrit") == 0
    assert words(looked).count("Colonnes laissées de côté : Remarques") == 1
    told = words(written(client, looked, invite="y"))
    assert counts() == [60, 72, 60 * 3 + 20 + 12]
    assert told.count("Le programme est écrit. 60 entreprises nouvelles. 0 chose modifiée.") == 1
    host = db.session.scalars(select(Host).join(Host.company).where(Company.slug == "entreprise-n-07")).one()
    assert (host.postcode, host.contact_email, host.state) == ("1950", "a7@exemple.ch", "draft")
    invited = db.session.scalar(select(func.count()).where(Message.kind == "invitation"))
    assert (invited, db.session.scalars(select(AuditLine.verb).where(AuditLine.verb == "load")).all()) == (60, ["load"])
    assert words(sent(client, sixty())).count("Tout y est déjà") == 1


def test_one_wrong_cell_is_named_and_nothing_is_written(client: FlaskClient) -> None:
    at_the_desk(client)
    rows = [["Entreprise", "Visite", "Durée", "Places", "Heures"], ["Bonne", "Four", 40, 12, "18:00"],
            ["Mauvaise", "Four", "longtemps", 12, "18:00"]]  # fmt: skip
    looked = sent(client, a_book(rows))
    assert words(looked).count("3 Durée longtemps un nombre entier de 5 à 240") == 1
    assert words(written(client, looked, expect=422)).count("1 point à revoir. Rien n’est écrit.") == 1
    assert counts() == [0, 0, 0]
    written(client, looked, skip_bad="y")
    assert db.session.scalars(select(Company.name)).all() == ["Bonne"]


def test_a_comma_in_the_title_above_does_not_part_the_cells(client: FlaskClient) -> None:
    at_the_desk(client)
    written(client, sent(client, "Nuit, Sion, état, 3 mars\nEntreprise;E-mail\nFonderie;f@exemple.ch\n".encode()))
    assert db.session.scalars(select(Company.name)).all() == ["Fonderie"]


def test_a_list_of_companies_alone_is_a_programme_too(client: FlaskClient) -> None:
    at_the_desk(client)
    written(client, sent(client, b"Entreprise;E-mail;lon;lat\nFonderie;f@exemple.ch;7,36;46,22\n"))
    assert db.session.execute(select(Host.state, Host.lon)).all() == [("draft", 7.36)]


def test_what_changes_is_shown_before_and_after(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    host = a_host(edition, "Fonderie", address="Rue 1")
    looked = sent(client, f"Entreprise;slug;Adresse\nFonderie;{host.company.slug};Rue 2\n".encode())
    assert words(looked).count("Fonderie adresse Rue 1 Rue 2") == 1
    written(client, looked)
    assert db.session.scalars(select(Host.address)).all() == ["Rue 2"]


def test_what_goes_out_comes_in_again_unchanged(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    for name in ("=Formule", "Zwölf; «Hütte»", "Atelier\u00a0 n°\u00a03"):
        visit = a_visit(
            a_host(edition, name, district="'Centre"), conditions=[{"kind": "min_age", "value": 12}, {"kind": "steps"}]
        )
        a_slot(visit)
        a_slot(visit, edition.closes_at, capacity=3, status="cancelled")
    a_host(edition, "Sans visite")
    for kind in ("xlsx", "csv"):
        out = client.get(f"{WHERE}programme.{kind}")
        assert words(sent(client, out.get_data())).count("Tout y est déjà") == 1
    names, rows = programme_rows(edition)
    assert (len(rows), {len(row) for row in rows}) == (4, {len(names)})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04rubbish", "ce classeur XLSX est abîmé"),
        (b"Visite;Places\nX;3\n", "aucune colonne ne s’appelle « Entreprise »"),
        (b"", "il n’a aucune ligne sous ses titres"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(client: FlaskClient, content: bytes, why: str) -> None:
    at_the_desk(client)
    assert words(sent(client, content, expect=422)).count(f"Ce fichier ne se lit pas : {why}.") == 1


def test_a_sheet_that_comes_back_changed_is_read_again_never_believed(client: FlaskClient) -> None:
    at_the_desk(client)
    looked = sent(client, sixty())
    for packed in ("", "pas du base64", pack(b"Visite\nX\n")):
        written(client, looked, expect=422, sheet=packed)
    assert counts() == [0, 0, 0]
    assert unpack(pack(b"x" * 1000)) == b"x" * 1000
    with pytest.raises(BadSheet):
        unpack("AAAA")


def test_every_fault_of_planning_has_its_sentence() -> None:
    """Each sentence that reading a sheet can raise is known by a pattern; figures and names are made up."""
    unknown = []
    for name in ("columns", "programme", "sheet"):
        for node in ast.walk(ast.parse((PLANNING / f"{name}.py").read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("ValueError", "BadSheet", "Fault"):
                samples = {_sample(node.args[-1], word) for word in ("7", "company", "visit")} if node.args else {""}
                if "" not in samples and not any(
                    re.fullmatch(one, sample, re.DOTALL) for one in SENTENCES for sample in samples
                ):
                    unknown += sorted(samples)
    assert unknown == []
    assert said("a whole number from 5 to 240") == "un nombre entier de 5 à 240"


def _sample(node: ast.expr, word: str) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else word for part in node.values)
    if isinstance(node, ast.BinOp):
        return _sample(node.left, word) + "steps"
    return str(node.value) if isinstance(node, ast.Constant) else ""
