"""The nouns we keep; one aggregate a file."""

from .amenity import Amenity
from .base import Base, Texts
from .booking import Booking, Seat, Ticket
from .change import Change
from .circular import Circular, Opinion
from .company import Company, Host, Practice, company_trade
from .door import Device, Scan
from .edition import Edition
from .festival import Festival, FestivalItem
from .member import Member, Membership, SignedIn, SignInLink
from .message import Message
from .picture import Picture
from .route import Route, Stop
from .trade import Trade
from .trail import AuditLine, Quota
from .visit import Slot, Visit
from .wait import Wait

__all__ = [
    "Amenity",
    "AuditLine",
    "Base",
    "Booking",
    "Change",
    "Circular",
    "Company",
    "Device",
    "Edition",
    "Festival",
    "FestivalItem",
    "Host",
    "Member",
    "Membership",
    "Message",
    "Opinion",
    "Picture",
    "Practice",
    "Quota",
    "Route",
    "Scan",
    "Seat",
    "SignInLink",
    "SignedIn",
    "Slot",
    "Stop",
    "Texts",
    "Ticket",
    "Trade",
    "Visit",
    "Wait",
    "company_trade",
]
