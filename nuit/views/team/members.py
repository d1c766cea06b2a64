"""Who signs in: one more role, one less, an invitation, out of every browser."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.member import add_member, invite, remove_membership, sign_out_everywhere
from nuit.errors import Refusal
from nuit.forms.member import MemberForm
from nuit.forms.search import SearchForm
from nuit.i18n import say
from nuit.models import Member
from nuit.queries.member import members
from nuit.queries.team.people import all_companies, browsers, chosen, member_by_id
from nuit.views.team.room import ID, me, organisers, sign_in_url
from nuit.views.team.words import ROLES

bp = Blueprint("team_members", __name__, url_prefix="/equipe/membres")


@bp.get("/")
@organisers
def index() -> ResponseReturnValue:
    return _page(MemberForm(formdata=None).among(all_companies()))


def _page(form: MemberForm) -> str:
    search = SearchForm(request.args)
    return render_template(
        "team_members/index.html",
        form=form,
        search=search,
        members=chosen(members(), search.text),
        browsers=browsers(),
        role_words=ROLES,
        mine=me(),
    )


@bp.post("/ajouter")
@organisers
def add() -> ResponseReturnValue:
    form = MemberForm().among(all_companies())
    if not form.validate():
        return _page(form), 422
    member = add_member(
        form.email.data or "", role=form.role.data, company_id=form.company_id, name=form.name.data or "",
        locale=form.locale.data, now=clock.now(), by=me(),
    )  # fmt: skip
    flash(gettext("%(who)s peut maintenant se connecter.", who=member.name or member.email), "go")
    if form.invite.data:
        _invite(member)
    return redirect(url_for(".index"), 303)


@bp.post(f"/<{ID}:member_id>/inviter")
@organisers
def send_invitation(member_id: int) -> ResponseReturnValue:
    _invite(_member(member_id))
    return redirect(url_for(".index"), 303)


def _invite(member: Member) -> None:
    try:
        invite(member.id, url=sign_in_url(member.email), now=clock.now(), by=me())
    except Refusal as refusal:
        flash(say(refusal), "wait")
    else:
        flash(gettext("L’invitation part à %(email)s.", email=member.email), "go")


@bp.post(f"/<{ID}:member_id>/sortir")
@organisers
def sign_out(member_id: int) -> ResponseReturnValue:
    member = _member(member_id)
    sign_out_everywhere(member.id, now=clock.now(), by=me())
    flash(gettext("%(who)s n’est plus connecté nulle part.", who=member.name or member.email), "go")
    return redirect(url_for(".index"), 303)


@bp.post(f"/<{ID}:member_id>/roles/<{ID}:membership_id>/retirer")
@organisers
def remove(member_id: int, membership_id: int) -> ResponseReturnValue:
    one = next((one for one in _member(member_id).memberships if one.id == membership_id), None) or abort(404)
    try:
        remove_membership(one.id, now=clock.now(), by=me())
    except Refusal as refusal:
        flash(say(refusal), "stop")
    else:
        flash(gettext("Rôle retiré."), "go")
    return redirect(url_for(".index"), 303)


def _member(member_id: int) -> Member:
    return member_by_id(member_id) or abort(404)
