"""Tokens: what is signed comes back, anything else is refused; codes: no look-alikes, one spelling."""

from base64 import b32decode, b32encode
from datetime import date, timedelta
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from nuit.planning.ticketcode import (
    ALPHABET,
    PARTY,
    TICKET,
    BadTicket,
    TicketCode,
    new_code,
    normalise_code,
    sign,
    verify,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
NIGHT = date(2027, 9, 24)
TOKEN = sign(KEY, kind=TICKET, edition=7, last_day=NIGHT, token_id=bytes(16))
RAW = b32decode(TOKEN + "======")

days = st.dates(date(1970, 1, 1), date(1970, 1, 1) + timedelta(days=0xFFFF))


@given(st.sampled_from([TICKET, PARTY]), st.integers(0, 0xFFFF), days, st.binary(min_size=16, max_size=16))
def test_what_is_signed_comes_back(kind: int, edition: int, last_day: date, token_id: bytes) -> None:
    token = sign(KEY, kind=kind, edition=edition, last_day=last_day, token_id=token_id)
    assert len(token) == 138
    assert verify(PUBLIC, token) == TicketCode(kind, edition, last_day, token_id)


@given(st.integers(0, len(RAW) * 8 - 1))
def test_any_flipped_bit_is_refused(bit: int) -> None:
    flipped = bytearray(RAW)
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadTicket):
        verify(PUBLIC, b32encode(bytes(flipped)).decode().rstrip("="))


@given(st.integers(0, 137), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_any_other_character_is_refused(place: int, character: str) -> None:
    token = TOKEN[:place] + character + TOKEN[place + 1 :]
    if token == TOKEN:
        assert verify(PUBLIC, token).edition == 7
    else:
        with pytest.raises(BadTicket):
            verify(PUBLIC, token)


@pytest.mark.parametrize(
    "address",
    [
        TOKEN,
        TOKEN.lower(),
        f"  {TOKEN}\n",
        f"HTTPS://NUIT.EXAMPLE/T/{TOKEN}",
        f"https://nuit.example/t/{TOKEN.lower()}",
        f"http://192.168.1.5:8000/T/{TOKEN}",
    ],
)
def test_the_bare_token_and_its_address_say_the_same(address: str) -> None:
    assert verify(PUBLIC, address) == TicketCode(TICKET, 7, NIGHT, bytes(16))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://nuit.example/",
        f"https://nuit.example/x/{TOKEN}",
        f"javascript:alert(1)/T/{TOKEN}",
        f"{TOKEN}A",
        TOKEN[:-1],
        f"{TOKEN}======",
        TOKEN.replace(TOKEN[0], "ı", 1),
        "A" * 138,
        "A" * 100_000,
        "\x00" * 138,
        "\ud800",
        "é" * 138,
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BadTicket):
        verify(PUBLIC, text)


@given(st.text(max_size=600))
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(BadTicket):
        verify(PUBLIC, text)


def test_another_key_is_refused() -> None:
    with pytest.raises(BadTicket):
        verify(Ed25519PrivateKey.generate().public_key(), TOKEN)


@pytest.mark.parametrize(("version", "kind"), [(0, 1), (2, 1), (1, 0), (1, 3)])
def test_another_version_or_kind_is_refused_even_when_signed(version: int, kind: int) -> None:
    body = bytes([version, kind]) + RAW[2:22]
    with pytest.raises(BadTicket):
        verify(PUBLIC, b32encode(body + KEY.sign(body)).decode().rstrip("="))


@pytest.mark.parametrize(
    "part",
    [
        {"kind": 3},
        {"edition": 1 << 16},
        {"edition": -1},
        {"last_day": date(2150, 1, 1)},
        {"last_day": date(1969, 12, 31)},
        {"token_id": bytes(15)},
    ],
)
def test_a_part_that_does_not_fit_is_not_signed(part: dict[str, object]) -> None:
    parts: dict[str, object] = {"kind": TICKET, "edition": 7, "last_day": NIGHT, "token_id": bytes(16)}
    with pytest.raises(ValueError):
        sign(KEY, **(parts | part))  # type: ignore[arg-type]


def test_codes_have_eight_characters_without_look_alikes() -> None:
    codes = {new_code(Random(seed).randrange) for seed in range(2000)}
    assert len(codes) == 2000
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) == set(ALPHABET) == set("ABCDEFGHJKMNPQRSTUVWXYZ23456789")


@pytest.mark.parametrize("typed", ["K7MPQ2XA", "k7mp q2xa", " K7MP-Q2XA ", "k7mp–q2xa", "K7.MP.Q2.XA"])
def test_a_typed_code_has_one_spelling(typed: str) -> None:
    assert normalise_code(typed) == "K7MPQ2XA"


@pytest.mark.parametrize(
    "typed", ["", "K7MPQ2X", "K7MPQ2XAB", "K7MPQ2X0", "K7MPQ2XI", "ſ7MPQ2XA", "K7MP/Q2XA", "\ud800"]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(BadTicket):
        normalise_code(typed)


@given(st.text(max_size=40))
def test_a_normalised_code_stays_as_it_is(typed: str) -> None:
    try:
        code = normalise_code(typed)
    except BadTicket:
        return
    assert normalise_code(code) == code
