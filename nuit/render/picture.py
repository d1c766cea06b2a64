"""A picture somebody sends, made into one that is safe to show: decoded within bounds, drawn anew, nothing else kept."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from nuit.errors import PictureRefused

LARGEST = 5 * 2**20
"""Bytes of a file."""
MOST_PIXELS = 25_000_000
"""Before anything is decoded: 25 million pixels take 100 MB."""
SIDE = 1600
LEAST = 64
FORMATS = ("PNG", "JPEG", "WEBP")
KEPT = {"quality": 82, "method": 4, "exif": b"", "icc_profile": b"", "xmp": b""}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A WebP without position, camera or comment, and its size in pixels."""

    width: int
    height: int
    content: bytes


def safe_picture(content: bytes) -> Drawn:
    """The same picture, upright, at most SIDE pixels wide or high, re-encoded as WebP.

    Judged by its content, never by its name: PNG, JPEG or WebP, within bounds of bytes and pixels that are read from
    its header before it is decoded. Raises PictureRefused with the reason.
    """
    if len(content) > LARGEST:
        raise PictureRefused(PictureRefused.TOO_HEAVY)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                return _drawn(picture)
    except PictureRefused:
        raise
    except UnidentifiedImageError:
        raise PictureRefused(PictureRefused.NO_PICTURE) from None
    except Image.DecompressionBombError:
        raise PictureRefused(PictureRefused.TOO_LARGE) from None
    except Exception:  # whatever a broken file raises in a decoder
        raise PictureRefused(PictureRefused.BROKEN) from None


def _drawn(picture: Image.Image) -> Drawn:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise PictureRefused(PictureRefused.TOO_LARGE)
    if min(width, height) < LEAST:
        raise PictureRefused(PictureRefused.TOO_SMALL)
    picture.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded no larger than needed
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((SIDE, SIDE))
    has_holes = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_holes else "RGB")
    plain.info.clear()
    out = io.BytesIO()
    plain.save(out, "WEBP", **KEPT)
    return Drawn(plain.width, plain.height, out.getvalue())
