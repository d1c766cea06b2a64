"""Who comes to this company: its own visitors, and only what is needed to receive them."""

from collections.abc import Mapping, Sequence

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.forms.fields import one_line
from nuit.i18n import NAMES, hour, texts
from nuit.models import Host, Slot
from nuit.planning.finding import fold
from nuit.queries.desk import Crowd, Party, crowds, parties, slots_of
from nuit.render.pdf import Group, Sheet, guide_pdf
from nuit.render.sheet import csv_sheet
from nuit.views.conditions import condition_lines
from nuit.views.gate import edition, limit
from nuit.views.host.room import bp, mine, my_slot


def _wanted() -> str:
    return (one_line(request.args.get("q")) or "")[:80]


def _found(party: Party, words: str) -> bool:
    told = fold(" ".join((party.name, party.reference, *(guest.label for guest in party.guests))))
    return all(word in told for word in fold(words).split())


@bp.get("/<slug>/visiteurs")
@mine
def visitors(host: Host) -> ResponseReturnValue:
    words = _wanted()
    by_slot: dict[int, list[Party]] = {}
    for party in parties(host.id):
        if _found(party, words):
            by_slot.setdefault(party.slot_id, []).append(party)
    return render_template(
        "host/visitors.html",
        host=host,
        slots=slots_of(host.id),
        by_slot=by_slot,
        crowds=crowds(host.id),
        q=words,
    )


@bp.get("/<slug>/visiteurs.csv")
@mine
def visitors_csv(host: Host) -> ResponseReturnValue:
    limit("visitors-csv", at_most=60, minutes=10, who=f"{host.id}")
    slots = {slot.id: slot for slot in slots_of(host.id)}
    headings = [
        gettext("Départ"), gettext("Visite"), gettext("Réservation"), gettext("Nom"), gettext("Personne"),
        gettext("Âge"), gettext("Langue"),
    ]  # fmt: skip
    rows = [
        (hour(slots[party.slot_id].starts_at), texts(slots[party.slot_id].visit.title), party.reference, party.name,
         guest.label, guest.age_band, NAMES.get(party.locale, party.locale))
        for party in parties(host.id)
        for guest in party.guests
    ]  # fmt: skip
    return Response(
        csv_sheet(headings, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="visiteurs-{host.company.slug}.csv"'},
    )


@bp.get("/<slug>/visiteurs/<int:slot_id>")
@mine
def sheet(host: Host, slot_id: int) -> ResponseReturnValue:
    slot = my_slot(host, slot_id)
    return render_template(
        "host/sheet.html",
        host=host,
        slot=slot,
        parties=parties(host.id, slot_id),
        crowd=crowds(host.id).get(slot_id, Crowd()),
        conditions=condition_lines(slot.visit),
    )


@bp.get("/<slug>/visiteurs/<int:slot_id>.pdf")
@mine
def sheet_pdf(host: Host, slot_id: int) -> ResponseReturnValue:
    slot = my_slot(host, slot_id)
    return _paper(host, [slot], f"{slot.starts_at:%H%M}")


@bp.get("/<slug>/visiteurs.pdf")
@mine
def sheets_pdf(host: Host) -> ResponseReturnValue:
    return _paper(host, [one for one in slots_of(host.id) if one.status != "cancelled"], "soiree")


def _paper(host: Host, slots: Sequence[Slot], name: str) -> Response:
    limit("guide-pdf", at_most=60, minutes=10, who=f"{host.id}")
    counted, coming = crowds(host.id), parties(host.id)
    sheets = [_sheet(slot, [one for one in coming if one.slot_id == slot.id], counted) for slot in slots]
    return Response(
        guide_pdf(host, edition(), sheets, now=hour(clock.now())),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="guide-{host.company.slug}-{name}.pdf"'},
    )


def _sheet(slot: Slot, coming: Sequence[Party], counted: Mapping[int, Crowd]) -> Sheet:
    crowd = counted.get(slot.id, Crowd())
    groups = [
        Group(one.name, one.reference, one.locale, tuple((guest.label, guest.age_band) for guest in one.guests))
        for one in coming
    ]
    return Sheet(slot, groups, crowd.people, crowd.children, crowd.groups)
