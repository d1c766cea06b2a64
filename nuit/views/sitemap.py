"""All public pages for search engines, each with its sisters in the other languages."""

from typing import Any

from flask import Blueprint, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from nuit.i18n import LANGUAGES
from nuit.queries.company import listed_hosts
from nuit.views.gate import on_show

bp = Blueprint("sitemap", __name__)
PAGES = (
    "home.show",
    "company.index",
    "trade.index",
    "map.show",
    "route.index",
    "festival.index",
    "about.show",
    "about.privacy",
)


@bp.get("/sitemap.xml")
def show() -> ResponseReturnValue:
    night = on_show()
    pages: list[tuple[str, dict[str, Any]]] = [(page, {}) for page in PAGES if page in current_app.view_functions]
    if night is not None:
        pages += [("company.show", {"slug": host.company.slug}) for host in listed_hosts(night.id)]
    addresses = [{lang: _address(page, lang, values) for lang in LANGUAGES} for page, values in pages]
    return Response(
        render_template("about/sitemap.xml", addresses=addresses),
        content_type="application/xml; charset=utf-8",
    )


def _address(page: str, lang: str, values: dict[str, Any]) -> str:
    return str(current_app.config["NUIT_URL"]) + url_for(page, **{**values, "lang": lang})
