"""The letters of an instance without a mail server: files in its folder, read back."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path


@dataclass(frozen=True)
class Letter:
    """A letter as its reader sees it; `name` is its file's, `html` has its pictures inside, `files` are (name, kind)."""

    name: str
    subject: str
    sender: str
    to: str
    at: datetime
    text: str
    html: str
    files: tuple[tuple[str, str], ...]


def letters(folder: Path) -> list[Letter]:
    """Every letter in the folder, the latest first."""
    paths = [path for path in folder.glob("*.eml") if path.is_file()]
    found = [_letter(path, _read(path)) for path in paths]
    return sorted(found, key=lambda one: (one.at, one.name), reverse=True)


def letter_by_name(folder: Path, name: str) -> Letter | None:
    """One letter by the name of its file; None where the folder has none of that name."""
    path = _path(folder, name)
    return _letter(path, _read(path)) if path else None


def enclosed(folder: Path, name: str, number: int) -> tuple[str, str, bytes] | None:
    """(name, kind, content) of a letter's file, counted from 1."""
    path = _path(folder, name)
    files = _files(_read(path)) if path else []
    if not 1 <= number <= len(files):
        return None
    part = files[number - 1]
    content = part.get_payload(decode=True)
    return part.get_filename() or "", part.get_content_type(), content if isinstance(content, bytes) else b""


def _path(folder: Path, name: str) -> Path | None:
    return next((path for path in folder.glob("*.eml") if path.name == name and path.is_file()), None)


def _read(path: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=default).parsebytes(path.read_bytes())


def _letter(path: Path, mail: EmailMessage) -> Letter:
    text, html = (_body(mail, kind) for kind in ("plain", "html"))
    for part in mail.walk():
        cid = str(part.get("Content-ID", "")).strip("<>")
        if cid and part.get_content_maintype() == "image":
            content = part.get_payload(decode=True)
            image = b64encode(content if isinstance(content, bytes) else b"").decode()
            html = html.replace(f"cid:{cid}", f"data:{part.get_content_type()};base64,{image}")
    return Letter(
        name=path.name,
        subject=str(mail.get("Subject", "")),
        sender=str(mail.get("From", "")),
        to=str(mail.get("To", "")),
        at=_when(mail, path),
        text=text,
        html=html,
        files=tuple((one.get_filename() or "", one.get_content_type()) for one in _files(mail)),
    )


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    content = part.get_content() if part else ""
    return content if isinstance(content, str) else ""


def _files(mail: EmailMessage) -> list[EmailMessage]:
    """What is enclosed by name; pictures of the HTML have none."""
    return [
        part for part in mail.walk()
        if isinstance(part, EmailMessage) and part.get_filename() and not part.is_multipart() and not part.get("Content-ID")
    ]  # fmt: skip


def _when(mail: EmailMessage, path: Path) -> datetime:
    try:
        at = parsedate_to_datetime(str(mail.get("Date")))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
