"""What a mail server's answer means, and when to try again."""

import re
import smtplib
from datetime import datetime, timedelta

PAUSES = (5, 15, 60, 300, 900, 1800, *[3600] * 20)
"""Seconds to wait after each failed attempt; after the last one the message is given up."""
ADDRESS = re.compile(r"[^\s<>@:;,\"']+@[^\s<>@:;,\"']+")


class Undelivered(Exception):
    """A message did not get through; `reason` says why without any address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Bounced(Undelivered):
    """The server will never take this message."""


class Unwritable(Undelivered):
    """The message tells of something that is not there any more."""


class Moot(Undelivered):
    """What it was to tell has no object any more, and nobody misses it: an evening given back needs no reminder."""


class Later(Undelivered):
    """The server, the network or we ourselves are in trouble: worth another attempt."""


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts (1, 2, …); None when it is time to give up."""
    return timedelta(seconds=PAUSES[attempts - 1]) if attempts <= len(PAUSES) else None


def file_name(key: str, due_at: datetime) -> str:
    """The name of a letter's file where there is no server. The same for the same promise: written twice, it is one."""
    return f"{due_at:%Y%m%dT%H%M%S%f}-" + "".join(one if one.isalnum() else "-" for one in key)


def outcome(error: Exception) -> Undelivered:
    """What an error in the conversation with a mail server means for the one message at hand.

    5xx on the recipient or the content is a bounce (RFC 5321 4.2.1); 4xx, a dropped line and everything that concerns
    all messages alike (greeting, sign-in, sender, TLS) is worth another attempt.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()), (550, b""))
        return _by_code(code, text)
    if isinstance(error, smtplib.SMTPDataError):
        return _by_code(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Bounced("553 the server does not take such an address")
    if isinstance(error, smtplib.SMTPResponseException):
        return Later(said(error.smtp_code, error.smtp_error))
    return Later(type(error).__name__)


def said(code: int, text: bytes | str) -> str:
    """A server's answer in one line, without addresses or control characters."""
    plain = text.decode(errors="replace") if isinstance(text, bytes) else text
    printable = "".join(one if one.isprintable() else " " for one in ADDRESS.sub("<…>", plain))
    return f"{code} {' '.join(printable.split())}"[:200].strip()


def _by_code(code: int, text: bytes | str) -> Undelivered:
    return Bounced(said(code, text)) if code >= 500 else Later(said(code, text))
