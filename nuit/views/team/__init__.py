"""The organisers' desk: one blueprint a subject, all under /equipe."""

from nuit.views.team import bookings, companies, edition, festival, journal, members, overview, room, routes, slots

rooms = (
    overview.bp,
    companies.bp,
    routes.bp,
    festival.bp,
    bookings.bp,
    slots.bp,
    members.bp,
    edition.bp,
    journal.bp,
)
for blueprint in rooms:
    blueprint.context_processor(room.context)
