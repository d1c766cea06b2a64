"""The demo mailbox: there in example mode alone, shows letters whole, and lets none of them out of its frame."""

from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import NOW, an_edition

HOSTILE = "<script>alert(1)</script> & “x”"


@pytest.fixture
def folder(app: Flask) -> Iterator[Path]:
    found = Path(app.config["NUIT_INSTANCE"]) / "mail"
    found.mkdir(exist_ok=True)
    yield found
    for path in found.iterdir():
        path.unlink()


def write(folder: Path, name: str = "confirmation-1", subject: str = "Votre soirée") -> str:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "nuit@exemple.ch", "anne@exemple.ch"
    mail["Date"] = format_datetime(NOW)
    mail.set_content(f"Bonsoir\nhttp://localhost/fr/ma-soiree/N-1 {HOSTILE}")
    mail.add_alternative('<html><head><style>p{}</style></head><body><img src="cid:qr@nuit"></body></html>', "html")
    mail.get_payload()[1].add_related(b"PNG!", "image", "png", cid="<qr@nuit>", filename="qr.png")  # type: ignore[union-attr, index]
    mail.add_attachment(b"BEGIN:VCALENDAR", "text", "calendar", filename="soirée.ics")
    (folder / f"{name}.eml").write_bytes(mail.as_bytes())
    return f"/demo/messages/{name}.eml"


def test_it_is_there_in_example_mode_alone(app: Flask, client: FlaskClient, folder: Path) -> None:
    path = write(folder)
    addresses = ["/demo/messages", path, f"{path}/page", f"{path}/1"]
    assert [client.get(one).status_code for one in addresses] == [404] * 4
    edition = an_edition(is_example=True)
    assert [client.get(one).status_code for one in addresses] == [200] * 4
    app.config["SMTP_URL"] = "smtp://localhost"
    assert [client.get(one).status_code for one in addresses] == [404] * 4
    app.config["SMTP_URL"] = ""
    assert edition.is_example


def test_an_empty_mailbox_says_so(client: FlaskClient) -> None:
    an_edition(is_example=True)
    assert "Aucun message pour l’instant." in client.get("/demo/messages").text


def test_the_latest_letter_stands_first(client: FlaskClient, folder: Path) -> None:
    an_edition(is_example=True)
    write(folder, "a", "Première"), write(folder, "b", "Deuxième")
    page = client.get("/demo/messages").text
    assert page.index("Deuxième") < page.index("Première")


def test_a_letter_is_shown_whole_and_harmless(client: FlaskClient, folder: Path) -> None:
    an_edition(is_example=True)
    path = write(folder, subject=HOSTILE)
    page = client.get(path).text
    assert "<script>alert" not in page
    assert '<a href="http://localhost/fr/ma-soiree/N-1"' in page
    assert f'src="{path}/page"' in page
    assert "soirée.ics" in page
    assert "qr.png" not in page


def test_the_html_part_stays_in_its_frame(client: FlaskClient, folder: Path) -> None:
    an_edition(is_example=True)
    answer = client.get(write(folder) + "/page")
    assert 'src="data:image/png;base64,UE5HIQ=="' in answer.text
    assert '<base target="_top">' in answer.text
    rules = answer.headers["Content-Security-Policy"]
    assert "script-src" not in rules
    assert "default-src 'none'" in rules
    assert "sandbox allow-top-navigation-by-user-activation" in rules
    assert "'unsafe-inline'" not in client.get("/demo/messages").headers["Content-Security-Policy"]


def test_enclosures_are_downloads(client: FlaskClient, folder: Path) -> None:
    an_edition(is_example=True)
    path = write(folder)
    answer = client.get(f"{path}/1")
    assert answer.data == b"BEGIN:VCALENDAR"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert [client.get(f"{path}/{number}").status_code for number in (0, 2, 10**30)] == [404] * 3


@pytest.mark.parametrize(
    "name", ["../keys/secret", "..%2fkeys%2fsecret", "%2e%2e/nuit.sqlite", "x.eml", "*.eml", "a" * 3000]
)
def test_nothing_but_letters_is_read(client: FlaskClient, folder: Path, name: str) -> None:
    an_edition(is_example=True)
    write(folder)
    assert client.get(f"/demo/messages/{name}").status_code == 404
