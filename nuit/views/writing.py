"""Writing to those concerned: the same page at both desks."""

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from nuit import clock
from nuit.actions.writing import Draft, try_on, write_to
from nuit.errors import EffectChanged, Refusal
from nuit.forms.fields import coverage, tongue_at_fault
from nuit.forms.writing import TEMPLATES, WriteForm, template_texts
from nuit.i18n import LANGUAGES, day, hour, say
from nuit.queries.writing import Audience, circulars, readers
from nuit.views.gate import edition, limit, member


@dataclass(frozen=True)
class Desk:
    """Who writes, to whom one may write, which audience a choice names, and the page's frame."""

    frame: str
    address: str
    choices: Sequence[tuple[str, Any]]
    audience: Callable[[str], Audience]
    by_host: int | None
    more: dict[str, Any]


def shown(desk: Desk) -> ResponseReturnValue:
    """The empty form, or a ready message in it."""
    texts = template_texts(request.args.get("modele", ""))
    to = request.args.get("a", desk.choices[0][0])
    form = WriteForm(formdata=None, key=secrets.token_urlsafe(16), audience=to, when="now", **texts)
    return _page(desk, form.among(desk.choices))


def sent(desk: Desk) -> ResponseReturnValue:
    """Looked at, tried on oneself, or sent."""
    form = WriteForm().among(desk.choices)
    if not form.validate():
        return _page(desk, form), 422
    draft = Draft(desk.audience(form.audience.data), desk.by_host, form.subject.data, form.body.data, form.key.data)
    act = request.form.get("action", "")
    if act.startswith("try-") and act[4:] in LANGUAGES:
        return _try(desk, form, draft, act[4:])
    if act != "send":
        return _page(desk, form, look=True)
    return _send(desk, form, draft)


def _try(desk: Desk, form: WriteForm, draft: Draft, locale: str) -> ResponseReturnValue:
    who = member()
    try:
        limit("try-letter", at_most=30, minutes=10, who=f"{who.id if who else 0}")
    except Refusal as refusal:
        return _page(desk, form, refused=say(refusal)), refusal.status
    if who is not None:
        try_on(draft, who.email, locale, now=clock.now())
        flash(gettext("Un essai part à %(email)s.", email=who.email), "go")
    return _page(desk, form, look=True)


def _send(desk: Desk, form: WriteForm, draft: Draft) -> ResponseReturnValue:
    now, who = clock.now(), member()
    people = int(form.people.data or 0)
    try:
        made = write_to(draft, people=people, send_at=form.instant(now), now=now, by=who.id if who else None)
    except EffectChanged as refusal:
        return _page(desk, form, look=True, refused=say(refusal)), refusal.status
    except Refusal as refusal:
        return _page(desk, form, refused=say(refusal)), refusal.status
    if made.expanded_at is None:
        when = {"day": day(made.send_at, year=False), "hour": hour(made.send_at)}
        flash(gettext("Le message partira %(day)s à %(hour)s.", **when), "go")
    else:
        flash(
            ngettext("Le message part à %(num)s groupe.", "Le message part à %(num)s groupes.", made.recipients), "go"
        )
    return redirect(desk.address, 303)


def _page(desk: Desk, form: WriteForm, *, look: bool = False, refused: str = "") -> str:
    found = readers(desk.audience(form.audience.data)) if look else []
    form.people.data = str(len(found))
    return render_template(
        "desk/write.html",
        frame=desk.frame,
        address=desk.address,
        form=form,
        look=look,
        count=len(found),
        tongues=Counter(one.locale for one in found),
        refused=refused,
        templates={name: texts[0] for name, texts in TEMPLATES.items()},
        filled=coverage(form),
        first_tongue=tongue_at_fault(form),
        earlier=circulars(edition().id, desk.by_host),
        **desk.more,
    )
