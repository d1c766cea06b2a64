"""Posters and door signs, as a company prints its own and the organisers print all."""

from collections.abc import Sequence

from flask import Response, current_app, url_for

from nuit.models import Edition, Host
from nuit.queries.placard import hours_by_host
from nuit.render.pdf import Placard, placards_pdf
from nuit.render.qr import qr_file

KINDS = "any(affiche,porte)"
PAPERS = "any(a4,a3)"
SHEETS = {"affiche": "poster", "porte": "sign"}


def printed(edition: Edition, hosts: Sequence[Host], kind: str, paper: str, name: str) -> Response:
    """The PDF of these companies, one a page."""
    hours = hours_by_host([one.id for one in hosts])
    placards = [_placard(one, hours.get(one.id, ())) for one in hosts]
    content = placards_pdf(SHEETS[kind], paper, edition, placards, qr_file)
    answer = Response(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}-{kind}-{paper}.pdf"'
    return answer


def _placard(host: Host, hours: tuple[str, ...]) -> Placard:
    company = host.company
    way = url_for("company.show", slug=company.slug, lang="fr")
    place = ", ".join(part for part in (host.address, f"{host.postcode} {host.town}".strip()) if part)
    return Placard(company.name, place, company.summary, f"{current_app.config['NUIT_URL']}{way}", hours)
