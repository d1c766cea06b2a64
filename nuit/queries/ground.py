"""The ground under every map: the one that was loaded with the streets, else our own of Sion."""

import logging
from functools import lru_cache
from pathlib import Path

from nuit.planning.ground import Ground, schematic_ground, stored_ground
from nuit.planning.streets import BrokenNetwork

GEO = Path(__file__).parents[2] / "geo" / "sion"
Stamp = tuple[int, int, int]
_loaded: list[Path] = []


def ground_file(instance: Path) -> Path:
    """Where the ground lies that was loaded into an instance's folder."""
    return instance / "streets" / "ground.npz"


def use_ground(instance: Path) -> None:
    """From now on this process shows the ground loaded into this folder, where there is one."""
    _loaded[:] = [ground_file(instance)]


def ground() -> Ground:
    """The ground in use, the same object until another is loaded: looking costs one `stat`."""
    for file in _loaded:
        try:
            found = file.stat()
        except OSError:
            continue
        return _stored(file, (found.st_mtime_ns, found.st_size, found.st_ino)) or _built_in()
    return _built_in()


@lru_cache(maxsize=2)
def _stored(file: Path, stamp: Stamp) -> Ground | None:
    try:
        return stored_ground(file)
    except BrokenNetwork as error:
        logging.getLogger("nuit").error("the ground that was loaded cannot be read, the built-in one is shown: %s", error)  # fmt: skip
        return None


@lru_cache(maxsize=1)
def _built_in() -> Ground:
    return schematic_ground(GEO)
