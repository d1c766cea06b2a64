"""Pictures of a company: judged by their content, drawn anew, and served so that they can be nothing but pictures."""

import io
import struct
import zlib

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from nuit.db import db
from nuit.errors import PictureRefused
from nuit.models import Host, Picture
from nuit.render.picture import safe_picture
from nuit.render.prose import prose_html
from tests.factories import a_host, a_member, an_edition, csrf, signed_in
from tests.team import cost, page, words

CANARY = b"46.2201N-CANARY"


def a_file(form: str = "JPEG", size: tuple[int, int] = (400, 300), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 90, 20)).save(out, form, **more)
    return out.getvalue()


def with_position() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()
    exif[0x0112] = 6  # lying on its side
    return a_file(exif=exif)


def a_bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_three_kinds_become_one(form: str) -> None:
    drawn = safe_picture(a_file(form, (3200, 1000)))
    assert (drawn.width, drawn.height, drawn.content[:4], drawn.content[8:12]) == (1600, 500, b"RIFF", b"WEBP")


def test_upright_and_without_its_position() -> None:
    sent = with_position()
    drawn = safe_picture(sent)
    assert (CANARY in sent, CANARY in drawn.content) == (True, False)
    with Image.open(io.BytesIO(drawn.content)) as picture:
        assert (picture.size, dict(picture.getexif())) == ((300, 400), {})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", PictureRefused.NO_PICTURE),
        (b"GIF89a" + b"\0" * 100, PictureRefused.NO_PICTURE),
        (b"", PictureRefused.NO_PICTURE),
        (b"x" * (5 * 2**20 + 1), PictureRefused.TOO_HEAVY),
        (a_bomb(6000, 6000), PictureRefused.TOO_LARGE),
        (a_bomb(60_000, 60_000), PictureRefused.TOO_LARGE),
        (a_bomb(400, 300), PictureRefused.BROKEN),
        (a_file()[:800], PictureRefused.BROKEN),
        (a_file(size=(40, 400)), PictureRefused.TOO_SMALL),
    ],
)
def test_what_is_no_sound_picture_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(PictureRefused) as refused:
        safe_picture(content)
    assert refused.value.reason == reason


def desk(client: FlaskClient) -> tuple[Host, str]:
    host = a_host(an_edition(), "Fonderie")
    signed_in(client, a_member("host", host))
    return host, f"/espace/{host.company.slug}/images"


def sent(client: FlaskClient, address: str, content: bytes, expect: int = 303, **more: str) -> str:
    fields = {"csrf_token": csrf(page(client, address)), "alt-fr": "Le four", "kind": "photo", **more}
    answer = client.post(address, data={**fields, "file": (io.BytesIO(content), "../../etc/passwd.php")})
    assert answer.status_code == expect
    return answer.get_data(as_text=True)


def test_a_photo_is_shown_to_the_public(client: FlaskClient) -> None:
    host, address = desk(client)
    sent(client, address, with_position())
    key = db.session.scalars(select(Picture.key)).one()
    assert f'src="/images/{key}.webp" width="300" height="400" alt="Le four"' in page(
        client, f"/fr/entreprises/{host.company.slug}"
    )
    answer = client.get(f"/images/{key}.webp")
    head = answer.headers
    assert (answer.status_code, answer.content_type, head["X-Content-Type-Options"]) == (200, "image/webp", "nosniff")
    assert head["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (CANARY in answer.data, client.get("/images/0000.webp").status_code) == (False, 404)


def test_one_logo_and_six_photos(client: FlaskClient) -> None:
    _host, address = desk(client)
    for _time in range(2):
        sent(client, address, a_file("PNG"), kind="logo")
    for _time in range(6):
        sent(client, address, a_file())
    said = words(sent(client, address, a_file(), expect=409))
    assert "Il y a déjà 6 photos. Retirez-en une d’abord." in said
    kinds = db.session.execute(select(Picture.kind, func.count()).group_by(Picture.kind).order_by(Picture.kind)).all()
    assert [tuple(one) for one in kinds] == [("logo", 1), ("photo", 6)]


def test_the_reason_is_said_and_nothing_is_kept(client: FlaskClient) -> None:
    _host, address = desk(client)
    assert "Ce fichier n’est pas une image PNG, JPEG ou WebP." in words(sent(client, address, b"<svg/>", expect=422))
    assert "Dites en quelques mots ce que l’image montre." in words(
        sent(client, address, a_file(), expect=422, **{"alt-fr": ""})
    )
    assert db.session.scalars(select(Picture)).all() == []


def test_described_anew_and_removed(client: FlaskClient) -> None:
    _host, address = desk(client)
    sent(client, address, a_file())
    one = db.session.scalars(select(Picture)).one()
    key, number = one.key, one.id
    token = csrf(page(client, f"{address}/{one.id}"))
    client.post(f"{address}/{one.id}", data={"csrf_token": token, "alt-de": "Der Ofen"})
    assert db.session.get_one(Picture, one.id, populate_existing=True).alt == {"de": "Der Ofen"}
    client.post(f"{address}/{number}/retirer", data={"csrf_token": token})
    assert client.get(f"/images/{key}.webp").status_code == 404


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Un.\n\n**Deux** et *trois*", "<p>Un.</p>\n<p><strong>Deux</strong> et <em>trois</em></p>\n"),
        ("- un\n- deux", "<ul>\n<li>un</li>\n<li>deux</li>\n</ul>\n"),
        ("# Titre", "<h3>Titre</h3>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        (
            "![x](https://exemple.ch/a.png)",
            '<p>!<a href="https://exemple.ch/a.png" rel="nofollow ugc noopener">x</a></p>\n',
        ),
    ],
)
def test_a_few_signs_and_nothing_else(text: str, html: str) -> None:
    assert prose_html(text) == html


def test_the_preview_is_what_the_public_will_read(client: FlaskClient) -> None:
    host, address = desk(client)
    token = csrf(page(client, address))
    answer = client.post(f"/espace/{host.company.slug}/apercu", data={"csrf_token": token, "text": "**gras** <b>x</b>"})
    assert answer.get_data(as_text=True) == "<p><strong>gras</strong> &lt;b&gt;x&lt;/b&gt;</p>\n"


def test_a_page_costs_the_same_with_more_pictures(app: Flask, client: FlaskClient) -> None:
    _host, address = desk(client)
    sent(client, address, a_file())
    at_one = cost(client, address)
    for _time in range(2):
        sent(client, address, a_file())
    assert cost(client, address) == at_one
