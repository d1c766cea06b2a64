"""The instance's keys: made once, kept in the instance folder, never in the database or the repository."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from nuit.planning.ticketcode import PARTY, TICKET, sign


@dataclass(frozen=True)
class Keys:
    """`secret` (32 bytes) signs sessions and manage links; `tickets` signs QR codes; `public` (32 bytes) verifies them."""

    secret: bytes
    tickets: Ed25519PrivateKey

    @cached_property
    def verifying(self) -> Ed25519PublicKey:
        return self.tickets.public_key()

    @property
    def public(self) -> bytes:
        return self.verifying.public_bytes_raw()

    def ticket_token(self, edition: int, night: date, token_id: bytes) -> str:
        """What a person's QR code says; good until the morning after the night. The same ticket gives the same token."""
        last_day = night + timedelta(days=1)
        return sign(self.tickets, kind=TICKET, edition=edition, last_day=last_day, token_id=token_id)

    def party_token(self, edition: int, night: date, token_id: bytes) -> str:
        """What the QR code of a whole party says."""
        last_day = night + timedelta(days=1)
        return sign(self.tickets, kind=PARTY, edition=edition, last_day=last_day, token_id=token_id)


def load_keys(folder: Path) -> Keys:
    """The keys of this instance; missing ones are made. Raises OSError when the folder cannot be written."""
    return Keys(
        secret=_kept(folder / "keys" / "secret", lambda: secrets.token_bytes(32)),
        tickets=Ed25519PrivateKey.from_private_bytes(_kept(folder / "keys" / "tickets", _new_ticket_key)),
    )


def _new_ticket_key() -> bytes:
    raw = serialization.Encoding.Raw
    return Ed25519PrivateKey.generate().private_bytes(
        raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(make())
        try:
            os.link(fresh, path)  # atomic: the first of several processes wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()


def manage_token(secret: bytes, reference: str, epoch: int) -> str:
    """What lets a visitor manage a booking: HMAC-SHA256 over reference and epoch, 128 bit, hex; never stored."""
    return hmac.new(secret, f"manage:{reference}:{epoch}".encode(), hashlib.sha256).hexdigest()[:32]


def manages(secret: bytes, reference: str, epoch: int, token: str) -> bool:
    """Whether `token` is the manage token of that booking, compared in constant time."""
    return hmac.compare_digest(manage_token(secret, reference, epoch).encode(), token.encode())


def confirm_token(secret: bytes, reference: str, email: str) -> str:
    """What only the reader of that address's mail has: it confirms the booking. 128 bit, hex; never stored.

    Another address gives another token: links that were sent to a mistyped one end.
    """
    return hmac.new(secret, f"confirm:{reference}:{email}".encode(), hashlib.sha256).hexdigest()[:32]


def confirms(secret: bytes, reference: str, email: str, token: str) -> bool:
    """Whether `token` confirms that booking at that address, compared in constant time."""
    return hmac.compare_digest(confirm_token(secret, reference, email).encode(), token.encode())


def door_salt(secret: bytes, host: int) -> str:
    """What salts the codes in one door's list, 96 bit, hex: another door's list tells nothing about this one's."""
    return hmac.new(secret, f"door:{host}".encode(), hashlib.sha256).hexdigest()[:24]


def survey_token(secret: bytes, reference: str) -> str:
    """What lets a party say what it thought of its visits, and nothing else: 128 bit, hex; never stored."""
    return hmac.new(secret, f"survey:{reference}".encode(), hashlib.sha256).hexdigest()[:32]


def may_answer(secret: bytes, reference: str, token: str) -> bool:
    """Whether `token` is the survey token of that booking, compared in constant time."""
    return hmac.compare_digest(survey_token(secret, reference).encode(), token.encode())


def fingerprint(text: str) -> str:
    """SHA-256 of a token, hex: the only form in which tokens of members and devices are kept."""
    return hashlib.sha256(text.encode()).hexdigest()
