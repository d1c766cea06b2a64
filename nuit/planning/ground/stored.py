"""A ground in one compact file: columns of numbers (.npz), written at once; never a pickle."""

import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np

from nuit.planning.ground.shapes import KINDS, Ground, Name
from nuit.planning.streets.network import BrokenNetwork

FORMAT = 1


def store_ground(ground: Ground, path: Path) -> None:
    """Writes the ground: a reader sees the old file or the new one."""
    told = {
        "format": FORMAT, "kinds": list(KINDS), "box": ground.box, "approximate": ground.approximate,
        "names": [[one.kind, one.text, one.lon, one.lat, one.rank, one.angle] for one in ground.names],
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with new.open("wb") as file:
            np.savez_compressed(
                file,
                allow_pickle=False,
                told=np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), dtype=np.uint8),
                kinds=ground.kinds.astype(np.uint8),
                starts=ground.starts.astype(np.int32),
                points=ground.points.astype(np.int32),
            )
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def stored_ground(path: Path) -> Ground:
    """A ground as it was stored; BrokenNetwork when the file is not one of ours."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as columns:
            told = json.loads(columns["told"].tobytes())
            kinds, starts, points = (columns[name].astype(np.int64) for name in ("kinds", "starts", "points"))
    except (OSError, EOFError, KeyError, IndexError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise BrokenNetwork(f"{path.name}: {error}") from error
    if told["format"] != FORMAT or told["kinds"] != list(KINDS) or len(starts) != len(kinds) + 1:
        raise BrokenNetwork(f"{path.name} was written by another version")
    if points.shape != (int(starts[-1]), 2):
        raise BrokenNetwork(f"{path.name}: its columns do not fit each other")
    west, south, east, north = told["box"]
    names = tuple(Name(*one) for one in told["names"])
    return Ground((west, south, east, north), told["approximate"], kinds, starts, points, names)
