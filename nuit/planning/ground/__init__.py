"""The ground of a map: areas, lines and names of a region, cut into the pieces that a page shows.

ground = schematic_ground(folder)            # ours of Sion; or ground_of(extract), or stored_ground(file)
piece = tile_piece(ground, zoom, x, y)       # paths and names of one square of a map on the web
part = picture_piece(ground, box)            # paths of a part drawn as a picture
"""

from nuit.planning.ground.cutting import Piece, picture_piece, tile_piece
from nuit.planning.ground.making import ground_of
from nuit.planning.ground.naming import Label, labels_at
from nuit.planning.ground.schematic import schematic_ground
from nuit.planning.ground.shapes import KINDS, Box, Ground, Name, ground_from
from nuit.planning.ground.stored import store_ground, stored_ground

__all__ = [
    "KINDS",
    "Box",
    "Ground",
    "Label",
    "Name",
    "Piece",
    "ground_from",
    "ground_of",
    "labels_at",
    "picture_piece",
    "schematic_ground",
    "store_ground",
    "stored_ground",
    "tile_piece",
]
