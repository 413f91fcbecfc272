"""What is due: mails that still wait though what they carry is no longer valid."""

from collections.abc import AsyncIterator
from datetime import datetime

from services.notifications.store import find_expired
from shared.contracts.notifications import ExpireMail
from shared.mongo.client import Store
from shared.service import Due

RULE = "expire_mail"


async def due(store: Store, now: datetime) -> AsyncIterator[Due]:
    """One ExpireMail for each mail that is past its expiry, the oldest first."""
    async for mail_id, expires_at in find_expired(store, now):
        yield Due(RULE, mail_id, expires_at, ExpireMail(mail_id=mail_id))
