"""Settings, read once from the environment and from instance/config.py.

HOST, PORT        where the server listens (127.0.0.1, 8000)
NUIT_URL          the public address: what QR codes and mails say; its scheme decides cookies and HSTS
NUIT_INSTANCE     the folder of database, keys and mail (instance/)
DATABASE_URL      SQLite or PostgreSQL; the instance's own SQLite without it
SMTP_URL          smtp://user:password@host:port (smtps:// for TLS at once); mails go to files without it
NUIT_LIMITS       off: no rate limits and no limit of bookings per address (load tests)
NUIT_NOW          rehearsal: the instant the house's clock is set to
"""

import os
import runpy
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


def settings() -> dict[str, Any]:
    """Flask's configuration for this process."""
    folder = instance_folder()
    host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8000)
    shown = f"[{host}]" if ":" in host else host
    found: dict[str, Any] = {
        "NUIT_INSTANCE": folder,
        "NUIT_URL": (os.environ.get("NUIT_URL") or f"http://{shown}:{port}").rstrip("/"),
        "SQLALCHEMY_DATABASE_URI": database_url(os.environ.get("DATABASE_URL"), folder),
        "SMTP_URL": os.environ.get("SMTP_URL") or "",
        "NUIT_LIMITS": os.environ.get("NUIT_LIMITS") != "off",
        "MAIL_FROM": os.environ.get("MAIL_FROM") or "La nuit de l’industrie <nuit@localhost>",
        "NUIT_PROXIES": int(os.environ.get("NUIT_PROXIES") or 0),
    }
    own = folder / "config.py"
    if own.exists():
        found |= {key: value for key, value in runpy.run_path(str(own)).items() if key.isupper()}
    return found
