"""Turns that wheels may not take: who comes to a junction from a barred side stands at a node of its own there.

From that node all streets of the junction lead on but the forbidden ones, so that the search itself knows nothing of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from nuit.planning.streets.network import Network


@dataclass(frozen=True, eq=False)
class Turning:
    """The graph with its barred turns: arc i runs from `tails[i]` to `heads[i]` and rides arc `base[i]` of the links.

    `barred` holds for a junction the nodes of their own there, each with the arcs that do not lead on from it.
    """

    nodes: int
    tails: list[int]
    heads: list[int]
    base: list[int]
    barred: Mapping[int, list[tuple[int, frozenset[int]]]]


def forget_turnings() -> None:
    """Lets go of what was kept of networks."""
    turning.cache_clear()


@lru_cache(maxsize=4)
def turning(network: Network) -> Turning:
    """The graph of a network; arc 2i rides link i ahead, arc 2i + 1 back, further ones repeat those behind barred turns."""
    ends = network.ends.tolist()
    tails = [node for first, last in ends for node in (first, last)]
    heads = [node for first, last in ends for node in (last, first)]
    base = list(range(len(tails)))
    leaving: dict[int, list[int]] = {}
    for arc, tail in enumerate(tails):
        leaving.setdefault(tail, []).append(arc)
    banned: dict[int, set[int]] = {}
    for before, after in network.bans:
        banned.setdefault(before, set()).add(after)
    own = {arc: len(network.nodes) + number for number, arc in enumerate(sorted(banned))}
    barred: dict[int, list[tuple[int, frozenset[int]]]] = {}
    for arc, node in own.items():
        barred.setdefault(heads[arc], []).append((node, frozenset(banned[arc])))
        for after in leaving[heads[arc]]:
            if after not in banned[arc]:
                tails.append(node)
                heads.append(heads[after])
                base.append(after)
    heads = [own.get(arc, head) for arc, head in zip(base, heads, strict=True)]
    return Turning(len(network.nodes) + len(own), tails, heads, base, barred)
