"""What every answer says to the browser, and what no other site may ask."""

import pytest
from flask.testing import FlaskClient

from tests.factories import an_edition, csrf


@pytest.mark.parametrize("path", ["/fr/", "/connexion/", "/fr/nulle-part", "/healthz"])
def test_strict_headers_everywhere(client: FlaskClient, path: str) -> None:
    an_edition()
    head = client.get(path).headers
    policy = head["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert head["X-Content-Type-Options"] == "nosniff"
    assert head["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "charset=utf-8" in head["Content-Type"] or head["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "head",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://ailleurs.example"},
        {"Origin": "null"},
    ],
)
def test_no_other_site_changes_anything(client: FlaskClient, head: dict[str, str]) -> None:
    an_edition()
    assert client.post("/connexion/", data={"email": "a@exemple.ch"}, headers=head).status_code == 403


def test_a_form_without_its_token_is_refused_with_a_sentence(client: FlaskClient) -> None:
    an_edition()
    answer = client.post("/connexion/", data={"email": "a@exemple.ch"})
    assert answer.status_code == 400
    assert "rechargez-la" in answer.get_data(as_text=True)


def test_desk_pages_are_never_kept(client: FlaskClient) -> None:
    an_edition()
    answer = client.get("/connexion/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "strict-origin"


def test_public_pages_set_no_cookie(client: FlaskClient) -> None:
    an_edition()
    assert "Set-Cookie" not in client.get("/fr/").headers


@pytest.mark.parametrize("address", ["/fr/entreprises?q=%00", "/fr/entreprises/a%00b", "/api/v1/slots?company=%00"])
def test_what_no_address_holds_is_not_there(client: FlaskClient, address: str) -> None:
    an_edition()
    assert client.get(address).status_code == 404


def test_a_form_of_ours_passes_where_a_browser_says_only_its_origin(client: FlaskClient) -> None:
    """On plain http under a LAN name no Sec-Fetch-Site is sent: the Origin of our own page must do."""
    an_edition()
    page = client.get("/connexion/").get_data(as_text=True)
    answer = client.post(
        "/connexion/", data={"csrf_token": csrf(page), "email": "a@exemple.ch"}, headers={"Origin": "http://localhost"}
    )
    assert answer.status_code == 303
