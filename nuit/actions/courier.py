"""The way out of the house: an SMTP server, or files where there is none."""

import os
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, unquote, urlsplit

from nuit.planning.delivery import Later, outcome

PATIENCE = 10.0
"""Seconds to wait for each answer of the server."""


@dataclass
class Courier:
    """Delivers one letter after another over one connection; used in a `with`.

    `url` is smtp://user:password@host:port or smtps:// (with ?timeout=SECONDS), "" for files in `folder`.
    A password is only ever sent over a verified TLS connection.
    """

    url: str
    folder: Path
    _line: smtplib.SMTP | None = field(default=None, init=False)

    def __enter__(self) -> "Courier":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up(politely=True)

    def deliver(self, letter: EmailMessage, *, to: str, name: str) -> None:
        """Hands one letter over; `name` is the file's where there is no server. Raises Bounced or Later."""
        try:
            if self.url:
                self._send(letter, to)
            else:
                self._write(letter, name)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._hang_up(politely=False)
            raise outcome(error) from error

    def _send(self, letter: EmailMessage, to: str) -> None:
        line = self._line = self._line or self._call()
        line.send_message(letter, from_addr=parseaddr(str(letter["From"]))[1], to_addrs=[to])

    def _call(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        timeout = float(parse_qs(parts.query).get("timeout", [str(PATIENCE)])[0])
        host, user, password = parts.hostname or "localhost", unquote(parts.username or ""), parts.password
        if parts.scheme == "smtps":
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=timeout, context=ssl.create_default_context()
            )
        else:
            line = smtplib.SMTP(host, parts.port or 25, timeout=timeout)
            self._encrypt(line, needed=bool(user))
        if user:
            line.login(user, unquote(password or ""))
        return line

    def _encrypt(self, line: smtplib.SMTP, *, needed: bool) -> None:
        line.ehlo_or_helo_if_needed()
        if line.has_extn("starttls"):
            # Without a password an unverified line is still better than an open one.
            line.starttls(context=ssl.create_default_context() if needed else ssl._create_unverified_context())  # noqa: S323
        elif needed:
            line.close()
            raise Later("the server offers no TLS, and the password is not sent without")

    def _write(self, letter: EmailMessage, name: str) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{name}.eml"
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(letter.as_bytes())
        fresh.replace(path)  # at once: nobody reads half a letter

    def _hang_up(self, *, politely: bool) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        try:
            if politely:
                line.quit()
        except (smtplib.SMTPException, OSError):
            pass  # the letters are delivered; the server need not hear goodbye
        finally:
            line.close()
