"""Every company with its state and what is missing; one more; published and withdrawn, one by one or together."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from nuit import clock
from nuit.actions.company import add_host, publish_ready, withdraw_all
from nuit.actions.member import add_member, invite
from nuit.errors import Refusal
from nuit.forms.host import OpenForm
from nuit.forms.search import CompaniesForm
from nuit.i18n import say
from nuit.models import Host
from nuit.planning.spelling import slug_of
from nuit.queries.desk import known_places
from nuit.queries.team.companies import chosen, company_lines, hosts_by_slugs
from nuit.views.gate import edition
from nuit.views.team.room import me, organisers, sign_in_url
from nuit.views.team.words import GAPS

bp = Blueprint("team_companies", __name__, url_prefix="/equipe/entreprises")
MOST_TICKS = 1000


@bp.get("/")
@organisers
def index() -> ResponseReturnValue:
    form = CompaniesForm(request.args, GAPS)
    lines = company_lines(edition())
    found = chosen(lines, text=form.text, state=form.etat.data, missing=form.manque.data, order=form.tri.data)
    return render_template("team_companies/index.html", form=form, lines=found, all=len(lines), gaps=GAPS)


@bp.get("/ajouter")
@organisers
def new() -> ResponseReturnValue:
    return render_template("team_companies/new.html", form=OpenForm(formdata=None).among(known_places()))


@bp.post("/ajouter")
@organisers
def add() -> ResponseReturnValue:
    form = OpenForm().among(known_places())
    if not form.validate():
        return render_template("team_companies/new.html", form=form), 422
    name = form.name.data or ""
    try:
        host = add_host(
            edition(), name, slug=slug_of(name), now=clock.now(), by=me(), place=form.place,
            contact=form.contact.data or "",
        )  # fmt: skip
    except Refusal as refusal:
        return render_template("team_companies/new.html", form=form, refusal=refusal), refusal.status
    if form.invite.data:
        _invite(host)
    flash(gettext("« %(name)s » est en préparation. Sa page s’écrit ici, ou par son contact.", name=name), "go")
    return redirect(url_for("host.show", slug=host.company.slug), 303)


@bp.post("/<slug>/inviter")
@organisers
def invite_contact(slug: str) -> ResponseReturnValue:
    host = next(iter(hosts_by_slugs(edition().id, [slug])), None) or abort(404)
    if host.contact_email:
        _invite(host)
    else:
        flash(
            gettext("%(company)s n’a pas d’adresse de contact. Donnez-la d’abord.", company=host.company.name), "stop"
        )
    return redirect(url_for(".index", q=host.company.name), 303)


def _invite(host: Host) -> None:
    """The contact may sign in for this company, and is told so by mail."""
    member = add_member(
        host.contact_email, role="host", company_id=host.company_id, name=host.contact_name, now=clock.now(), by=me()
    )
    try:
        invite(member.id, url=sign_in_url(member.email), now=clock.now(), by=me())
    except Refusal as refusal:
        flash(say(refusal), "wait")
    else:
        flash(gettext("L’invitation part à %(email)s.", email=member.email), "go")


@bp.post("/publier")
@organisers
def publish_ticked() -> ResponseReturnValue:
    """One or many: those that lack something stay as they are, and the page says which."""
    done, left = publish_ready(edition(), _ticked(), now=clock.now(), by=me())
    if done:
        flash(ngettext("%(num)s entreprise est publiée.", "%(num)s entreprises sont publiées.", len(done)), "go")
    if left:
        names = ", ".join(one.company.name for one in left)
        flash(gettext("Pas encore publiées, car il y manque quelque chose : %(names)s.", names=names), "wait")
    return _back()


@bp.post("/retirer")
@organisers
def withdraw_ticked() -> ResponseReturnValue:
    done = withdraw_all(_ticked(), now=clock.now(), by=me())
    if done:
        words = ngettext(
            "%(num)s entreprise n’est plus visible. Ce qui est réservé le reste.",
            "%(num)s entreprises ne sont plus visibles. Ce qui est réservé le reste.",
            len(done),
        )
        flash(words, "go")
    return _back()


def _ticked() -> list[int]:
    """The companies that were ticked, or the one whose button it was."""
    slugs = [one for one in request.form.getlist("tick")[:MOST_TICKS] if len(one) <= 200]
    found = hosts_by_slugs(edition().id, slugs)
    if not slugs:
        flash(gettext("Cochez d’abord au moins une entreprise."), "wait")
    elif not found:
        abort(404)
    return [one.id for one in found]


def _back() -> ResponseReturnValue:
    asked: dict[str, Any] = {**CompaniesForm(request.args, GAPS).asked()}
    return redirect(url_for(".index", **asked), 303)
