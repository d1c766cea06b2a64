"""Asking strangers for streets and heights: one question each, with an end to patience and to size."""

import time
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from nuit.planning.streets.osm import Box

SILENCE, PATIENCE = 60.0, 240.0
"""Seconds without a byte, and in all."""
PIECE = 2**16
AGENT = "nuit-de-l-industrie/1 (one question at set-up)"
LEFT_OUT = (
    "motorway|motorway_link|proposed|construction|platform|corridor|elevator|raceway|rest_area|services|razed|abandoned"
)
SEEN = (
    'way["highway"~"^(motorway|motorway_link)$"]', 'way["building"]["building"!="no"]', 'relation["type"="restriction"]',
    'way["waterway"~"^(river|stream|canal|riverbank)$"]', 'way["railway"~"^(rail|narrow_gauge|light_rail|tram|funicular)$"]',
    'way["aeroway"~"^(runway|aerodrome)$"]', 'way["place"="square"]',
    *(
        f'{what}["{key}"~"^({values})$"]'
        for what in ("way", "relation")
        for key, values in (
            ("natural", "water|wood"), ("leisure", "park|garden|pitch|stadium|golf_course"),
            ("landuse", "forest|vineyard|orchard|residential|commercial|retail|industrial|railway|quarry|reservoir|basin|cemetery|allotments|village_green|recreation_ground"),
        )
    ),
    'node["place"~"^(city|town|village|suburb|quarter|neighbourhood|hamlet)$"]',
    'node["amenity"~"^(bicycle_parking|charging_station)$"]', 'way["amenity"="bicycle_parking"]',
    'node["highway"="bus_stop"]',
)  # fmt: skip
"""What the ground of a map is made of beside its streets, and what is of use to who comes by bicycle."""


class NotFetched(Exception):
    """Why nothing came, in words."""


def overpass_question(box: Box) -> str:
    """All ways of the box that can be streets, what lies around them on a map, and turns that are forbidden."""
    west, south, east, north = box
    here = f"({south:.3f},{west:.3f},{north:.3f},{east:.3f})"
    told = "".join(f"{one}{here};" for one in (f'way["highway"]["highway"!~"^({LEFT_OUT})$"]', *SEEN))
    return f"[out:json][timeout:180];({told});out body qt;>;out body qt;"


def fetch(url: str, file: Path, *, most: int, form: dict[str, str] | None = None) -> None:
    """Writes what the address answers into the file, whole or not at all; raises NotFetched."""
    if not url.startswith(("https://", "http://")):
        raise NotFetched(f"{url} is no web address")
    body = urlencode(form).encode() if form is not None else None
    request = Request(url, data=body, headers={"User-Agent": AGENT, "Accept": "*/*"})  # noqa: S310 - http only, above
    part = file.with_name(f".{file.name}.part")
    host = request.host
    try:
        _write(request, part, most)
        part.replace(file)
    except HTTPError as error:
        error.close()
        raise NotFetched(f"{host} answered {error.code} {error.reason}") from None
    except (URLError, HTTPException, OSError) as error:
        raise NotFetched(f"{host} does not answer ({getattr(error, 'reason', None) or error or 'cut off'})") from None
    finally:
        part.unlink(missing_ok=True)


def _write(request: Request, part: Path, most: int) -> None:
    began, size = time.monotonic(), 0
    with urlopen(request, timeout=SILENCE) as answer, part.open("wb") as file:  # noqa: S310 - http only, see above
        while piece := answer.read(PIECE):
            size += len(piece)
            if size > most:
                raise NotFetched(f"{request.host} sends more than {most // 2**20} MB")
            if time.monotonic() - began > PATIENCE:
                raise NotFetched(f"{request.host} takes longer than {PATIENCE:.0f} s")
            file.write(piece)
