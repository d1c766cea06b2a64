"""The programme from a spreadsheet: looked at with its differences and faults, then written, all of it or nothing."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from nuit import clock
from nuit.actions.programme import Loaded, load_programme
from nuit.forms.sheet import SheetForm, WriteForm
from nuit.planning.columns import is_header
from nuit.planning.programme import Fault, headers_of, understood
from nuit.planning.sheet import BadSheet, read_sheet
from nuit.queries.programme import programme_rows
from nuit.queries.team.companies import hosts_by_slugs
from nuit.views.files import table
from nuit.views.gate import edition, limit
from nuit.views.team.companies import invite_hosts
from nuit.views.team.faults import said
from nuit.views.team.room import me, organisers
from nuit.views.team.words import FIELDS

bp = Blueprint("team_sheet", __name__, url_prefix="/equipe/entreprises/tableur")
MOST_SHOWN = 200


@dataclass(frozen=True)
class Look:
    """A file, what it says, and what writing it would do (or did); `cells` by line and column."""

    content: bytes
    loaded: Loaded
    faults: list[Fault]
    unknown: list[str]
    cells: dict[tuple[int, str], str]


@bp.get("/")
@organisers
def new() -> ResponseReturnValue:
    return render_template("team_sheet/new.html", form=SheetForm(formdata=None))


@bp.post("/")
@organisers
def look() -> ResponseReturnValue:
    """Nothing is written yet."""
    limit("sheet", at_most=60, minutes=10, who=f"{me()}")
    form = SheetForm()
    if not form.validate():
        return render_template("team_sheet/new.html", form=form), 422
    try:
        found = _look(form.content(), write=False)
        again = WriteForm.holding(found.content)
    except BadSheet as bad:
        form.file.errors = [gettext("Ce fichier ne se lit pas : %(why)s.", why=said(str(bad)))]
        return render_template("team_sheet/new.html", form=form), 422
    return _page(found, again)


def _look(content: bytes, *, write: bool, skip_bad: bool = False) -> Look:
    """The file held against the programme. Raises BadSheet."""
    lines = read_sheet("", content, is_header)
    headers, unknown = headers_of(lines)
    entries, faults = understood(lines, headers)
    writes = write and (skip_bad or not faults)
    loaded = load_programme(edition(), entries, now=clock.now(), write=writes, skip_bad=skip_bad, by=me())
    faults = sorted([*faults, *loaded.faults], key=lambda one: one.line)
    cells = {(line.number, name): cell for line in lines for name, cell in line.cells.items()}
    return Look(content, loaded, faults, unknown, cells)


def _page(found: Look, form: WriteForm) -> str:
    return render_template(
        "team_sheet/look.html", form=form, found=found, loaded=found.loaded, faults=found.faults, said=said,
        fields=FIELDS, most=MOST_SHOWN,
    )  # fmt: skip


@bp.post("/ecrire")
@organisers
def write() -> ResponseReturnValue:
    form = WriteForm()
    try:
        found = _look(form.content(), write=True, skip_bad=form.skip_bad.data)
    except BadSheet as bad:
        fresh = SheetForm(formdata=None)
        fresh.file.errors = [gettext("Ce fichier ne se lit pas : %(why)s.", why=said(str(bad)))]
        return render_template("team_sheet/new.html", form=fresh), 422
    if not found.loaded.is_written:
        return _page(found, form), 422
    _tell(found.loaded)
    if form.invite.data and found.loaded.new:
        invite_hosts([one.id for one in hosts_by_slugs(edition().id, list(found.loaded.new))])
    return redirect(url_for("team_companies.index"), 303)


def _tell(loaded: Loaded) -> None:
    new = len(loaded.new)
    changed = sum(one["changed"] for one in loaded.figures.values())
    flash(
        gettext("Le programme est écrit.") + " "
        + ngettext("%(num)s entreprise nouvelle.", "%(num)s entreprises nouvelles.", new) + " "
        + ngettext("%(num)s chose modifiée.", "%(num)s choses modifiées.", changed),
        "go",
    )  # fmt: skip


@bp.get("/programme.<any(csv,xlsx,json):kind>")
@organisers
def export(kind: str) -> ResponseReturnValue:
    """The programme in the columns that this page reads: what goes out comes in again unchanged."""
    limit("export", at_most=30, minutes=10, who=f"{me()}")
    names, rows = programme_rows(edition())
    return table(kind, f"programme-{edition().slug}", gettext("Programme"), [(name, name) for name in names], rows)
