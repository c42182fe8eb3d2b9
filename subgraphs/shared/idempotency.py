"""Doing a mutation once, however often its request arrives.

A client sends the same `idempotencyKey` when it repeats a request whose answer it did not see. The
key is claimed in the transaction that does the work, so either both are kept or neither; what is
stored beside it (small JSON, usually the ids made) rebuilds the same payload for a repetition.
Only effects are remembered: a refused input claims nothing and is judged again.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, CursorResult, Insert, String, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.columns import UtcDateTime, utc_now
from subgraphs.shared.errors import ErrorCode, ServiceError, bad_input

__all__ = ["Claim", "IdempotencyRecord", "once"]

KEY_CHARACTERS_MAX = 128


class IdempotencyRecord:
    """The columns of a service's `idempotency_records` table; mixed into its own model."""

    __tablename__ = "idempotency_records"

    organization_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    mutation: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_CHARACTERS_MAX), primary_key=True)
    input_hash: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), index=True)


@dataclass(frozen=True, slots=True)
class Claim:
    """Which mutation is repeated: the same organisation, mutation, key and input."""

    organization_id: str
    mutation: str
    key: str
    input: dict[str, Any]


async def once(
    session: AsyncSession,
    record: type[IdempotencyRecord],
    claim: Claim,
    work: Callable[[], Awaitable[dict[str, Any]]],
) -> dict[str, Any]:
    """Run `work` in the session's transaction, or answer the outcome of the first time.

    Raises IDEMPOTENCY_CONFLICT when the key was used with another input. To claim nothing after
    all, let `work` raise: the transaction takes the claim back.
    """
    if not 1 <= len(claim.key) <= KEY_CHARACTERS_MAX or not claim.key.isprintable():
        raise bad_input(f"idempotencyKey must be 1 to {KEY_CHARACTERS_MAX} printable characters")
    key = {"organization_id": claim.organization_id, "mutation": claim.mutation, "key": claim.key}
    input_hash = _hash(claim.input)
    # A second request with the key waits here until the first has committed or rolled back.
    row = {**key, "input_hash": input_hash, "outcome": {}, "created_at": utc_now()}
    inserted = await session.execute(_insert_if_absent(session, record).values(row))
    if cast("CursorResult[Any]", inserted).rowcount == 0:
        return await _first_outcome(session, record, key, input_hash)
    outcome = await work()
    await session.execute(update(record).filter_by(**key).values(outcome=outcome))
    return outcome


async def _first_outcome(
    session: AsyncSession, record: type[IdempotencyRecord], key: dict[str, str], input_hash: str
) -> dict[str, Any]:
    first = (await session.scalars(select(record).filter_by(**key))).one()
    if first.input_hash != input_hash:
        message = "This idempotencyKey was used before with another input."
        raise ServiceError(ErrorCode.IDEMPOTENCY_CONFLICT, message)
    return first.outcome


def _insert_if_absent(session: AsyncSession, record: type[IdempotencyRecord]) -> Insert:
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(record).on_conflict_do_nothing()
    return sqlite.insert(record).on_conflict_do_nothing()


def _hash(value: dict[str, Any]) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
