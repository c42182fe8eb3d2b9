"""Relay connections by keyset: a page costs the same wherever in the list it stands.

A list has a name and an order that ends in a unique column. A cursor is the order's values of one
row, together with the list's name, in URL-safe Base64: opaque to clients, and refused with
INVALID_CURSOR when it is not one of this list's.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import strawberry
from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from subgraphs.shared.errors import ErrorCode, ServiceError, bad_input

__all__ = [
    "PAGE_SIZE_DEFAULT",
    "PAGE_SIZE_MAX",
    "Connection",
    "Edge",
    "Keyset",
    "Page",
    "PageInfo",
    "connection_from_page",
    "fetch_page",
]

PAGE_SIZE_DEFAULT = 20
PAGE_SIZE_MAX = 100
CURSOR_CHARACTERS_MAX = 512
DATABASE_INTEGER_MAX = 2**63 - 1

Node = TypeVar("Node")
Row = TypeVar("Row")


@strawberry.federation.type(shareable=True, description="Where a page stands in its list.")
class PageInfo:
    """Relay's PageInfo; lists are read forwards."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="One node of a page and its cursor.")
class Edge(Generic[Node]):
    """Relay's edge."""

    cursor: str
    node: Node


@strawberry.type(description="One page of a list.")
class Connection(Generic[Node]):
    """Relay's connection."""

    edges: list[Edge[Node]]
    page_info: PageInfo


@dataclass(frozen=True, slots=True)
class Keyset:
    """A list's name and order; the last column must be unique within the list."""

    name: str
    columns: tuple[InstrumentedAttribute[Any], ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list with their cursors."""

    rows: Sequence[Row]
    cursors: Sequence[str]
    has_next_page: bool
    has_previous_page: bool


async def fetch_page(
    session: AsyncSession,
    statement: Select[Row],
    keyset: Keyset,
    first: int | None = None,
    after: str | None = None,
) -> Page[Row]:
    """The page of `statement` after a cursor; one SQL statement, at most `PAGE_SIZE_MAX` rows."""
    size = page_size(first)
    if after is not None:
        position = tuple_(*keyset.columns)
        # Bound with the columns' own types, so that a moment compares as a moment.
        values = tuple_(*_cursor_values(keyset, after), types=[c.type for c in keyset.columns])
        statement = statement.where(position < values if keyset.descending else position > values)
    order = [c.desc() if keyset.descending else c.asc() for c in keyset.columns]
    # One row more than asked for tells whether there is a next page.
    found = (await session.scalars(statement.order_by(*order).limit(size + 1))).all()
    rows = found[:size]
    return Page(
        rows=rows,
        cursors=[_cursor(keyset, row) for row in rows],
        has_next_page=len(found) > size,
        has_previous_page=after is not None,
    )


def connection_from_page(page: Page[Row], node_from_row: Callable[[Row], Node]) -> Connection[Node]:
    """The GraphQL connection of a page."""
    return Connection(
        edges=[
            Edge(cursor=cursor, node=node_from_row(row))
            for row, cursor in zip(page.rows, page.cursors, strict=True)
        ],
        page_info=PageInfo(
            has_next_page=page.has_next_page,
            has_previous_page=page.has_previous_page,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursors[-1] if page.cursors else None,
        ),
    )


def page_size(first: int | None) -> int:
    """The size asked for, or the default; BAD_USER_INPUT outside 0 to `PAGE_SIZE_MAX`."""
    if first is None:
        return PAGE_SIZE_DEFAULT
    if not 0 <= first <= PAGE_SIZE_MAX:
        raise bad_input(f"first must be from 0 to {PAGE_SIZE_MAX}")
    return first


def _cursor(keyset: Keyset, row: object) -> str:
    values = [_to_json(getattr(row, column.key)) for column in keyset.columns]
    text = json.dumps([keyset.name, *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _to_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _cursor_values(keyset: Keyset, cursor: str) -> list[Any]:
    try:
        if len(cursor) > CURSOR_CHARACTERS_MAX:
            raise ValueError("too long")  # noqa: TRY301 - one answer for every bad cursor
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        name, *values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if name != keyset.name:
            raise ValueError("of another list")  # noqa: TRY301
        return [
            _from_json(value, column.type.python_type)
            for value, column in zip(values, keyset.columns, strict=True)
        ]
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        message = "The cursor is not one that this list gave out."
        raise ServiceError(ErrorCode.INVALID_CURSOR, message) from error


def _from_json(value: object, python_type: type) -> object:
    if python_type is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return moment.astimezone(UTC)
    # bool is an int for Python, but no database column's.
    if type(value) is not python_type:
        raise TypeError("of another type")
    if isinstance(value, int) and abs(value) > DATABASE_INTEGER_MAX:
        raise ValueError("no column is that wide")
    return value
