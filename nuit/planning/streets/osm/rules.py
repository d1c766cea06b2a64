"""What a bicycle may do on a way, from its tags (wiki.openstreetmap.org/wiki/Bicycle, OSM_tags_for_routing).

Swiss law where the tags are silent: bicycles ride on roads and tracks, are pushed on foot ways and in pedestrian zones,
and stay off motorways and motor roads.
"""

from typing import NamedTuple

from nuit.planning.streets.osm.extract import Tags

KINDS = {
    "motorway": "primary", "trunk": "primary", "primary": "primary", "secondary": "secondary", "tertiary": "secondary",
    "unclassified": "residential", "residential": "residential", "living_street": "residential", "road": "residential",
    "busway": "residential", "bus_guideway": "residential", "pedestrian": "residential", "service": "service",
    "cycleway": "cycleway", "track": "path", "path": "path", "footway": "path", "bridleway": "path", "steps": "steps",
}  # fmt: skip
ON_FOOT = {"footway", "pedestrian", "bridleway", "steps"}
"""Where a bicycle is pushed unless the tags say otherwise."""
FAST = {"motorway", "trunk", "primary", "secondary"}
"""Roads on which nobody walks where bicycles are forbidden, unless the tags say so."""
WELCOME = {"yes", "designated", "permissive", "official", "destination", "customers"}
DENIED = {"no", "private", "military", "emergency"}
CLIMBING = {"demanding_mountain_hiking", "alpine_hiking", "demanding_alpine_hiking", "difficult_alpine_hiking"}
TRAILS = {"mountain_hiking", *CLIMBING}
HARD = {"very_bad", "horrible", "very_horrible", "impassable"}
ROUGH = {
    "unpaved", "gravel", "pebblestone", "dirt", "earth", "ground", "grass", "mud", "sand", "rock", "rocks", "stone",
    "woodchips", "cobblestone", "unhewn_cobblestone", "grass_paver", "stepping_stones", "salt", "snow",
}  # fmt: skip
NOT_LIT = {"no", "disused"}
AROUND = {"roundabout", "circular", "mini_roundabout"}


class Street(NamedTuple):
    """A way as we ride it. `direction`: 1 or −1 where wheels go one way only, as drawn or against it; 0 both.

    `lifted`: a bridge or a tunnel, whose height is not the ground's. `bike` false: pushed. `rough`: unpaved.
    """

    kind: str
    name: str | None
    lit: bool | None
    direction: int
    bike: bool
    rough: bool
    lifted: bool


def street_of(tags: Tags) -> Street | None:
    """What the way is to us; None where neither wheels nor feet may go."""
    highway = tags.get("highway", "").removesuffix("_link")
    if highway not in KINDS or tags.get("indoor") == "yes" or tags.get("sac_scale") in CLIMBING:
        return None
    rides = _rides(highway, tags)
    if not rides and not _walks(highway, tags):
        return None
    return Street(
        kind=_kind(highway, tags),
        name=tags.get("name") or None,
        lit=None if "lit" not in tags else tags["lit"] not in NOT_LIT,
        direction=_direction(tags) if rides else 0,
        bike=rides,
        rough=_is_rough(highway, tags),
        lifted=_is_tunnel(tags) or _is_bridge(tags),
    )


def wait_at(tags: Tags) -> float | None:
    """Seconds lost at a barrier on the way; None where it is closed to bicycles."""
    bicycle = tags.get("bicycle")
    if bicycle == "no" or (bicycle is None and (tags.get("access") in DENIED or tags.get("locked") == "yes")):
        return None
    kind = tags["barrier"]
    if bicycle is None and kind in CLOSED:
        return None
    return WAITS.get(kind, 0.0)


def turn_rule(tags: Tags) -> str:
    """What a relation says of a turn on wheels: "no" (not this one), "only" (this one alone), or nothing."""
    if tags.get("type") != "restriction" or "bicycle" in tags.get("except", "").replace(" ", "").split(";"):
        return ""
    told = tags.get("restriction:bicycle") or tags.get("restriction", "")
    rule, _, turn = told.partition("_")
    return rule if rule in ("no", "only") and turn in TURNS else ""


TURNS = {"left_turn", "right_turn", "straight_on"}
CLOSED = {"wall", "fence", "hedge", "debris", "log", "ditch", "retaining_wall", "stile", "full-height_turnstile",
          "turnstile", "jersey_barrier", "yes"}  # fmt: skip
WAITS = {"gate": 10.0, "swing_gate": 5.0, "lift_gate": 3.0, "sliding_gate": 10.0, "hampshire_gate": 15.0,
         "kissing_gate": 20.0, "cycle_barrier": 5.0, "chain": 8.0, "rope": 8.0, "block": 1.0, "bollard": 1.0,
         "stile": 40.0, "turnstile": 20.0, "motorcycle_barrier": 5.0}  # fmt: skip
"""Seconds to brake, get through and set off again: our estimate."""


def _rides(highway: str, tags: Tags) -> bool:
    """Whether a bicycle is ridden here."""
    bicycle = tags.get("bicycle")
    if bicycle in WELCOME:
        return highway != "steps"
    if bicycle is not None or highway in ON_FOOT:
        return False  # no, dismount, private, use_sidepath: at most beside the bicycle
    if highway in ("motorway", "busway", "bus_guideway") or tags.get("motorroad") == "yes":
        return False
    if _denied(tags.get("vehicle")) or ("vehicle" not in tags and _denied(tags.get("access"))):
        return False
    return not _is_trail(highway, tags)


def _is_trail(highway: str, tags: Tags) -> bool:
    """A path for boots or mountain bikes, or one signed for walkers alone."""
    if tags.get("smoothness") in HARD or tags.get("sac_scale") in TRAILS or tags.get("tracktype") == "grade5":
        return True
    if tags.get("mtb:scale", "0")[:1] not in "01":
        return True
    return highway == "path" and tags.get("foot") == "designated"


def _walks(highway: str, tags: Tags) -> bool:
    """Whether one may walk here, beside a bicycle too."""
    foot = tags.get("foot")
    if foot in WELCOME:
        return True
    if foot is not None:
        return foot not in DENIED and foot != "use_sidepath"
    if highway in FAST and (highway == "motorway" or "motorroad" in tags or "bicycle" in tags):
        return tags.get("sidewalk", "no") not in ("no", "none", "separate")
    if tags.get("footway") == "sidewalk":  # drawn beside a street that we know
        return False
    return highway not in ("busway", "bus_guideway") and not _denied(tags.get("access"))


def _denied(value: str | None) -> bool:
    return value in DENIED


def _direction(tags: Tags) -> int:
    """1, −1 or 0; what is said of bicycles goes before what is said of all."""
    own = tags.get("oneway:bicycle")
    if own is not None:
        return _sense(own)
    found = _sense(tags.get("oneway", ""))
    if found == 0 and "oneway" not in tags and tags.get("junction") in AROUND:
        found = 1
    return 0 if _contraflow(tags) else found


def _sense(oneway: str) -> int:
    if oneway in ("yes", "true", "1"):
        return 1
    return -1 if oneway in ("-1", "reverse") else 0


def _contraflow(tags: Tags) -> bool:
    """Whether bicycles may ride against the one way."""
    lanes = ["cycleway", "cycleway:both", "cycleway:left", "cycleway:right"]
    if any(tags.get(lane, "").startswith("opposite") for lane in lanes):
        return True
    if any(tags.get(f"{lane}:oneway") in ("no", "-1") and tags.get(lane) != "no" for lane in lanes):
        return True
    return tags.get("bicycle:backward") in WELCOME


def _kind(highway: str, tags: Tags) -> str:
    if highway == "steps":
        return "steps"
    if _is_tunnel(tags):
        return "tunnel"
    if _is_bridge(tags):
        return "bridge"
    if tags.get("junction") in AROUND:
        return "roundabout"
    if highway in ("footway", "path", "track") and tags.get("bicycle") in ("designated", "official"):
        return "cycleway"
    return KINDS[highway]


def _is_tunnel(tags: Tags) -> bool:
    return tags.get("tunnel", "no") not in ("no", "building_passage", "avalanche_protector", "culvert")


def _is_bridge(tags: Tags) -> bool:
    return tags.get("bridge", "no") not in ("no", "abandoned")


def _is_rough(highway: str, tags: Tags) -> bool:
    if "surface" in tags:
        return tags["surface"].split(":")[0].split(";")[0] in ROUGH
    return highway == "track" and tags.get("tracktype") in ("grade3", "grade4", "grade5")
