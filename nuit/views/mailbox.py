"""The demo mailbox: only in example mode without SMTP."""

from flask import Blueprint

bp = Blueprint("mailbox", __name__, url_prefix="/demo/messages")
