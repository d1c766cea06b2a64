"""Every page a visitor, a company and an organiser can reach: axe finds nothing, in three languages, by day and by night.

The pages are found by following links from each role's first page; one address stands for each endpoint.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser.conftest import sign_in
from tests.live import Live

AXE = next((Path(__file__).parents[1] / "vendor").glob("axe-core@*/axe.min.js")).read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
STARTS = {
    "visitor": ["/fr/", "/fr/carte", "/fr/soiree", "/fr/reservation", "/fr/ma-soiree", "/connexion/", "/fr/nulle-part"],
    "host": ["/bureau", "/espace/"],
    "organiser": ["/bureau", "/equipe/", "/porte/"],
}
LINKS = "() => [...document.querySelectorAll('a[href]')].map(a => a.href)"
OpenPage = Callable[..., Page]


def endpoint_of(app: Flask, address: str) -> str | None:
    """The endpoint that answers this address; None for what is no page of ours."""
    parts = urlsplit(address)
    try:
        return app.url_map.bind(parts.netloc).match(parts.path, method="GET")[0]
    except RequestRedirect as onward:
        return endpoint_of(app, onward.new_url)
    except HTTPException:
        return None


def pages(app: Flask, page: Page, server: Live, role: str) -> dict[str, str]:
    """One address for each endpoint that is reached by links from a role's first pages; only pages, no downloads.

    Public pages are the visitor's: the other roles stay at their desks.
    """
    starts = STARTS[role]
    waiting, found = [server.url + path for path in starts], dict[str, str]()
    while waiting:
        address = waiting.pop(0)
        name = endpoint_of(app, address) or address
        if name in found or urlsplit(address).netloc != urlsplit(server.url).netloc:
            continue
        if role != "visitor" and urlsplit(address).path.startswith(("/fr/", "/de/", "/en/")):
            continue
        answer = page.request.get(address)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        found[name] = address
        page.goto(address)
        waiting += [link.split("#")[0] for link in page.evaluate(LINKS) if not link.endswith(".eml")]
    return found


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds on the page as it stands, a line each.

    Pins on a map may lie closer than their size: WCAG 2.5.8 excepts what is essential and has its equivalent on the page,
    and here every pin has its line in the list beside the map.
    """
    expect(page.locator(".leaflet-marker-icon.leaflet-interactive:not([aria-label])")).to_have_count(0)
    page.evaluate(AXE)
    options: dict[str, Any] = {
        "runOnly": {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    }
    result = page.evaluate(f"axe.run(document, {json.dumps(options)})")
    return [
        f"{found['id']}: {node['html'][:140]} | {node['failureSummary'][:160]}"
        for found in result["violations"]
        for node in found["nodes"]
        if not (found["id"] == "target-size" and "leaflet-marker-icon" in node["html"])
    ]


@pytest.mark.parametrize("role", list(STARTS))
def test_axe_finds_nothing(made: Flask, server: Live, open_page: OpenPage, role: str) -> None:
    """Structure by day, contrast again by night; no page is wider than 320 px; long words and all."""
    page = open_page(viewport={"width": 390, "height": 844}, color_scheme="light", reduced_motion="reduce")
    if role != "visitor":
        sign_in(page, server, role, host="fonderie-de-la-morge" if role == "host" else None)
    seen = pages(made, page, server, role)
    assert len(seen) >= 5
    wrong = []
    for name, address in seen.items():
        for lang in ("fr", "de", "en"):
            path = address.replace(f"{server.url}/fr/", f"{server.url}/{lang}/")
            page.set_viewport_size({"width": 390, "height": 844})
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            page.goto(path if "/fr/" in address else address + ("&" if "?" in address else "?") + f"lang={lang}")
            wrong += [f"{name} {lang}: {line}" for line in violations(page)]
            page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            wrong += [f"{name} {lang} dark: {line}" for line in violations(page, ["color-contrast"])]
            page.set_viewport_size({"width": 320, "height": 700})
            width = page.evaluate("document.scrollingElement.scrollWidth")
            if width > 320:
                wrong.append(f"{name} {lang}: {width} px wide at 320")
    assert not wrong, "\n".join(wrong)
