"""Facts about this installation that must outlive a process."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base


class InstallationFact(Base):
    """`demo-password-hash`: the hash that the demo gave to all its members. `privacy-cleared-at`: when what is kept of people no
    longer was last cleared away, as UTC text."""

    __tablename__ = "installation_fact"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
