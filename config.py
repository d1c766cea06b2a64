"""Settings, read once from the environment and from instance/config.py.

HOST, PORT        where the server listens (127.0.0.1, 8000)
NUIT_URL          the public address: what QR codes and mails say; its scheme decides cookies and HSTS
NUIT_INSTANCE     the folder of database, keys and mail (instance/)
DATABASE_URL      SQLite or PostgreSQL; the instance's own SQLite without it
SMTP_URL          smtp://user:password@host:port (smtps:// for TLS at once); mails go to files without it
NUIT_LIMITS       off: no rate limits and no limit of bookings per address (load tests)
OVERPASS_URL      where bin/nuit streets fetch asks for streets; ELEVATION_URL for heights ("off": none)
NUIT_STREETS      fetch: bin/run fetches streets in the background where none were loaded yet
NUIT_NOW          rehearsal: the instant the house's clock is set to
"""

import os
import runpy
import socket
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent


def instance_folder() -> Path:
    """The folder of everything that is this installation's own."""
    return Path(os.environ.get("NUIT_INSTANCE") or ROOT / "instance").resolve()


def database_url(text: str | None, folder: Path) -> str:
    """SQLAlchemy's address of the database; any spelling of PostgreSQL gets the psycopg driver."""
    if not text:
        return f"sqlite:///{folder / 'nuit.sqlite'}"
    for scheme in ("postgresql://", "postgres://"):
        if text.startswith(scheme):
            return "postgresql+psycopg://" + text[len(scheme) :]
    return text


def whole(name: str, default: int) -> int:
    """A setting that is a number; anything else ends the program with a sentence."""
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise SystemExit(f"{name} is no number from 0 to 65535: {text!r}")
    return int(text)


def reachable(host: str) -> str:
    """The host as an address says it; for "every interface" this machine's own address on its network."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - read, not bound
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # sends nothing: asks the routing table
                host = str(probe.getsockname()[0])
            except OSError:
                host = "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def settings() -> dict[str, Any]:
    """Flask's configuration for this process."""
    folder = instance_folder()
    host, port = os.environ.get("HOST") or "127.0.0.1", whole("PORT", 8000)
    found: dict[str, Any] = {
        "NUIT_INSTANCE": folder,
        "NUIT_URL": (os.environ.get("NUIT_URL") or f"http://{reachable(host)}:{port}").rstrip("/"),
        "SQLALCHEMY_DATABASE_URI": database_url(os.environ.get("DATABASE_URL"), folder),
        "SMTP_URL": os.environ.get("SMTP_URL") or "",
        "NUIT_LIMITS": os.environ.get("NUIT_LIMITS") != "off",
        "MAIL_FROM": os.environ.get("MAIL_FROM") or "La nuit de l’industrie <nuit@localhost>",
        "OVERPASS_URL": os.environ.get("OVERPASS_URL") or "https://overpass-api.de/api/interpreter",
        "ELEVATION_URL": os.environ.get("ELEVATION_URL") or "https://s3.amazonaws.com/elevation-tiles-prod/skadi",
        "NUIT_PROXIES": whole("NUIT_PROXIES", 0),
    }
    own = folder / "config.py"
    if own.exists():
        found |= {key: value for key, value in runpy.run_path(str(own)).items() if key.isupper()}
    return found
