"""Logo and photos of a company, and its text as it will be read."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.picture import MOST_PHOTOS, add_picture, describe_picture, remove_picture
from nuit.errors import PictureRefused, Refusal
from nuit.forms.fields import coverage, tidy, tongue_at_fault
from nuit.forms.picture import AltForm, PictureForm
from nuit.i18n import say
from nuit.models import Host, Picture
from nuit.queries.picture import picture_of, pictures_of
from nuit.render.picture import safe_picture
from nuit.render.prose import prose_html
from nuit.views.gate import limit
from nuit.views.host.room import bp, me, mine

LONGEST = 3000


def _page(host: Host, form: PictureForm) -> str:
    return render_template(
        "host/pictures.html",
        host=host,
        pictures=pictures_of(host.company_id),
        form=form,
        most=MOST_PHOTOS,
        filled=coverage(form),
        first_tongue=tongue_at_fault(form),
    )


@bp.get("/<slug>/images")
@mine
def pictures(host: Host) -> ResponseReturnValue:
    return _page(host, PictureForm())


@bp.post("/<slug>/images")
@mine
def send_picture(host: Host) -> ResponseReturnValue:
    limit("picture", at_most=40, minutes=60, who=f"{host.id}")
    form = PictureForm()
    if not form.validate():
        return _page(host, form), 422
    try:
        drawn = safe_picture(form.content())
        add_picture(
            host.id, form.kind.data, drawn.content, size=(drawn.width, drawn.height), alt=form.alt.data,
            now=clock.now(), by=me(),
        )  # fmt: skip
    except Refusal as refusal:
        form.file.errors = [gettext(refusal.reason) if isinstance(refusal, PictureRefused) else say(refusal)]
        return _page(host, form), refusal.status
    flash(gettext("Image ajoutée."), "go")
    return redirect(url_for(".pictures", slug=host.company.slug), 303)


def _picture(host: Host, picture_id: int) -> Picture:
    return picture_of(host.company_id, picture_id) or abort(404)


@bp.get("/<slug>/images/<int:picture_id>")
@mine
def picture(host: Host, picture_id: int) -> ResponseReturnValue:
    one = _picture(host, picture_id)
    return _one(host, one, AltForm(alt=one.alt))


def _one(host: Host, one: Picture, form: AltForm) -> str:
    return render_template(
        "host/picture.html",
        host=host,
        picture=one,
        form=form,
        filled=coverage(form),
        first_tongue=tongue_at_fault(form),
    )


@bp.post("/<slug>/images/<int:picture_id>")
@mine
def describe(host: Host, picture_id: int) -> ResponseReturnValue:
    one, form = _picture(host, picture_id), AltForm()
    if not form.validate():
        return _one(host, one, form), 422
    describe_picture(host, picture_id, form.alt.data, now=clock.now(), by=me())
    flash(gettext("Enregistré."), "go")
    return redirect(url_for(".pictures", slug=host.company.slug), 303)


@bp.post("/<slug>/images/<int:picture_id>/retirer")
@mine
def drop_picture(host: Host, picture_id: int) -> ResponseReturnValue:
    _picture(host, picture_id)
    remove_picture(host, picture_id, now=clock.now(), by=me())
    flash(gettext("Image retirée."), "go")
    return redirect(url_for(".pictures", slug=host.company.slug), 303)


@bp.post("/<slug>/apercu")
@mine
def preview(host: Host) -> ResponseReturnValue:
    """The text as it will be read, while it is typed; nothing is saved."""
    text = tidy(request.form.get("text", "")[:LONGEST]) or ""
    return Response(prose_html(text), content_type="text/html; charset=utf-8")
