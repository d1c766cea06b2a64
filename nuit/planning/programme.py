"""A programme as a sheet says it, held against the one that is there: what is new, what changes, what cannot be."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nuit.planning.columns import Column, column_of
from nuit.planning.finding import fold
from nuit.planning.sheet import BadSheet, Line
from nuit.planning.spelling import slug_of

SAFETY_LIMIT = 20
"""What a new host may receive at once where the sheet says nothing."""

Fields = dict[str, Any]
VisitKey = tuple[str, str]
"""Slug of the company, folded French title."""
SlotKey = tuple[str, str, datetime]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one line; `column` as its header is written, "" where it is the whole line."""

    line: int
    column: str
    says: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line understood: a company, one of its visits, and departures of it. Only what the line says is in there."""

    line: int
    slug: str
    company: Fields
    host: Fields
    visit: Fields
    starts: tuple[str, ...]
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is there already: by the same keys, each with its id; slots with `taken`, hosts with `safety_limit`."""

    opens_at: datetime
    closes_at: datetime
    companies: Mapping[str, Fields]
    hosts: Mapping[str, Fields]
    visits: Mapping[VisitKey, Fields]
    slots: Mapping[SlotKey, Fields]


@dataclass(slots=True)
class Said:
    """Every line of a sheet together; `lines` says where each noun is told of first."""

    companies: dict[str, Fields] = field(default_factory=dict)
    hosts: dict[str, Fields] = field(default_factory=dict)
    visits: dict[VisitKey, Fields] = field(default_factory=dict)
    slots: dict[SlotKey, Fields] = field(default_factory=dict)
    lines: dict[Any, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def headers_of(lines: Sequence[Line]) -> tuple[dict[str, tuple[Column, str]], list[str]]:
    """(columns by header, headers nobody knows). Raises BadSheet where the company is missing, or one is said twice."""
    names = list(dict.fromkeys(name for line in lines for name in line.cells))
    found = {name: column for name in names if (column := column_of(name)) is not None}
    meant = [(column.level, column.field, tongue if column.is_text else "") for column, tongue in found.values()]
    twice = next((one for one in meant if meant.count(one) > 1), None)
    if twice is not None:
        raise BadSheet(f"two columns mean the same: {twice[0]} {twice[1]} {twice[2]}".rstrip())
    if ("company", "name", "") not in meant:
        raise BadSheet("it has no column for the company; the columns are in docs/programme.md")
    return found, [name for name in names if name not in found]


def carried(lines: Iterable[Line], headers: Mapping[str, tuple[Column, str]]) -> list[Line]:
    """Cells that were merged: a line that tells of a visit or of hours, and names no company, goes with the one above.

    Where it has hours and no title, it tells of the visit above too, with its places.
    """
    above: dict[str, str] = {}
    found = []
    for line in lines:
        said = {(headers[name][0].level, headers[name][0].field) for name in line.cells if name in headers}
        wanted = set()
        if ("company", "name") not in said and any(level in ("visit", "slot") for level, _field in said):
            wanted = {("company", "name")}
            if ("slot", "starts") in said and ("visit", "title") not in said:
                wanted |= {("visit", "title"), ("slot", "capacity")}
        kept = {name: cell for name, cell in above.items() if _means(headers, name) in wanted}
        above = kept | line.cells
        found.append(Line(line.number, above))
    return found


def _means(headers: Mapping[str, tuple[Column, str]], name: str) -> tuple[str, str]:
    column = headers[name][0] if name in headers else None
    return (column.level, column.field) if column else ("", "")


def understood(lines: Iterable[Line], headers: Mapping[str, tuple[Column, str]]) -> tuple[list[Entry], list[Fault]]:
    """(the lines that are sound, what is wrong with the others)."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    for line in carried(lines, headers):
        one = entry_of(line, headers)
        if isinstance(one, Entry):
            entries.append(one)
        else:
            faults += one
    return entries, faults


def entry_of(line: Line, headers: Mapping[str, tuple[Column, str]]) -> Entry | list[Fault]:
    """The line understood, or everything that is wrong with it."""
    said: dict[str, Fields] = {"company": {}, "host": {}, "visit": {}, "slot": {}}
    faults = []
    for name, cell in line.cells.items():
        if name not in headers:
            continue
        column, tongue = headers[name]
        try:
            value = column.parse(cell)
        except ValueError as error:
            faults.append(Fault(line.number, name, str(error)))
            continue
        if column.is_text:
            said[column.level].setdefault(column.field, {})[tongue] = value
        else:
            said[column.level][column.field] = value
    faults += _missing(line, said)
    return faults or _entry(line, said)


def _missing(line: Line, said: Mapping[str, Fields]) -> list[Fault]:
    tells = bool(said["visit"] or said["slot"])
    needed = [("company", "name" in said["company"]), ("visit", not tells or "fr" in said["visit"].get("title", {}))]
    faults = [Fault(line.number, "", f"no {word}") for word, there in needed if not there]
    if ("lon" in said["host"]) != ("lat" in said["host"]):
        faults.append(Fault(line.number, "", "lon and lat go together"))
    return faults


def _entry(line: Line, said: Mapping[str, Fields]) -> Entry:
    visit = dict(said["visit"])
    kinds = [{"kind": kind, "value": visit.pop(kind)} for kind in ("min_age", "accompanied_under") if kind in visit]
    if kinds or "conditions" in visit:
        visit["conditions"] = kinds + visit.get("conditions", [])
    slug = slug_of(said["company"].get("slug") or said["company"]["name"])
    return Entry(
        line=line.number,
        slug=slug,
        company=said["company"] | {"slug": slug},
        host=said["host"],
        visit=visit,
        starts=said["slot"].get("starts", ()),
        capacity=said["slot"].get("capacity"),
    )


def gather(entries: Iterable[Entry], at: Callable[[str], datetime]) -> Said:
    """All lines together; `at` turns an hour into an instant of the night. A line that contradicts one above is at fault."""
    said = Said()
    for one in entries:
        against = [
            *_merge(said, said.companies, one.slug, one.company, one.line),
            *_merge(said, said.hosts, one.slug, one.host, one.line),
        ]
        visit = (one.slug, fold(one.visit["title"]["fr"])) if one.visit else (one.slug, "")
        if one.visit:
            against += _merge(said, said.visits, visit, one.visit, one.line)
        said.faults += [Fault(one.line, "", f"says another {name} than line {line}") for name, line in against]
        for hour in one.starts:
            slot = (*visit, at(hour))
            if slot in said.slots:
                said.faults.append(
                    Fault(one.line, "", f"the departure at {hour} stands on line {said.lines[slot]} already")
                )
                continue
            said.lines[slot] = one.line
            said.slots[slot] = {} if one.capacity is None else {"capacity": one.capacity}
    return said


def _merge(said: Said, nouns: dict[Any, Fields], key: Any, fields: Fields, line: int) -> list[tuple[str, int]]:
    """Adds what the line says of a noun; returns (field, line) of what it says otherwise than an earlier line."""
    there, against = nouns.setdefault(key, {}), []
    said.lines.setdefault((id(nouns), key), line)
    for name, value in fields.items():
        if name in there and there[name] != value:
            if name == "name" and fold(there[name]) == fold(value):
                continue
            if isinstance(value, dict) and all(there[name].get(tongue, word) == word for tongue, word in value.items()):
                there[name] = there[name] | value
                continue
            against.append((name, said.lines[(id(nouns), key)]))
        there.setdefault(name, value)
    return against


def judge(said: Said, known: Known) -> list[Fault]:
    """What cannot be written over the programme that is there: figures that are missing, or that people rely on."""
    faults = list(said.faults)
    for visit, fields in said.visits.items():
        line = said.lines[(id(said.visits), visit)]
        minutes = known.visits.get(visit, {}).get("minutes")
        if minutes is None and "minutes" not in fields:
            faults.append(Fault(line, "", "a new visit needs its minutes"))
        elif minutes is not None and fields.get("minutes", minutes) != minutes and _booked(visit, known):
            faults.append(Fault(line, "", f"people have booked this visit of {minutes} minutes: change it at the desk"))
    for slot, fields in said.slots.items():
        faults += _judge_slot(said.lines[slot], slot, fields, said, known)
    return faults + _judge_limits(said, known)


def _booked(visit: VisitKey, known: Known) -> bool:
    return any(key[:2] == visit and slot["taken"] for key, slot in known.slots.items())


def _judge_slot(line: int, key: SlotKey, fields: Fields, said: Said, known: Known) -> list[Fault]:
    there = known.slots.get(key, {})
    capacity = fields.get("capacity", there.get("capacity"))
    limit = limit_of(key[0], said, known)
    if not known.opens_at <= key[2] < known.closes_at:
        return [Fault(line, "", "a departure lies outside the hours of the night")]
    if capacity is None:
        return [Fault(line, "", "a new departure needs its capacity")]
    if capacity > limit:
        return [Fault(line, "", f"{capacity} places are above the company's safety limit of {limit}")]
    if capacity < there.get("taken", 0):
        return [Fault(line, "", f"{there['taken']} places are booked already, {capacity} are too few")]
    return []


def _judge_limits(said: Said, known: Known) -> list[Fault]:
    """A safety limit below the places of departures that the sheet does not touch."""
    faults = []
    lowered = {slug for slug, fields in said.hosts.items() if "safety_limit" in fields}
    for key, there in known.slots.items():
        if key[0] in lowered and key not in said.slots and there["capacity"] > said.hosts[key[0]]["safety_limit"]:
            line = said.lines[(id(said.hosts), key[0])]
            faults.append(
                Fault(line, "", f"a departure there has {there['capacity']} places already: above this limit")
            )
            lowered.discard(key[0])
    return faults


def limit_of(slug: str, said: Said, known: Known) -> int:
    """The safety limit of a host once the sheet is written."""
    there: int = known.hosts.get(slug, {}).get("safety_limit", SAFETY_LIMIT)
    limit: int = said.hosts.get(slug, {}).get("safety_limit", there)
    return limit


def settle(
    entries: Sequence[Entry], known: Known, at: Callable[[str], datetime], *, skip_bad: bool
) -> tuple[Said, list[Fault]]:
    """What can be written, and everything at fault; with `skip_bad` the lines at fault are left out until it holds."""
    faults: list[Fault] = []
    while True:
        said = gather(entries, at)
        found = judge(said, known)
        faults += found
        if not found or not skip_bad:
            return said, sorted(faults, key=lambda one: one.line)
        wrong = {one.line for one in found}
        entries = [one for one in entries if one.line not in wrong]


def changes(fields: Fields, there: Fields) -> Fields:
    """The fields that differ from what is there; languages of a text and conditions that are not said stay."""
    found = {}
    for name, value in fields.items():
        before = there.get(name)
        after = _over(name, before, value) if before else value
        if after != before and not _reads_same(before, after):
            found[name] = after
    return found


def _reads_same(before: Any, after: Any) -> bool:
    """Whether two texts differ in their blanks alone: a cell cannot tell a no-break space."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(_reads_same(before[key], after[key]) for key in before)
    if isinstance(before, str) and isinstance(after, str):
        return before.split() == after.split()
    return bool(before == after)


def _over(name: str, before: Any, value: Any) -> Any:
    if isinstance(value, dict):
        return {**before, **value}
    if name == "conditions":
        said = {one["kind"]: one for one in value}
        kept = [{**one, **said.pop(one["kind"], {})} for one in before]
        return kept + list(said.values())
    return value


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of noun: the keys that are new, what changes of those that are there, how many stay the same."""

    new: list[Any]
    changed: dict[Any, Fields]
    same: int


def part(said: Mapping[Any, Fields], known: Mapping[Any, Fields]) -> Part:
    """The nouns of a sheet held against those that are there."""
    changed = {key: found for key, fields in said.items() if key in known and (found := changes(fields, known[key]))}
    new = [key for key in said if key not in known]
    return Part(new, changed, len(said) - len(new) - len(changed))


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a sheet would write."""

    companies: Part
    hosts: Part
    visits: Part
    slots: Part

    def figures(self) -> dict[str, dict[str, int]]:
        """Counts of new, changed and same by noun."""
        named = {"companies": self.companies, "hosts": self.hosts, "visits": self.visits, "departures": self.slots}
        return {
            name: {"new": len(one.new), "changed": len(one.changed), "same": one.same} for name, one in named.items()
        }

    @property
    def is_nothing(self) -> bool:
        return not any(one.new or one.changed for one in (self.companies, self.hosts, self.visits, self.slots))


def plan_of(said: Said, known: Known) -> Plan:
    """What writing the sheet would do."""
    return Plan(
        part(said.companies, known.companies),
        part(said.hosts, known.hosts),
        part(said.visits, known.visits),
        part(said.slots, known.slots),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that a sheet would change: `of` names the company and what is in it; values as they are kept."""

    of: str
    field: str
    before: Any
    after: Any


def differences(plan: Plan, known: Known) -> list[Difference]:
    """Every field that would change of what is there, in the order of the sheet."""
    named: tuple[tuple[Part, Mapping[Any, Fields], Callable[[Any], str]], ...] = (
        (plan.companies, known.companies, lambda slug: _name(slug, known)),
        (plan.hosts, known.hosts, lambda slug: _name(slug, known)),
        (plan.visits, known.visits, lambda key: f"{_name(key[0], known)}, {known.visits[key]['title'].get('fr', '')}"),
        (
            plan.slots,
            known.slots,
            lambda key: f"{_name(key[0], known)}, {known.visits[key[:2]]['title'].get('fr', '')}",
        ),
    )
    return [
        Difference(words(key), field, there[key].get(field), after)
        for one, there, words in named
        for key, fields in one.changed.items()
        for field, after in fields.items()
    ]


def _name(slug: str, known: Known) -> str:
    return str(known.companies[slug]["name"])
