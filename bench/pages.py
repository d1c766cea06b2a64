"""What a phone fetches the first time: python -m bench.pages prints transfers and bytes over the wire of each page.

Chromium with an empty cache, one page at a time; bytes are those of the network (compressed, with headers).
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.journeys import machine
from tests.live import night

PAGES = (
    "/fr/",
    "/fr/entreprises",
    "/fr/entreprises/{slug}",
    "/fr/soiree",
    "/fr/parcours",
    "/fr/festival",
    "/fr/carte",
    "/porte",
)


def main() -> None:
    """Prints the table, and the machine and commit it was taken on."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="nuit-bench-") as folder, sync_playwright() as playwright:
        live = night(Path(folder))
        live.chore("programme", "example")
        live.start()
        path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        print(machine())
        print("| page | transfers | kB | of it: page | styles and scripts | fonts | images | other |")
        print("|---|---|---|---|---|---|---|---|")
        for one in PAGES:
            _tell(browser, live.url, one.replace("{slug}", _a_company(browser, live.url)))
        browser.close()
        live.stop()


def _a_company(browser: Browser, url: str) -> str:
    page = browser.new_page()
    slug: str = page.request.get(f"{url}/api/v1/companies").json()["companies"][0]["slug"]
    page.close()
    return slug


def _tell(browser: Browser, url: str, path: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}

    def answered(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"]

    def finished(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    network.on("Network.responseReceived", answered)
    network.on("Network.loadingFinished", finished)
    page.goto(url + path, wait_until="load")
    page.wait_for_timeout(500)
    parts = dict.fromkeys(("Document", "Code", "Font", "Image", "Other"), 0.0)
    for key, size in sizes.items():
        kind = {"Stylesheet": "Code", "Script": "Code"}.get(kinds.get(key, ""), kinds.get(key, ""))
        parts[kind if kind in parts else "Other"] += size / 1000
    print(
        f"| {path} | {len(sizes)} | {sum(parts.values()):.1f} | "
        + " | ".join(f"{one:.1f}" for one in parts.values())
        + " |"
    )
    context.close()


if __name__ == "__main__":
    main()
