"""Posters and door signs of all companies, in one click."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit.i18n import spoken
from nuit.models import Host, Member
from nuit.queries.company import visits_by_host
from nuit.queries.member import members
from nuit.queries.placard import hosts_on_show, hours_by_visit
from nuit.render.pdf import Badge, badges_pdf, programme_pdf
from nuit.views.files import saved
from nuit.views.gate import edition, limit
from nuit.views.placards import KINDS, PAPERS, printed
from nuit.views.team.room import me, organisers
from nuit.views.team.words import ROLES

bp = Blueprint("team_placards", __name__, url_prefix="/equipe/affiches")


@bp.get("/")
@organisers
def index() -> ResponseReturnValue:
    return render_template("team_placards/index.html", hosts=hosts_on_show(edition().id))


@bp.get(f"/<{KINDS}:kind>-<{PAPERS}:paper>.pdf")
@organisers
def all_of_them(kind: str, paper: str) -> ResponseReturnValue:
    night = edition()
    return printed(night, hosts_on_show(night.id), kind, paper, night.slug)


@bp.get("/programme-<any(fr,de,en):tongue>.pdf")
@organisers
def programme(tongue: str) -> ResponseReturnValue:
    limit("handout", at_most=60, minutes=10, who=f"{me()}")
    night = edition()
    content = programme_pdf(
        night, hosts_on_show(night.id), visits_by_host(night.id), hours_by_visit(night.id),
        tongue=tongue, address=f"{current_app.config['NUIT_URL']}/{tongue}/",
    )  # fmt: skip
    return saved(content, f"programme-{night.slug}-{tongue}.pdf")


@bp.get("/badges.pdf")
@organisers
def badges() -> ResponseReturnValue:
    """One for everybody who works, and for each company one to write a guide's name on."""
    limit("handout", at_most=60, minutes=10, who=f"{me()}")
    night = edition()
    return saved(
        badges_pdf(night, _badges(members(), hosts_on_show(night.id)), tongue=spoken()), f"badges-{night.slug}.pdf"
    )


def _badges(people: list[Member], hosts: list[Host]) -> list[Badge]:
    working = [
        Badge(who.name, str(ROLES[one.role]), one.company.name if one.company else "")
        for who in people
        for one in who.memberships
        if one.role in ("volunteer", "organiser")
    ]
    return working + [Badge("", gettext("Guide"), host.company.name) for host in hosts]
