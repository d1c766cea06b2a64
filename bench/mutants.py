"""Each guard broken, one at a time, in a copy of the tree: python -m bench.mutants [WORD…] [--at-once 2]

Prints which test catches it. A guard that nobody misses is a hole in the tests, and ends the program with an error.
Words choose the mutants whose name holds one of them.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from config import ROOT

PLACES, BOOKING, QUEUE, EVENING = (
    "nuit/ledger/places.py", "nuit/actions/booking.py", "nuit/ledger/queue.py", "nuit/planning/evening.py"
)  # fmt: skip
FIRST, OUTBOX, OWN = "nuit/migrations/versions/0001_first.py", "nuit/actions/outbox.py", "nuit/ledger/evening.py"
B, W, M = "tests/test_booking.py", "tests/test_waiting.py", "tests/test_mail_sending.py"
HOLD, QUOTA, C = "nuit/ledger/hold.py", "nuit/ledger/quota.py", "tests/test_confirming.py"


@dataclass(frozen=True)
class Mutant:
    """In `path` the text `old` becomes `new`; `tests` should notice, on PostgreSQL where only it can tell."""

    name: str
    path: str
    old: str
    new: str
    tests: str = B
    postgresql: bool = False


MUTANTS = (
    Mutant("places: no look at the capacity", PLACES, '_slot.c.taken + bindparam("seats") <= _slot.c.capacity,', ""),
    Mutant("places: one too many is let through", PLACES, 'bindparam("seats") <= _slot.c.capacity', 'bindparam("seats") <= _slot.c.capacity + 1'),
    Mutant("places: closed departures sell", PLACES, '        _slot.c.status == "open",\n', ""),
    Mutant("places: departures that have begun sell", PLACES, '        _slot.c.starts_at > bindparam("now"),\n', ""),
    Mutant("places: an older programme still sells", PLACES, '_edition.c.revision == bindparam("revision")', '_edition.c.revision >= bindparam("revision")'),
    Mutant("places: counted once whatever the party", PLACES, '.values(taken=_slot.c.taken + bindparam("seats"))', ".values(taken=_slot.c.taken + 1)"),
    Mutant("places: nothing is freed", PLACES, "        count_off(slot_id, count)\n", "        pass\n"),
    Mutant("places: what is free is freed again", PLACES, 'for one in seats if one.status in ("held", "confirmed"))', "for one in seats)", f"{B} {W}"),
    Mutant("places: an offer above the capacity", PLACES, ".where(Slot.id == slot_id, Slot.taken + seats <= Slot.capacity)", ".where(Slot.id == slot_id)", W),
    Mutant("places: bookings are not locked", PLACES, "        .with_for_update(key_share=True)\n        .execution_options", "        .execution_options", B, True),
    Mutant("database: taken within capacity", FIRST, '        sa.CheckConstraint("taken <= capacity", name=op.f("ck_slot_taken_within_capacity")),\n', ""),
    Mutant("database: capacity within the safety limit", FIRST, "capacity >= 0 and capacity <= safety_limit", "capacity >= 0"),
    Mutant("database: a key once", FIRST, '        sa.UniqueConstraint("idempotency_key", name=op.f("uq_booking_idempotency_key")),\n', ""),
    Mutant("database: a ticket once in a slot", FIRST, '            "uq_seat_live",\n            ["ticket_id", "slot_id"],\n            unique=True,', '            "uq_seat_live",\n            ["ticket_id", "slot_id"],\n            unique=False,'),
    Mutant("booking: one missing slot is overlooked", BOOKING, "    if len(taken) == len(ids):\n", "    if taken:\n"),
    Mutant("booking: a retry books again", BOOKING, "        if earlier is not None:\n            return earlier, party_of(earlier.id)\n", ""),
    Mutant("booking: another content under the same key", BOOKING, "earlier.request_hash != wanted.digest()", "False"),
    Mutant("booking: keys do not wait for each other", BOOKING, '    take_turn(f"key:{key}")\n', "", B, True),
    Mutant("booking: no limit for an address", QUOTA, "had >= edition.max_bookings_per_email", "False"),
    Mutant("booking: addresses do not wait for each other", QUOTA, '    take_turn(f"email:{edition.id}:{email}")\n', "", B, True),
    Mutant("booking: before the opening", BOOKING, "edition.booking_opens_at <= now < edition", "now < edition", B),
    Mutant("booking: after the end", BOOKING, "<= now < edition.booking_closes_at", "<= now", B),
    Mutant("booking: a party of any size", BOOKING, "len(wanted.party) > edition.max_party", "False"),
    Mutant("booking: no mail is promised", BOOKING, 'promise("confirmation", key', 'dict("confirmation" and (), key'),
    Mutant("booking: a fault leaves its traces", "nuit/db.py", "            session.rollback()\n            raise", "            session.commit()\n            raise"),
    Mutant("booking: due offers are not settled first", BOOKING, "if has_settled or not _settled(edition, full.slots, now):", "if True:", W),
    Mutant("standby: nobody who waited is asked first", "nuit/actions/standby.py", "            offer_late(slot_id, now=now)\n", "", "tests/test_standby.py"),
    Mutant("standby: who is elsewhere is asked", QUEUE, "~elsewhere.correlate(Booking).exists(),", "", "tests/test_standby.py"),
    Mutant("hold: confirmed after its time", HOLD, 'Booking.state == "held", Booking.held_until > now)', 'Booking.state == "held")', C),
    Mutant("hold: confirmed when it has lapsed", HOLD, 'Booking.state == "held", Booking.held_until > now)', "Booking.held_until > now)", C),
    Mutant("hold: lapses before its time", HOLD, "booking.held_until is None or booking.held_until > now:", "booking.held_until is None:", C),
    Mutant("hold: never looked for", HOLD, 'Booking.state == "held", Booking.held_until <= now)', 'Booking.state == "held", Booking.held_until < now)', C),
    Mutant("hold: what lapses goes to nobody", HOLD, '    booking.state, booking.changed_at = "lapsed", now\n    pass_on({one.slot_id for one in standing}, now=now)\n', '    booking.state, booking.changed_at = "lapsed", now\n', C),
    Mutant("hold: its places stay taken", HOLD, '    free(standing, "lapsed", now)\n', '    free([], "lapsed", now)\n', C),
    Mutant("hold: its queues are kept", HOLD, "    shrink(queues, now)\n", "", C),
    Mutant("hold: other verbs work before", HOLD, "    if booking.held_until is not None:\n        raise AddressUnconfirmed()\n", "    return\n", C),
    Mutant("hold: offers before the address is confirmed", QUEUE, 'Wait.status == "waiting", Booking.held_until.is_(None))', 'Wait.status == "waiting")', C),
    Mutant("hold: nobody settles it first", BOOKING, "late = overdue(now, among=slot_ids) if asks else []", "late = list[str]()", C),
    Mutant("hold: any link confirms", "nuit/keys.py", "return hmac.compare_digest(confirm_token(secret, reference, email).encode(), token.encode())", "return True", C),
    Mutant("hold: a link to the wrong address still confirms", "nuit/keys.py", 'f"confirm:{reference}:{email}"', 'f"confirm:{reference}"', C),
    Mutant("hold: codes before", "nuit/views/api/documents.py", "stands = booking.held_until is None", "stands = True", C),
    Mutant("hold: pages open before", "nuit/views/booking/room.py", "if is_confirmed and booking.held_until is not None:", "if False:", C),
    Mutant("hold: bookings that are held do not count", QUOTA, 'Booking.state.in_(("held", "confirmed"))', 'Booking.state == "confirmed"', C),
    Mutant("database: a confirmed booking has no hold", FIRST, "(state <> 'confirmed' or held_until is null)", "(state <> 'confirmed' or true)", C),
    Mutant("evening: overlaps", EVENING, "if after.starts_at < before.ends_at:", "if False:"),
    Mutant("evening: rides that do not fit", EVENING, "if missing <= 0:", "if True:"),
    Mutant("evening: rides that just fit are refused", EVENING, "if missing <= 0:", "if missing < 0:"),
    Mutant("evening: ages", EVENING, "if person.oldest < departure.min_age", "if False"),
    Mutant("evening: children alone", EVENING, "if any(p.youngest < departure.accompanied_under", "if False and any(p.youngest < departure.accompanied_under"),
    Mutant("giving back: what has begun", OWN, "return seat.slot.starts_at > now and seat.entered_at is None", "return True"),
    Mutant("giving back: nobody who waits is asked", OWN, "    pass_on({one.slot_id for one in standing}, now=now)\n", "", W),
    Mutant("queue: the last one first", QUEUE, '.where(Wait.slot_id == slot_id, Wait.status == "waiting")\n        .order_by(Wait.id)', '.where(Wait.slot_id == slot_id, Wait.status == "waiting")\n        .order_by(Wait.id.desc())', W),
    Mutant("queue: offers never lapse", QUEUE, 'one.status == "offered" and one.offered_until and one.offered_until <= now', "False", W),
    Mutant("queue: a lapsed offer keeps its places", QUEUE, '        if wait.status == "offered":\n            count_off(wait.slot_id, wait.size)\n', "        pass\n", W),
    Mutant("queue: what lapses goes to nobody", QUEUE, '    close(over, "over", "lapsed", now)\n    pass_on(slot_ids, now=now)\n', '    close(over, "over", "lapsed", now)\n', W),
    Mutant("queue: twice in it", QUEUE, "    if waits_in([slot.id], booking_id=booking.id):\n        return\n", "", W),
    Mutant("queue: closed departures offer", QUEUE, 'Slot.id.in_(slot_ids), Slot.status == "open", Slot.taken', "Slot.id.in_(slot_ids), Slot.taken", W),
    Mutant("queue: no mail tells of an offer", QUEUE, 'promise("offer", key', 'dict("offer" and (), key', W),
    Mutant("mail: two workers take the same", OUTBOX, "or_(Message.leased_until.is_(None), Message.leased_until <= now),", "", M),
    Mutant("mail: a late worker overwrites", OUTBOX, 'Message.state == "due", Message.leased_until == lease)\n            .values(\n', 'True)\n            .values(\n', M),
    Mutant("mail: sent is forgotten", OUTBOX, "return _settle(message, lease, Fate.SENT, clock(), \"\")", "return Fate.SENT", M),
    Mutant("mail: a refusal for now is for good", OUTBOX, "if isinstance(fault, Bounced):", "if True:", M),
    Mutant("mail: a lease that ends too soon", OUTBOX, "LEASE = timedelta(minutes=5)", "LEASE = timedelta(0)", M),
    Mutant("keys: anybody manages a booking", "nuit/keys.py", "return hmac.compare_digest(manage_token(secret, reference, epoch).encode(), token.encode())", "return True", "tests/test_api.py"),
    Mutant("keys: a ticket signed by somebody else", "nuit/planning/ticketcode.py", "        public_key.verify(signature, body)\n", "        pass\n", "tests/actions"),
    Mutant("faults: a full disk is a 500", "nuit/__init__.py", "app.register_error_handler(kind, errors.out_of_reach)", "pass", "tests/test_faults.py -k written"),
)  # fmt: skip


def main() -> None:
    """Prints one line a mutant."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("words", nargs="*")
    options.add_argument("--at-once", type=int, default=2)
    chosen = options.parse_args()
    wanted = [one for one in MUTANTS if not chosen.words or any(word in one.name for word in chosen.words)]
    print("| guard broken | caught by |\n|---|---|")
    with ThreadPoolExecutor(chosen.at_once) as several:
        missed = [name for name, caught in several.map(tried, wanted) if not caught]
    print(f"\n{len(wanted) - len(missed)} of {len(wanted)} caught")
    if missed:
        sys.exit("Nobody noticed: " + ", ".join(missed))


def tried(mutant: Mutant) -> tuple[str, str]:
    """The mutant's name, and the first test that failed because of it ("" where none did)."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="nuit-mutant-") as folder:
        tree = Path(folder) / "tree"
        _copy(tree)
        broken = tree / mutant.path
        before = broken.read_text()
        assert before.count(mutant.old) >= 1, f"{mutant.name}: its place is not there any more"
        broken.write_text(before.replace(mutant.old, mutant.new))
        caught = _first_failure(tree, mutant)
    print(f"| {mutant.name}{' (PostgreSQL)' if mutant.postgresql else ''} | {caught or '**nobody**'} |", flush=True)
    return mutant.name, caught


def _copy(tree: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in _with_catalogues(listed.strip("\0").split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)


def _with_catalogues(names: list[str]) -> Iterable[str]:
    yield from names
    yield from (str(path.relative_to(ROOT)) for path in ROOT.glob("nuit/translations/*/LC_MESSAGES/*.mo"))


def _first_failure(tree: Path, mutant: Mutant) -> str:
    env = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1",
                        "NUIT_INSTANCE": str(tree / "instance"), "NUIT_TEST_DB": "postgresql" if mutant.postgresql else "sqlite"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "--tb=no", "-p", "no:randomly", *mutant.tests.split()],
        cwd=tree, env=env, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    if done.returncode == 0:
        return ""
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.M)
    assert found, done.stdout + done.stderr
    return found[1].removeprefix("tests/")


if __name__ == "__main__":
    main()
