"""Our search beside other solvers on the same nights, in the same run: python -m bench.peers --peers FOLDER FILE.json…

FOLDER holds the peers: pip install --require-hashes --target FOLDER -r bench/requirements-peers.txt (neither the application
nor its tests need them). One core each; `--limit` seconds for each peer. Prints one table: value, bound where one is
given, and seconds; of every peer's evening only what an independent count finds is told.
"""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.night import night
from nuit.planning.plan import plan
from nuit.planning.search import warm
from tests.planning.checker import complaints

Route = list[list[int]]
Found = tuple[Route, int | None]
"""An evening, and a bound on the points of every evening where the solver gives one."""


def ours(asked: dict[str, Any], limit: float) -> Found:
    begin = perf_counter()
    found = plan(night(asked), stop=lambda: perf_counter() - begin > limit)
    return [[stop.company, stop.start] for stop in found.stops], found.bound


def wished(asked: dict[str, Any]) -> list[int]:
    return [one for one in range(asked["n"]) if asked["w"][one] > 0]


def vroom(asked: dict[str, Any], limit: float) -> Found:
    """Jobs with a window for each departure, priorities for scores (0–100); its deepest exploration."""
    import numpy as np
    from vroom import Input, Job, Vehicle

    n = asked["n"]
    ways = np.zeros((n + 2, n + 2), np.uint32)
    ways[:n, :n], ways[n, :n], ways[:n, n + 1] = asked["T"], asked["T0"], asked["Te"]
    question = Input()
    question.set_durations_matrix(profile="car", matrix_input=ways * 60)
    question.add_vehicle(Vehicle(0, start=n, end=n + 1, time_window=[asked["t0"] * 60, asked["t1"] * 60]))
    for one in wished(asked):
        windows = [[start * 60, start * 60] for start in asked["slots"][one]]
        question.add_job(Job(one, location=one, default_service=asked["dur"][one] * 60, priority=min(100, asked["w"][one]),
                             time_windows=windows))  # fmt: skip
    solved = question.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=limit))
    steps = solved.routes[solved.routes["type"] == "job"]
    return [
        [int(step.id), (int(step.arrival) + int(step.waiting_time)) // 60] for step in steps.itertuples()
    ], None  # fmt: skip


def cp_sat(asked: dict[str, Any], limit: float) -> Found:
    """A flow through the graph of departures, each company at most once."""
    from ortools.sat.python import cp_model

    nodes = [(one, start) for one in wished(asked) for start in asked["slots"][one]
             if asked["t0"] + asked["T0"][one] <= start
             and start + asked["dur"][one] + asked["Te"][one] <= asked["t1"]]  # fmt: skip
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in nodes]
    into: list[list[Any]] = [[model.new_bool_var("")] for _ in nodes]
    out: list[list[Any]] = [[model.new_bool_var("")] for _ in nodes]
    model.add(sum(one[0] for one in into) <= 1)
    for i, (a, begin) in enumerate(nodes):
        for j, (b, start) in enumerate(nodes):
            if a != b and begin + asked["dur"][a] + asked["T"][a][b] <= start:
                arc = model.new_bool_var("")
                out[i].append(arc)
                into[j].append(arc)
    for i in range(len(nodes)):
        model.add(sum(into[i]) == taken[i])
        model.add(sum(out[i]) == taken[i])
    for company in wished(asked):
        model.add_at_most_one(taken[i] for i, (one, _) in enumerate(nodes) if one == company)
    model.maximize(sum(asked["w"][one] * taken[i] for i, (one, _) in enumerate(nodes)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = 1, limit
    status = solver.solve(model)
    bound = int(solver.best_objective_bound + 1e-6)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return [], bound
    return sorted(([a, s] for i, (a, s) in enumerate(nodes) if solver.value(taken[i])), key=lambda one: one[1]), bound


def routing(asked: dict[str, Any], limit: float) -> Found:
    """One vehicle, a time dimension whose values are the departures, a penalty for each company left out; guided local search."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    companies = wished(asked)
    size = len(companies)
    manager = pywrapcp.RoutingIndexManager(size + 2, 1, [size], [size + 1])
    model = pywrapcp.RoutingModel(manager)

    def way(i: int, j: int) -> int:
        a, b = manager.IndexToNode(i), manager.IndexToNode(j)
        if a == size:
            return 0 if b == size + 1 else int(asked["T0"][companies[b]])
        stay = asked["dur"][companies[a]]
        return int(stay + (asked["Te"][companies[a]] if b == size + 1 else asked["T"][companies[a]][companies[b]]))

    cost = model.RegisterTransitCallback(way)
    model.SetArcCostEvaluatorOfAllVehicles(cost)
    model.AddDimensionWithVehicleTransits([cost], asked["t1"], asked["t1"], False, "time")
    clock = model.GetDimensionOrDie("time")
    clock.CumulVar(model.Start(0)).SetRange(asked["t0"], asked["t1"])
    clock.CumulVar(model.End(0)).SetRange(asked["t0"], asked["t1"])
    for number, company in enumerate(companies):
        index = manager.NodeToIndex(number)
        clock.CumulVar(index).SetValues([*asked["slots"][company]])
        model.AddDisjunction([index], 1000 * asked["w"][company])
    wanted = pywrapcp.DefaultRoutingSearchParameters()
    wanted.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    wanted.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    wanted.time_limit.FromMilliseconds(int(limit * 1000))
    solved = model.SolveWithParameters(wanted)
    found: Route = []
    index = model.NextVar(model.Start(0)) and solved.Value(model.NextVar(model.Start(0))) if solved else model.End(0)
    while not model.IsEnd(index):
        found.append([companies[manager.IndexToNode(index)], solved.Min(clock.CumulVar(index))])
        index = solved.Value(model.NextVar(index))
    return found, None


PEERS: dict[str, Callable[[dict[str, Any], float], Found]] = {
    "ours": ours, "pyvroom": vroom, "CP-SAT": cp_sat, "OR-Tools routing": routing,
}  # fmt: skip


def cell(asked: dict[str, Any], solver: Callable[[dict[str, Any], float], Found], limit: float) -> str:
    """Value, bound and seconds of one solver on one night, or what is wrong with its evening."""
    begin = perf_counter()
    route, bound = solver(asked, limit)
    seconds = perf_counter() - begin
    if wrong := complaints(asked, route):
        return f"refused: {wrong[0]}"
    if not route:
        return f"none · {seconds:.3f} s"
    points = sum(asked["w"][company] for company, _ in route)
    return f"{points}{'' if bound is None else f' ≤ {bound}'} · {seconds:.3f} s"


def main() -> None:
    """Prints the table, a line per file."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("files", nargs="+", type=Path)
    reader.add_argument("--peers", required=True, help="the folder they were installed into")
    reader.add_argument("--limit", type=float, default=10.0, help="seconds for each of them")
    arguments = reader.parse_args()
    sys.path.append(arguments.peers)  # last: what the application has wins
    warm()
    print("| night | " + " | ".join(PEERS) + " |\n|" + "---|" * (len(PEERS) + 1))
    for path in arguments.files:
        asked = json.loads(path.read_text())
        cells = [cell(asked, solver, arguments.limit) for solver in PEERS.values()]
        print(f"| {asked.get('name', path.stem)} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
