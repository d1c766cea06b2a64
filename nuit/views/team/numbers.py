"""The night in numbers: drawn, in tables beside, as files, and held against the edition before."""

from datetime import datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.clock import local
from nuit.i18n import NAMES, hour, texts
from nuit.models import Edition
from nuit.planning.numbers import Count, Departure, by_day_before, grouped, total
from nuit.planning.wish import BALANCE
from nuit.queries.proposing import PARTIES, balance_effect
from nuit.queries.team.numbers import booked_by_hour, departures, earlier_edition, interests, visitors
from nuit.render.chart import columns, curves
from nuit.views.files import table
from nuit.views.gate import edition, limit
from nuit.views.team.room import me, readers
from nuit.views.team.words import AGES, MODES

SECONDS = 5.0
"""How long the plans of the page about balance may take together; they need a tenth of it."""

bp = Blueprint("team_numbers", __name__, url_prefix="/equipe/chiffres")


@bp.get("/")
@readers
def show() -> ResponseReturnValue:
    night, now = edition(), clock.now()
    before = earlier_edition(night)
    lines = departures(night, now)
    hours = sorted(grouped(lines, lambda one: one.hour).items())
    growth = [_growth(night)] + ([_growth(before)] if before else [])
    return render_template(
        "team_numbers/show.html",
        total=total(lines),
        companies=sorted(grouped(lines, lambda one: (one.company, one.slug)).items()),
        hours=hours,
        chart=columns([(count.capacity, count.booked) for _hour, count in hours]),
        districts=sorted(grouped(lines, lambda one: one.district).items()),
        visitors=visitors(night.id),
        interests=interests(night.id),
        growth=growth,
        curves=curves(growth),
        before=before,
        then=_then(before, now) if before else None,
        is_over=night.closes_at <= now,
        ages=AGES,
        modes=MODES,
    )


@bp.get("/repartition")
@readers
def balance() -> ResponseReturnValue:
    balanced, plain = balance_effect(edition(), clock.now(), stop=clock.deadline(SECONDS))
    return render_template(
        "team_numbers/balance.html", balanced=balanced, plain=plain, most=BALANCE, parties=PARTIES
    )  # fmt: skip


def _growth(night: Edition) -> list[tuple[int, int]]:
    return by_day_before(booked_by_hour(night.id), night.opens_at)


def _then(before: Edition, now: datetime) -> tuple[Count, int, int]:
    """Of the edition before: its counts, its companies, its people."""
    lines = departures(before, now)
    return total(lines), len({one.slug for one in lines}), visitors(before.id).people


@bp.get("/presence.<any(csv,xlsx,json):kind>")
@readers
def attendance(kind: str) -> ResponseReturnValue:
    limit("export", at_most=30, minutes=10, who=f"{me()}")
    columns_of = [
        ("company", gettext("Entreprise")), ("visit", gettext("Visite")), ("starts_at", gettext("Départ")),
        ("languages", gettext("Langues")), ("capacity", gettext("Places")), ("booked", gettext("Réservées")),
        ("came", gettext("Venues")), ("missed", gettext("Absentes")), ("waiting", gettext("En attente")),
    ]  # fmt: skip
    rows = [_attended(one) for one in departures(edition(), clock.now())]
    return table(kind, f"presence-{edition().slug}", gettext("Présence"), columns_of, rows)


def _attended(one: Departure) -> tuple[object, ...]:
    count = one.count
    return (
        one.company, texts(one.visit), f"{local(one.starts_at):%Y-%m-%d %H:%M}", ", ".join(one.languages),
        count.capacity, count.booked, count.came, count.missed, count.waiting,
    )  # fmt: skip


@bp.get("/statistiques.<any(csv,xlsx,json):kind>")
@readers
def statistics(kind: str) -> ResponseReturnValue:
    limit("export", at_most=30, minutes=10, who=f"{me()}")
    columns_of = [
        ("by", gettext("Par")), ("name", gettext("Nom")), ("slots", gettext("Départs")),
        ("capacity", gettext("Places")), ("booked", gettext("Réservées")), ("came", gettext("Venues")),
        ("missed", gettext("Absentes")), ("waiting", gettext("En attente")), ("people", gettext("Personnes")),
    ]  # fmt: skip
    return table(kind, f"statistiques-{edition().slug}", gettext("Statistiques"), columns_of, _statistics(edition()))


def _statistics(night: Edition) -> list[tuple[object, ...]]:
    lines, people = departures(night, clock.now()), visitors(night.id)
    parts = (
        (gettext("entreprise"), grouped(lines, lambda one: one.company)),
        (gettext("heure"), grouped(lines, lambda one: hour(one.hour))),
        (gettext("quartier"), grouped(lines, lambda one: one.district or gettext("sans quartier"))),
    )
    rows: list[tuple[object, ...]] = [
        (by, name, one.slots, one.capacity, one.booked, one.came, one.missed, one.waiting, None)
        for by, found in parts
        for name, one in sorted(found.items())
    ]
    counted = (
        (gettext("langue"), people.languages, NAMES),
        (gettext("âge"), people.ages, AGES),
        (gettext("en route"), people.modes, MODES),
    )
    for by, counts, names in counted:
        rows += [(by, str(names.get(name, name)), *[None] * 6, count) for name, count in counts.items()]
    return rows
