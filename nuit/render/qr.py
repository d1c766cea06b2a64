"""QR codes as SVG and PNG: crisp at any size, dark on white in both themes."""

import re
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import Literal

import numpy as np
import png
import qrcode
from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import QRData

QUIET = 4
"""Modules of white around a code (ISO 18004, 6.3.8)."""
MASK = 2
"""Fixed for tickets, whose text is as good as random: trying all eight masks costs four times as long."""
TICKET_VERSION = 7
"""45 modules: 178 characters, a ticket's address while the host has at most 29."""
ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]+", re.ASCII)


def qr_svg(text: str, *, version: int | None = None, label: str = "") -> Markup:
    """The text as an SVG of one path, error correction M; `label` says to a screen reader what it is.

    `version` is the least size (`TICKET_VERSION` for tickets: all alike); a longer text gets the next that holds it.
    Raises ValueError where no size does.
    """
    path, side = _drawing(text, version)
    named = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup(
        '<svg class="qr" viewBox="{begin} {begin} {size} {size}"{named} shape-rendering="crispEdges">'
        '<path fill="#fff" d="M{begin} {begin}h{size}v{size}h-{size}z"/><path fill="#0b1230" d="{path}"/></svg>'
    ).format(begin=-QUIET, size=side + 2 * QUIET, named=named, path=path)


def qr_file(text: str, *, version: int | None = None) -> bytes:
    """The same as an SVG document of its own, for where a picture is a file."""
    return str(qr_svg(text, version=version)).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1).encode()


def qr_png(text: str, *, version: int | None = None, scale: int = 8) -> bytes:
    """The text as a black and white PNG, `scale` pixels a module, for mails: most readers drop SVG."""
    dark = np.pad(np.array(_matrix(text, version), dtype=np.bool_), QUIET)
    pixels = np.packbits(~dark.repeat(scale, 0).repeat(scale, 1), axis=1)
    side = len(dark) * scale
    drawn = BytesIO()
    png.Writer(side, side, greyscale=True, bitdepth=1).write_packed(drawn, (row.tobytes() for row in pixels))
    return drawn.getvalue()


@lru_cache(maxsize=512)
def _drawing(text: str, version: int | None) -> tuple[str, int]:
    """(path, modules a side): drawn once, for a party looks at its codes again and again."""
    rows = _matrix(text, version)
    runs = [(x, y, length) for y, row in enumerate(rows) for x, length in _runs(row)]
    return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in runs), len(rows)


def _matrix(text: str, version: int | None) -> list[list[bool]]:
    mode: Literal[2, 4] = 2 if ALPHANUMERIC.fullmatch(text) else 4  # alphanumeric, else bytes
    mask = None if version is None else MASK
    code = qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_M, border=0, mask_pattern=mask)
    code.add_data(QRData(text.encode(), mode=mode))
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.modules]


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """(first module, length) of each dark run."""
    found, x = [], 0
    for dark, modules in groupby(row):
        length = sum(1 for _ in modules)
        found += [(x, length)] * dark
        x += length
    return found
