"""QR codes as SVG and PNG: crisp at any size, dark on white in both themes."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from typing import Any, Literal

import numpy as np
import png
import qrcode
from markupsafe import Markup
from numpy.typing import NDArray
from qrcode.base import RSBlock, rs_blocks
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import PAD0, PAD1, BitBuffer, QRData, create_bytes, length_in_bits

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
    dark = np.pad(_matrix(text, version), QUIET)
    pixels = np.packbits(~dark.repeat(scale, 0).repeat(scale, 1), axis=1)
    side = len(dark) * scale
    drawn = BytesIO()
    png.Writer(side, side, greyscale=True, bitdepth=1).write_packed(drawn, (row.tobytes() for row in pixels))
    return drawn.getvalue()


@lru_cache(maxsize=512)
def _drawing(text: str, version: int | None) -> tuple[str, int]:
    """(path, modules a side): drawn once, for a party looks at its codes again and again."""
    dark = _matrix(text, version)
    edges = np.diff(np.pad(dark.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    (rows, begins), (_rows, ends) = np.nonzero(edges == 1), np.nonzero(edges == -1)
    runs = zip(begins.tolist(), rows.tolist(), (ends - begins).tolist(), strict=True)
    return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in runs), len(dark)


def _matrix(text: str, version: int | None) -> NDArray[np.bool_]:
    if version == TICKET_VERSION and ALPHANUMERIC.fullmatch(text):
        bits = _bits_of_ticket(text)
        if bits is not None:
            return _filled(bits)
    return library_matrix(text, version)


def library_matrix(text: str, version: int | None) -> NDArray[np.bool_]:
    """The code as qrcode makes it from end to end: dark modules, row by row. Raises ValueError where no size holds it."""
    mode: Literal[2, 4] = 2 if ALPHANUMERIC.fullmatch(text) else 4  # alphanumeric, else bytes
    code = _code(version)
    code.add_data(QRData(text.encode(), mode=mode))
    code.make(fit=True)
    return np.array(code.modules, dtype=np.bool_)


def _code(version: int | None) -> "qrcode.QRCode[Any]":
    mask = None if version is None else MASK
    return qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_M, border=0, mask_pattern=mask)


# Tickets are all of one size and one mask. There a code is an affine function of its bits (over GF(2)), and the parity of
# a block a linear one of its bytes: both are learnt from qrcode once a process, instead of computed module by module.


@dataclass(frozen=True)
class _Learnt:
    """Of tickets: the code of nothing but zeros, where each bit lies in it, and each byte's share of its block's parity.

    `share` is [byte's place in its block, byte's value, parity byte].
    """

    blank: NDArray[np.bool_]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    blocks: int
    share: NDArray[np.uint8]


@cache
def _learnt() -> _Learnt:
    blocks = rs_blocks(TICKET_VERSION, ERROR_CORRECT_M)
    count = 8 * sum(block.total_count for block in blocks)
    blank, order = _written(np.zeros(count, np.uint8)), np.arange(count)
    is_data = blank ^ _written(np.ones(count, np.uint8))
    number = np.zeros(blank.shape, np.int64)
    for power in range(count.bit_length()):
        number |= (blank ^ _written((order >> power & 1).astype(np.uint8))).astype(np.int64) << power
    rows, columns = np.nonzero(is_data)
    sequence = np.argsort(number[rows, columns])
    size, parity = blocks[0].data_count, blocks[0].total_count - blocks[0].data_count
    share = np.zeros((size, 256, parity), np.uint8)
    for place in range(size):
        for power in range(8):
            share[place, 1 << power] = _parity(place, 1 << power, blocks[0])
        for value in range(1, 256):
            low = value & -value
            share[place, value] = share[place, value ^ low] ^ share[place, low]
    return _Learnt(blank, rows[sequence], columns[sequence], len(blocks), share)


def _written(bits: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """A ticket's code with these bits in place of its data and parity."""
    code = _code(TICKET_VERSION)
    code.data_cache = np.packbits(bits).tolist()
    code.makeImpl(False, MASK)
    return np.array(code.modules, dtype=np.bool_)


def _parity(place: int, value: int, block: RSBlock) -> list[int]:
    """The parity of a block that is zero but for one byte."""
    buffer = BitBuffer()
    buffer.buffer = [0] * block.data_count
    buffer.buffer[place] = value
    return create_bytes(buffer, [block])[block.data_count :]


def _bits_of_ticket(text: str) -> NDArray[np.uint8] | None:
    """Data and parity, interleaved as they are read (ISO 18004, 7.5 and 7.6); None where the text is too long."""
    learnt, buffer = _learnt(), BitBuffer()
    room = learnt.blocks * len(learnt.share)
    content = QRData(text.encode(), mode=2)
    buffer.put(content.mode, 4)
    buffer.put(len(content), length_in_bits(content.mode, TICKET_VERSION))
    content.write(buffer)
    if len(buffer) > 8 * room:
        return None
    buffer.put(0, min(4, 8 * room - len(buffer)))
    filling = [PAD0, PAD1] * room
    whole = np.array((buffer.buffer + filling)[:room], np.uint8).reshape(learnt.blocks, -1)
    parity = np.bitwise_xor.reduce(learnt.share[np.arange(whole.shape[1]), whole], axis=1)
    return np.unpackbits(np.concatenate([whole.T.ravel(), parity.T.ravel()]))


def _filled(bits: NDArray[np.uint8]) -> NDArray[np.bool_]:
    learnt = _learnt()
    code = learnt.blank.copy()
    code[learnt.rows[: len(bits)], learnt.columns[: len(bits)]] ^= bits.astype(np.bool_)
    return code
