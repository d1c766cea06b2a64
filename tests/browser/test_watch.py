"""The watch itself: each fault it is there for is seen, and a faultless page has none."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in, until
from tests.live import Live


def test_the_front_page_is_faultless(page: Page) -> None:
    answer = page.goto("/")
    assert answer is not None
    assert answer.status == 200
    expect(page).to_have_url(re.compile("/fr/$"))


@pytest.mark.parametrize(
    ("script", "word"),
    [
        (
            "() => { const s = document.createElement('style'); s.textContent = 'p{}'; document.head.append(s) }",
            "style",
        ),
        (
            "() => { const i = new Image(); i.src = 'https://example.com/x.png'; document.body.append(i) }",
            "example.com",
        ),
        ("() => { setTimeout(() => { throw new Error('oops') }, 0) }", "oops"),
        ("() => { console.error('said aloud') }", "said aloud"),
        ("() => { fetch('/static/nowhere.js') }", "nowhere.js"),
    ],
)
def test_each_fault_is_seen(page: Page, faults: list[str], script: str, word: str) -> None:
    page.goto("/fr/")
    page.evaluate(script)
    until(page, lambda: any(word in fault for fault in faults), True)
    faults.clear()


def test_tiles_may_be_missing_and_refusals_are_answers(page: Page) -> None:
    page.goto("/fr/")
    answer = page.goto("/fr/nulle-part")
    assert answer is not None
    assert answer.status == 404


def test_signing_in_is_one_line(page: Page, server: Live) -> None:
    sign_in(page, server, "organiser")
    expect(page.locator("main")).not_to_be_empty()
