"""The organisers' desk: one blueprint a subject, all under /equipe."""

from nuit.views.team.amenities import bp as amenities
from nuit.views.team.bookings import bp as bookings
from nuit.views.team.companies import bp as companies
from nuit.views.team.edition import bp as edition
from nuit.views.team.festival import bp as festival
from nuit.views.team.journal import bp as journal
from nuit.views.team.members import bp as members
from nuit.views.team.night import bp as night
from nuit.views.team.numbers import bp as numbers
from nuit.views.team.overview import bp as overview
from nuit.views.team.placards import bp as placards
from nuit.views.team.room import context
from nuit.views.team.routes import bp as routes
from nuit.views.team.sheet import bp as sheet
from nuit.views.team.slots import bp as slots
from nuit.views.team.writing import bp as writing

rooms = (
    overview,
    night,
    companies,
    sheet,
    routes,
    amenities,
    festival,
    bookings,
    slots,
    numbers,
    members,
    edition,
    placards,
    journal,
    writing,
)
for blueprint in rooms:
    blueprint.context_processor(context)
