"""A ride to take along: a card on paper, and files for bicycle computers, the whole of it or one leg."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, abort, request
from flask_babel import gettext

from nuit.i18n import hour, km, minutes, number
from nuit.planning.timetable import Leg
from nuit.planning.track import leg_track
from nuit.queries.ground import ground
from nuit.queries.ride import network
from nuit.render.gpx import Waypoint
from nuit.render.legmap import leg_svg
from nuit.render.pdf import Card, CardLeg, card_pdf
from nuit.render.turns import LegLines

Track = dict[str, Any]
Lines = list[list[list[float]]]


def asked_leg(track: Track, stops: Sequence[Waypoint]) -> tuple[Track, Sequence[Waypoint], str]:
    """The track and stops of the leg that the address asks for (?troncon=2), else all; and how the file's name ends."""
    wanted = request.args.get("troncon")
    if wanted is None:
        return track, stops, ""
    which = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 3 else 0
    part = leg_track(track, which - 1) or abort(404)
    [leg] = part["legs"]
    return part, [stops[leg["start"]], stops[leg["end"]]], f"-{which}"


def ride_file(content: bytes | str, kind: str, name: str) -> Response:
    """A download."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-cache"}
    return Response(content, content_type=kind, headers=headers)


def drawing(track: Track, which: int, names: Sequence[str]) -> tuple[str, str]:
    """One leg of a track as an SVG, and what it shows; empty where nobody moves."""
    leg = track["legs"][which]
    if not leg["metres"]:
        return "", ""
    at = [0.0]
    for turn in leg["turns"]:
        at.append(at[-1] + turn["metres"])
    label = gettext(
        "Trajet de %(start)s à %(end)s, %(km)s, le nord en haut. Les numéros sont ceux de la liste.",
        start=names[leg["start"]], end=names[leg["end"]], km=km(leg["metres"]),
    )  # fmt: skip
    line = track["line"][leg["first"] : leg["last"] + 1]
    water, rails = _around(line)
    return leg_svg(network(), line, at, label=label, water=water, rails=rails), label


def _around(line: Sequence[Sequence[float]]) -> tuple[Lines, Lines]:
    """The outlines of water and the rails near a ride."""
    lons, lats = [point[0] for point in line], [point[1] for point in line]
    box = (min(lons) - 0.01, min(lats) - 0.01, max(lons) + 0.01, max(lats) + 0.01)
    return ground().lines(("river", "lake"), box), ground().lines(("railway",), box)


def evening_card(track: Track, told: Sequence[LegLines], legs: Sequence[Leg], names: Sequence[str], day: str) -> bytes:
    """The rides of an evening: each with its map, its turns and the hour to leave, counted back from the visit."""
    pages = []
    for which, (lines, leg) in enumerate(zip(told, legs, strict=True)):
        svg, alt = drawing(track, which, names)
        if svg:
            leave = gettext("Partir à %(hour)s", hour=hour(leg.leave_by))
            pages.append(_leg(lines, names, leave, (svg, alt), minutes(leg.minutes + leg.margin)))
    return card_pdf(_card(track, gettext("Mes trajets"), day, ("", ""), pages, ()))


def loop_card(
    track: Track, told: Sequence[LegLines], names: Sequence[str], marks: Sequence[float], name: str, colour: str
) -> bytes:
    """A loop: one map of it all with its stops by number, its climb, and every turn."""
    label = gettext("Carte du parcours %(name)s", name=name)
    water, rails = _around(track["line"])
    svg = leg_svg(network(), track["line"], marks, label=label, colour=colour, water=water, rails=rails)
    pages = [_leg(lines, names, "", ("", ""), minutes(lines.minutes)) for lines in told]
    return card_pdf(_card(track, name, gettext("Parcours à vélo électrique"), (svg, label), pages, marks))


def _card(
    track: Track, title: str, subtitle: str, drawn: tuple[str, str], legs: Sequence[CardLeg], marks: Sequence[float]
) -> Card:
    return Card(
        title=title,
        subtitle=subtitle,
        figures=gettext("%(km)s, %(climb)s m de montée.", km=km(track["metres"]), climb=number(track["climb"])),
        drawing=drawn[0],
        alt=drawn[1],
        profile=track["profile"],
        marks=tuple(marks),
        legs=tuple(legs),
        footer="© OpenStreetMap contributors. " + _sure(track),
    )


def _sure(track: Track) -> str:
    if track.get("approximate", True):
        return str(gettext("Tracé approximatif, d’après un schéma : suivez les rues et les panneaux."))
    return str(gettext("Suivez les rues et les panneaux."))


def _leg(lines: LegLines, names: Sequence[str], leave: str, drawn: tuple[str, str], calm: str) -> CardLeg:
    climb = gettext("%(num)s m de montée", num=round(lines.climb)) if lines.climb >= 3 else gettext("plat")
    return CardLeg(
        title=f"{lines.start + 1}. {names[lines.start]} → {names[lines.end]}",
        figures=f"{km(lines.metres)}, {climb}, {calm}",
        leave=leave,
        drawing=drawn[0],
        alt=drawn[1],
        turns=tuple((turn.metres, turn.words, turn.note) for turn in lines.turns),
    )


def sliced(write: Callable[..., str], track: Track, stops: Sequence[Waypoint], **words: str) -> tuple[str, str]:
    """The file of what is asked for, by one of the writers of render.gpx; and how its name ends."""
    part, some, ending = asked_leg(track, stops)
    return write(part, some, **words), ending
