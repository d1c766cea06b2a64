"""Member: organiser, host contact or door volunteer who signs in; no passwords."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .company import Company


class Member(Base):
    __tablename__ = "member"

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="fr")
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="member", cascade="all, delete-orphan", lazy="selectin"
    )


class Membership(Base):
    """One role; a host contact's is bound to a company, a volunteer's may be."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("member_id", "role", "company_id"),
        CheckConstraint("role in ('organiser', 'host', 'volunteer', 'reader')", name="role"),
        CheckConstraint("role <> 'host' or company_id is not null", name="host_has_company"),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"))

    member: Mapped[Member] = relationship(back_populates="memberships")
    company: Mapped[Company | None] = relationship()


class SignInLink(Base):
    """A mailed link (and its six figures): used once, at most ten minutes, only in the browser that asked."""

    __tablename__ = "sign_in_link"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    code_hash: Mapped[str | None]
    browser_hash: Mapped[str | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    member: Mapped[Member] = relationship()


class SignedIn(Base):
    """One browser where a member is signed in; ends at idle or absolute limit, or when the member signs out."""

    __tablename__ = "signed_in"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]

    member: Mapped[Member] = relationship(lazy="joined", innerjoin=True)
