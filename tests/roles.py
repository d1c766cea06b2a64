"""Who may: one line for every route of the app. A route without a line fails, and so does a line without a route.

    "GET host.show": desk(),            # who may ask; the parts of the address come from the world of tests/world.py
    "POST api.thing": Line(PARTY, strangers="hidden", parts={"slug": "loop"}, json={}),

Who may not and is not signed in gets what `strangers` says: the sign-in page ("sign-in"), 404 ("hidden") or 401.
Who may not and is signed in always gets 404: what belongs to others does not exist.
Who may gets an answer: a page, a redirect, or a sentence about the empty form (400, 409, 410, 415, 422).
"""

from dataclasses import dataclass, field
from typing import Any

from tests.world import ROLES

EVERYONE = frozenset(ROLES)
TEAM = frozenset({"organiser"})
DESK_A = frozenset({"host_a", "organiser"})
READERS = frozenset({"organiser", "reader"})
MEMBERS = frozenset({"host_a", "host_b", "volunteer", "organiser", "reader"})
PARTY = frozenset({"visitor"})
DOOR_A = frozenset({"device", "host_a", "volunteer", "organiser"})


@dataclass(frozen=True)
class Line:
    """`parts` of the address, its `query` and what the `form` says: names of the world's values, or plain values."""

    who: frozenset[str] = EVERYONE
    strangers: str = "sign-in"
    parts: dict[str, Any] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    query: str = ""
    json: Any = None


def public(**parts: Any) -> Line:
    return Line(parts=parts)


def desk(**parts: Any) -> Line:
    return Line(DESK_A, parts=parts)


def team(**parts: Any) -> Line:
    return Line(TEAM, parts=parts)


def party(**parts: Any) -> Line:
    return Line(PARTY, strangers="hidden", parts=parts)


LOOP = {"slug": "loop"}
ITEM = {"slug": "item"}

LINES: dict[str, Line] = {
    # the public pages
    "GET root": public(),
    "GET home.show": public(),
    "GET about.show": public(),
    "GET about.privacy": public(),
    "GET about.register": public(),
    "GET about.summary": Line(frozenset(), strangers="hidden"),  # the world's night is still to come
    "GET company.index": public(),
    "GET company.show": public(),
    "GET trade.index": public(),
    "GET route.index": public(),
    "GET route.show": public(**LOOP),
    "GET route.geojson": public(**LOOP),
    "GET route.gpx": public(**LOOP),
    "GET route.card": public(**LOOP),
    "GET festival.index": public(),
    "GET festival.calendar": public(),
    "GET festival.item": public(**ITEM),
    "GET map.show": public(),
    "GET map.script": public(kind="tout", key="0"),
    "GET map.names": public(kind="tout", key="0"),
    "GET amenity.index": public(),
    "GET amenity.places": public(revision=1),
    "GET ground.tile": public(key="0", zoom=12, x=1066, y=726),
    "GET ground.picture": public(key="0", left=0, top=0, wide=800, high=600, when="jour"),
    # composing an evening: a basket in one's own browser
    "GET evening.compose": public(),
    "POST evening.add": public(),
    "POST evening.drop": public(),
    "POST evening.clear": public(),
    "POST evening.swap": public(),
    "POST evening.party": public(),
    "POST evening.wait": public(),
    "POST evening.unwait": public(),
    # a booking: asked for by anybody, then its party's own; the mail's link carries its key
    "GET booking.new": public(),
    "POST booking.create": public(),
    "GET booking.mine": public(),
    "POST booking.resend": public(),
    "GET booking.sent": public(),
    "GET booking.open_link": Line(query="cle=key"),
    "GET booking.show": party(),
    "GET booking.address": Line(query="cle=proof"),
    "POST booking.confirm_address": party(),
    "POST booking.send_link": party(),
    "GET booking.agenda": party(),
    "GET booking.paper": party(),
    "GET booking.confirm": party(),
    "GET booking.ride_card": party(),
    "GET booking.ride_gpx_file": party(),
    "GET booking.ride_geojson_file": party(),
    "GET booking.pocket": party(),
    "GET booking.without_network": public(),
    "GET booking.worker": public(),
    "POST booking.forget": party(),
    "GET booking.own": party(),
    "GET booking.own_data": party(),
    "POST booking.erase_own": party(),
    "POST booking.return_seat": party(),
    "POST booking.be_late": party(slot_id="booked"),
    "POST booking.return_stop": party(slot_id="booked"),
    "POST booking.return_all": party(),
    "GET booking.exchange": party(slot_id="booked"),
    "POST booking.change": party(slot_id="booked"),
    "GET booking.person": party(ticket_id="ticket_id"),
    "POST booking.call": party(ticket_id="ticket_id"),
    "POST booking.wait": party(),
    "GET booking.offer": party(wait_id="wait_id"),
    "POST booking.take": party(wait_id="wait_id"),
    "POST booking.leave": party(wait_id="wait_id"),
    "GET survey.show": public(reference="reference", key="survey"),
    "POST survey.send": public(reference="reference", key="survey"),
    "GET ticket.show": public(token="ticket"),
    # the letters of an example night without a mail server
    "GET mailbox.index": public(),
    "GET mailbox.show": public(name="letter"),
    "GET mailbox.page": public(name="letter"),
    "GET mailbox.enclosure": public(name="letter", number=1),
    # what pages are made of
    "GET static": public(filename="img/marque.svg"),
    "GET assets.sheet": public(version="version", name="nuit.css"),
    "GET assets.favicon": public(),
    "GET sitemap.show": public(),
    "GET health.live": public(),
    "GET health.ready": public(),
    "GET health.robots": public(),
    "POST health.csp_report": public(),
    # signing in
    "GET sign_in.new": public(),
    "POST sign_in.ask": public(),
    "GET sign_in.sent": public(),
    "POST sign_in.type_code": public(),
    "GET sign_in.link": public(token="unknown"),
    "POST sign_in.open_link": public(token="unknown"),
    "POST sign_in.leave": public(),
    "GET desk.index": Line(MEMBERS),
    # the company desk: company A's contacts, and organisers
    "GET host.index": Line(frozenset({"host_a", "host_b", "organiser"})),
    "GET host.show": desk(),
    "POST host.propose": desk(),
    "GET host.guide": desk(),
    "GET host.step": desk(step="qui"),
    "POST host.save_step": desk(step="qui"),
    "GET host.presentation": desk(),
    "POST host.present": desk(),
    "GET host.pictures": desk(),
    "POST host.send_picture": desk(),
    "GET host.picture": desk(),
    "POST host.describe": desk(),
    "POST host.drop_picture": desk(),
    "POST host.preview": desk(),
    "GET picture.show": public(key="picture_key"),
    "GET host.placard": desk(kind="porte", paper="a4"),
    "GET host.visits": desk(),
    "GET host.new_visit": desk(),
    "POST host.add_visit": desk(),
    "GET host.visit": desk(),
    "POST host.change_visit": desk(),
    "GET host.drop_visit": desk(),
    "POST host.remove_visit": desk(),
    "GET host.slots": desk(),
    "POST host.add_slots": desk(),
    "GET host.slot": desk(),
    "POST host.change_slot": desk(),
    "POST host.open_slot": desk(),
    "GET host.effect": desk(),
    "POST host.decide_change": desk(),
    "POST host.take_change_back": desk(change_id="change_id"),
    "POST host.hasten_change": desk(change_id="change_id"),
    "POST host.remove_slot": desk(),
    "GET host.visitors": desk(),
    "GET host.visitors_csv": desk(),
    "GET host.sheet": desk(),
    "GET host.write": desk(),
    "POST host.send": desk(),
    "POST host.drop_letter": desk(circular_id="circular_id"),
    "GET host.opinions": desk(),
    "GET host.sheet_pdf": desk(),
    "GET host.sheets_pdf": desk(),
    "GET host.doors": desk(),
    "POST host.pair": desk(),
    "POST host.revoke": desk(),
    "POST host.exits": desk(),
    # the organiser desk
    "GET team_writing.write": team(),
    "POST team_writing.send": team(),
    "POST team_writing.drop": team(),
    "GET team_writing.opinions": team(),
    "GET team_overview.show": team(),
    "GET team_night.show": Line(READERS),
    "GET team_overview.find": team(),
    "GET team_companies.index": team(),
    "GET team_companies.new": team(),
    "POST team_companies.add": team(),
    "POST team_companies.invite_contact": team(),
    "POST team_companies.invite_ticked": team(),
    "POST team_companies.publish_ticked": team(),
    "POST team_companies.withdraw_ticked": team(),
    "GET team_bookings.index": team(),
    "GET team_bookings.show": team(),
    "GET team_bookings.mails": team(),
    "GET team_bookings.export": team(kind="csv"),
    "POST team_bookings.resend": team(),
    "POST team_bookings.give_all_back": team(),
    "GET team_bookings.own_data": team(),
    "POST team_bookings.erase_all": team(),
    "GET team_numbers.show": Line(READERS),
    "GET team_numbers.balance": Line(READERS),
    "GET team_numbers.attendance": Line(READERS, parts={"kind": "csv"}),
    "GET team_numbers.statistics": Line(READERS, parts={"kind": "json"}),
    "GET team_edition.show": team(),
    "POST team_edition.change": team(),
    "GET team_festival.show": team(),
    "POST team_festival.change": team(),
    "GET team_festival.new": team(),
    "POST team_festival.add": team(),
    "GET team_festival.item": team(**ITEM),
    "POST team_festival.edit": team(**ITEM),
    "POST team_festival.remove": team(**ITEM),
    "GET team_journal.index": team(),
    "GET team_placards.index": team(),
    "GET team_placards.programme": team(tongue="de"),
    "GET team_placards.badges": team(),
    "GET team_placards.all_of_them": team(kind="affiche", paper="a4"),
    "GET team_members.index": team(),
    "POST team_members.add": team(),
    "POST team_members.remove": team(),
    "POST team_members.send_invitation": team(),
    "POST team_members.sign_out": team(),
    "GET team_amenities.index": team(),
    "POST team_amenities.load": team(),
    "POST team_amenities.remove": team(kind="bus"),
    "GET team_routes.index": team(),
    "GET team_routes.new": team(),
    "POST team_routes.add": team(),
    "GET team_routes.map_script": team(),
    "GET team_routes.map_names": team(),
    "GET team_routes.show": team(**LOOP),
    "POST team_routes.change": team(**LOOP),
    "POST team_routes.draw": team(**LOOP),
    "POST team_routes.remove": team(**LOOP),
    "GET team_sheet.new": team(),
    "POST team_sheet.look": team(),
    "POST team_sheet.write": team(),
    "GET team_sheet.export": team(kind="csv"),
    "GET team_slots.index": team(),
    "GET team_slots.timeline": team(),
    # the door
    "GET door.show": public(),
    "GET door.mine": public(),
    "GET door_app.module": public(version="door_version", name="door.js"),
    "GET door_app.worker": public(tongue="fr"),
    "GET door_app.manifest": public(),
    "GET door.phones": team(),
    "POST door.pair": Line(TEAM, form={"door": "slug"}),
    "POST door.cut": team(),
    # the JSON API
    "GET api_programme.openapi": public(),
    "GET api_programme.current": public(),
    "GET api_programme.companies": public(),
    "GET api_programme.slots": public(),
    "GET api_programme.routes": public(),
    "GET api_programme.route_geojson": public(**LOOP),
    "GET api_programme.route_gpx": public(**LOOP),
    "POST api_booking.create": Line(json={}),
    "POST api_itinerary.create": Line(json={}),
    "GET api_booking.show": party(),
    "DELETE api_booking.remove_seat": party(),
    "DELETE api_booking.remove": party(),
    "POST api_booking.wait": Line(PARTY, strangers="hidden", json={}),
    "DELETE api_booking.leave": party(wait_id="wait_id"),
    "POST api_booking.take": Line(PARTY, strangers="hidden", parts={"wait_id": "wait_id"}, json={}),
    "POST api_booking.change": Line(PARTY, strangers="hidden", json={}),
    "PATCH api_booking.name": Line(PARTY, strangers="hidden", parts={"ticket_id": "ticket_id"}, json={}),
    "POST api_door.create_device": Line(json={"pairing_code": "AAAA2222", "name": "x"}),
    "POST api_door.create_scans": Line(DOOR_A, strangers="401", json="scans"),
    "GET api_door.roster": Line(DOOR_A, strangers="401", query="host=slug&q=anne"),
    "GET api_door.evacuation": Line(DOOR_A, strangers="401", query="host=slug&q=anne"),
    "GET api_door.search": Line(DOOR_A, strangers="401", query="host=slug&q=anne"),
}
