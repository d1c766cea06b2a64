"""Ticket codes: the signed token inside a QR code, and the eight characters one reads aloud."""

import re
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from struct import Struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

VERSION = 1
TICKET, PARTY = 1, 2
LONGEST = 512

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without O 0 I 1 L: nobody can mistake one for another, on paper or over the phone."""
CODE_LENGTH = 8

_BODY = Struct(">BBHH16s")
_SIGNATURE = 64
_EPOCH = date(1970, 1, 1)
_TOKEN = re.compile(r"(?:HTTPS?://[^/\s]+/T/)?([A-Z2-7]{138})", re.ASCII)
_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghijklmnopqrstuv")
_SPARE = 0b11
_CODE = re.compile(rf"[{ALPHABET}]{{{CODE_LENGTH}}}", re.ASCII)


class BadTicket(ValueError):
    """The text is no ticket of ours: wrong form, version, kind or signature."""


@dataclass(frozen=True, slots=True)
class TicketCode:
    """What a token says: its kind (`TICKET` or `PARTY`), the edition's id, the last day it opens doors, its identity."""

    kind: int
    edition: int
    last_day: date
    token_id: bytes


def sign(key: Ed25519PrivateKey, *, kind: int, edition: int, last_day: date, token_id: bytes) -> str:
    """The token of a ticket or a party: 138 upper-case base32 characters, fit for a QR code's alphanumeric mode.

    Body of 22 bytes, big-endian: version 1, kind 1, edition u16, last day u16 (days since 1970-01-01, until 2149),
    identity 16; then its Ed25519 signature of 64 bytes (RFC 8032).
    Raises ValueError where a part does not fit its field.
    """
    days = (last_day - _EPOCH).days
    if kind not in (TICKET, PARTY) or len(token_id) != 16 or not 0 <= edition < 1 << 16 or not 0 <= days < 1 << 16:
        raise ValueError("a part of the ticket does not fit its field")
    body = _BODY.pack(VERSION, kind, edition, days, token_id)
    return b32encode(body + key.sign(body)).decode().rstrip("=")


def verify(public_key: Ed25519PublicKey, text: str) -> TicketCode:
    """What a token says, once its signature holds; takes the bare token or its whole address, in any case.

    Raises BadTicket. Whether the edition is tonight's is for the caller to ask.
    """
    signed = _decoded(text)
    body, signature = signed[:-_SIGNATURE], signed[-_SIGNATURE:]
    version, kind, edition, days, token_id = _BODY.unpack(body)
    if version != VERSION or kind not in (TICKET, PARTY):
        raise BadTicket("another version or kind")
    try:
        public_key.verify(signature, body)
    except InvalidSignature:
        raise BadTicket("the signature does not hold") from None
    return TicketCode(kind, edition, _EPOCH + timedelta(days=days), token_id)


def _decoded(text: str) -> bytes:
    shape = _TOKEN.fullmatch(text.strip().upper()) if text.isascii() and len(text) <= LONGEST else None
    if shape is None:
        raise BadTicket("not the form of a ticket")
    number = int(shape[1].translate(_DIGITS), 32)  # base32 as a number: ten times as fast as by the library
    if number & _SPARE:  # the last character carries two spare bits: one spelling only
        raise BadTicket("not the form of a ticket")
    return (number >> 2).to_bytes(_BODY.size + _SIGNATURE, "big")


def new_code(randbelow: Callable[[int], int]) -> str:
    """Eight characters out of 31: 8·log2(31) = 39.6 bits, enough where guesses are throttled; `secrets.randbelow`."""
    return "".join(ALPHABET[randbelow(len(ALPHABET))] for _ in range(CODE_LENGTH))


def shown_code(code: str) -> str:
    """A code as one reads it aloud, in two halves: ABCD-EFGH."""
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def ticket_address(url: str, token: str) -> str:
    """The address in a ticket's QR code, in upper case so that it stays in the alphanumeric mode (ISO 18004, 7.4.4)."""
    return f"{url}/T/{token}".upper()


def normalise_code(text: str) -> str:
    """A typed code as it is stored: upper case, without blanks, points or dashes. Raises BadTicket for anything else."""
    code = re.sub(r"[\s.\-\u2010-\u2015]+", "", text[:LONGEST])
    if not code.isascii() or not _CODE.fullmatch(code.upper()):
        raise BadTicket("not the form of a code")
    return code.upper()
