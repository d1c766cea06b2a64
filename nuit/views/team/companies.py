"""Every company with its state and what is missing; one more; published and withdrawn, one by one or together."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from nuit import clock
from nuit.actions.company import add_host, publish_ready, withdraw_all
from nuit.actions.invitation import invite_contacts
from nuit.errors import Refusal
from nuit.forms.host import OpenForm
from nuit.forms.search import CompaniesForm
from nuit.i18n import listed
from nuit.models import Host
from nuit.planning.spelling import slug_of
from nuit.queries.desk import known_places
from nuit.queries.team.companies import chosen, company_lines, hosts_by_slugs
from nuit.views.gate import edition
from nuit.views.team.room import guide_url, me, organisers
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
            contact=form.contact.data or "", locale=form.locale.data,
        )  # fmt: skip
    except Refusal as refusal:
        return render_template("team_companies/new.html", form=form, refusal=refusal), refusal.status
    if form.invite.data:
        invite_hosts([host.id])
    flash(gettext("« %(name)s » est en préparation. Sa page s’écrit ici, ou par son contact.", name=name), "go")
    return redirect(url_for("host.show", slug=host.company.slug), 303)


@bp.post("/<slug>/inviter")
@organisers
def invite_contact(slug: str) -> ResponseReturnValue:
    host = next(iter(hosts_by_slugs(edition().id, [slug])), None) or abort(404)
    invite_hosts([host.id])
    return redirect(url_for(".index", q=host.company.name), 303)


@bp.post("/inviter")
@organisers
def invite_ticked() -> ResponseReturnValue:
    invite_hosts(_ticked())
    return _back()


def invite_hosts(host_ids: list[int]) -> None:
    """Their contacts may sign in, and are told so by mail; the page says who was, and who not and why."""
    found = invite_contacts(host_ids, url=guide_url, now=clock.now(), by=me())
    if len(found.told) == 1:
        flash(gettext("L’invitation part à %(email)s.", email=found.told[0].contact_email), "go")
    elif found.told:
        flash(ngettext("%(num)s invitation part.", "%(num)s invitations partent.", len(found.told)), "go")
    if found.just_told:
        flash(gettext("Déjà invitées il y a moins d’une heure : %(names)s.", names=_names(found.just_told)), "wait")
    if found.without_address:
        flash(
            gettext("Sans adresse de contact : %(names)s. Donnez-la d’abord.", names=_names(found.without_address)),
            "stop",
        )


def _names(hosts: list[Host]) -> str:
    return listed(one.company.name for one in hosts)


@bp.post("/publier")
@organisers
def publish_ticked() -> ResponseReturnValue:
    """One or many: those that lack something stay as they are, and the page says which."""
    done, left = publish_ready(edition(), _ticked(), now=clock.now(), by=me())
    if done:
        flash(ngettext("%(num)s entreprise est publiée.", "%(num)s entreprises sont publiées.", len(done)), "go")
    if left:
        names = _names(left)
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
