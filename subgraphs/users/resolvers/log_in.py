"""Logging in: an e-mail address and a password for an access token."""

from datetime import datetime, timedelta

import strawberry

from subgraphs.shared.auth import Viewer
from subgraphs.shared.columns import utc_now
from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import UserError
from subgraphs.users import passwords, repository

__all__ = ["SessionPayload", "log_in"]

EMAIL_CHARACTERS_MAX = 320


@strawberry.type(description="The answer to a log-in: a token, or why there is none.")
class SessionPayload:
    """A session, or user errors."""

    access_token: str | None = strawberry.field(
        default=None, description="To be sent as `Authorization: Bearer …`."
    )
    expires_at: datetime | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def log_in(info: ServiceInfo, email: str, password: str) -> SessionPayload:
    """Check the password and sign a token.

    A wrong password and an unknown address get the same answer in the same time, so that nobody
    can find out who has an account.
    """
    row = None
    if len(email) <= EMAIL_CHARACTERS_MAX and "\x00" not in email:
        async with info.context.database.reading() as session:
            row = await repository.user_with_email(session, email.strip().lower())
    is_correct = await passwords.is_correct(password, row.password_hash if row else None)
    if row is None or not is_correct:
        message = "The e-mail address or the password is wrong."
        return SessionPayload(
            user_errors=[UserError(field=None, code="INVALID_CREDENTIALS", message=message)]
        )
    resources = info.context.resources
    lifetime_seconds = resources.settings.token_lifetime_seconds
    viewer = Viewer(row.id, row.organization_id, frozenset(row.roles))
    return SessionPayload(
        access_token=resources.token_key.sign(viewer, lifetime_seconds),
        expires_at=utc_now() + timedelta(seconds=lifetime_seconds),
    )
