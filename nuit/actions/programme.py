"""Writing a programme sheet over the programme that is there: only what differs, all of it or nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from nuit.clock import at_wall
from nuit.db import db, transaction
from nuit.ledger.trail import note, revise
from nuit.models import Company, Edition, Host, Slot, Visit
from nuit.planning.programme import (
    Difference,
    Entry,
    Fault,
    Fields,
    Known,
    Plan,
    Said,
    SlotKey,
    VisitKey,
    differences,
    limit_of,
    plan_of,
    settle,
)
from nuit.queries.programme import known_programme

Noun = type[Company] | type[Host] | type[Visit] | type[Slot]


@dataclass(frozen=True)
class Loaded:
    """What came of a sheet, or would: figures of new, changed and same by noun; the faults; whether it was written.

    `without_place` are new companies whose line says no place: they wait as drafts at the edition's start. `new` names
    the companies that are new in the edition, by slug; `differences` are the fields that change.
    """

    figures: dict[str, dict[str, int]]
    faults: list[Fault]
    without_place: list[str] = field(default_factory=list)
    is_written: bool = False
    new: dict[str, str] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """Whether everything the sheet says stands already."""
        return not any(one["new"] or one["changed"] for one in self.figures.values())


def load_programme(
    edition: Edition, entries: Sequence[Entry], *, now: datetime, write: bool = True, skip_bad: bool = False,
    by: int | None = None,
) -> Loaded:  # fmt: skip
    """Holds the entries against the edition and writes what differs; the same sheet twice changes nothing.

    One fault and nothing is written, except with `skip_bad`, which leaves out the lines at fault. What the sheet does
    not name stays as it is: nothing is ever removed.
    """
    with transaction():
        known = known_programme(edition)
        said, faults = settle(entries, known, lambda hour: at_wall(edition.night, hour), skip_bad=skip_bad)
        plan = plan_of(said, known)
        nowhere = [said.companies[slug]["name"] for slug in plan.hosts.new if "lon" not in said.hosts[slug]]
        writes = write and (skip_bad or not faults)
        if writes and not plan.is_nothing:
            _Writing(edition, said, known, plan, now).all()
            note("load", "edition", edition.id, member_id=by, now=now, **plan.figures())
            revise(edition.id)
        new = {slug: said.companies[slug]["name"] for slug in plan.hosts.new}
        changed = differences(plan, known)
    return Loaded(plan.figures(), faults, nowhere, writes, new, changed)


@dataclass(frozen=True)
class _Writing:
    """One sheet on its way into the database, parents before children."""

    edition: Edition
    said: Said
    known: Known
    plan: Plan
    now: datetime

    def all(self) -> None:
        said, known, plan = self.said, self.known, self.plan
        companies = _insert(Company, known.companies, {slug: said.companies[slug] for slug in plan.companies.new})
        _change(Company, known.companies, plan.companies.changed)
        hosts = _insert(Host, known.hosts, {slug: self._host(slug, companies[slug]) for slug in plan.hosts.new})
        _change(Host, known.hosts, plan.hosts.changed, changed_at=self.now)
        visits = _insert(Visit, known.visits, self._visits(hosts))
        _change(Visit, known.visits, plan.visits.changed)
        _change(Slot, known.slots, self._slots_changed())
        _insert(Slot, known.slots, {key: self._slot(key, hosts[key[0]], visits[key[:2]]) for key in plan.slots.new})

    def _host(self, slug: str, company_id: int) -> Fields:
        fields = self.said.hosts[slug]
        place = {"lon": self.edition.start_lon, "lat": self.edition.start_lat, "state": "draft"}
        own = {"edition_id": self.edition.id, "company_id": company_id, "changed_at": self.now}
        is_shown = "lon" in fields and any(key[0] == slug for key in self.said.visits)
        return place | ({"state": "published"} if is_shown else {}) | fields | own

    def _visits(self, hosts: Mapping[Any, int]) -> dict[VisitKey, Fields]:
        """New visits, each behind those that its host has already."""
        behind = Counter(key[0] for key in self.known.visits)
        found = {}
        for key in self.plan.visits.new:
            behind[key[0]] += 1
            own = {"host_id": hosts[key[0]], "position": behind[key[0]]}
            found[key] = {"languages": ["fr"]} | self.said.visits[key] | own
        return found

    def _slot(self, key: SlotKey, host_id: int, visit_id: int) -> Fields:
        return self.said.slots[key] | {
            "edition_id": self.edition.id,
            "host_id": host_id,
            "visit_id": visit_id,
            "starts_at": key[2],
            "ends_at": key[2] + timedelta(minutes=self._minutes(key)),
            "safety_limit": limit_of(key[0], self.said, self.known),
        }

    def _minutes(self, key: SlotKey) -> int:
        visit = (key[0], key[1])
        return int(self.said.visits.get(visit, {}).get("minutes") or self.known.visits[visit]["minutes"])

    def _other_length(self) -> set[int]:
        """Ids of the visits that become longer or shorter."""
        changed = self.plan.visits.changed.items()
        return {self.known.visits[key]["id"] for key, fields in changed if "minutes" in fields}

    def _slots_changed(self) -> dict[SlotKey, Fields]:
        """Departures with new figures, and those that follow their visit's length or their host's limit."""
        found = {key: dict(fields) for key, fields in self.plan.slots.changed.items()}
        other_length = self._other_length()
        for key, there in self.known.slots.items():
            moved: Fields = {}
            if there["visit_id"] in other_length:
                moved["ends_at"] = there["starts_at"] + timedelta(minutes=self._minutes(key))
            if "safety_limit" in self.plan.hosts.changed.get(key[0], {}):
                moved["safety_limit"] = limit_of(key[0], self.said, self.known)
            if moved:
                found[key] = found.get(key, {}) | moved
        return found


def _insert(noun: Noun, known: Mapping[Any, Fields], new: Mapping[Any, Fields]) -> dict[Any, int]:
    """Writes the new rows at once; the ids of these and of all that were there, by key."""
    ids = {key: int(one["id"]) for key, one in known.items()}
    if new:
        query = insert(noun).returning(noun.id, sort_by_parameter_order=True)
        ids |= dict(zip(new, db.session.scalars(query, list(new.values())), strict=True))
    return ids


def _change(noun: Noun, known: Mapping[Any, Fields], changed: Mapping[Any, Fields], **more: Any) -> None:
    """Writes the changed fields at once, by id; a row with a version gets the next one."""
    rows = []
    for key, fields in changed.items():
        there = known[key]
        version = {"version": there["version"] + 1} if "version" in there else {}
        rows.append({"id": there["id"], **fields, **version, **more})
    if rows:
        db.session.execute(update(noun), rows)
        db.session.expire_all()
