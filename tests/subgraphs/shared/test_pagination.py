"""Keyset pages: put together they are the list, whatever the page size and the rows."""

import tempfile
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String, delete, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.shared.columns import UtcDateTime
from subgraphs.shared.database import Database, open_database
from subgraphs.shared.errors import ServiceError
from subgraphs.shared.pagination import Keyset, Page, fetch_page
from subgraphs.shared.settings import load_settings
from tests.kit.examples import examples


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime())


EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
BY_NAME = Keyset("rows", (Row.name, Row.id))
BY_TIME = Keyset("latest", (Row.at, Row.id), descending=True)


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Database]:
    environment = {"DATA_DIR": str(tmp_path)}
    if request.param == "postgres":
        environment["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    async with _database(environment) as opened:
        yield opened


class _database:  # noqa: N801 - used as a context manager
    def __init__(self, environment: dict[str, str]) -> None:
        self.database = open_database(load_settings("public", 4000, environment))

    async def __aenter__(self) -> Database:
        async with self.database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        return self.database

    async def __aexit__(self, *_: object) -> None:
        await self.database.close()


async def walk(database: Database, keyset: Keyset, first: int) -> list[int]:
    seen: list[int] = []
    after = None
    async with database.reading() as session:
        while True:
            page: Page[Row] = await fetch_page(session, select(Row), keyset, first, after)
            assert len(page.rows) <= first
            seen += [row.id for row in page.rows]
            if not page.has_next_page:
                return seen
            after = page.cursors[-1]


rows = st.lists(st.tuples(st.sampled_from(["a", "b", "ä", ""]), st.integers(0, 3)), max_size=30)


@given(rows=rows, first=st.integers(1, 12))
@examples(60)
async def test_walking_pages_is_the_whole_list(rows: list[tuple[str, int]], first: int) -> None:
    """Equal names and equal times are common here: the id must tell them apart."""
    with tempfile.TemporaryDirectory() as folder:
        async with _database({"DATA_DIR": folder}) as database:
            await _fill(database, rows)

            by_name = await walk(database, BY_NAME, first)
            by_time = await walk(database, BY_TIME, first)

    names = dict(enumerate(rows))
    assert by_name == sorted(names, key=lambda i: (names[i][0].encode(), i))
    assert by_time == sorted(names, key=lambda i: (names[i][1], i), reverse=True)


async def _fill(database: Database, rows: list[tuple[str, int]]) -> None:
    async with database.writing() as session:
        await session.execute(delete(Row))
        session.add_all(
            Row(id=i, name=name, at=EPOCH + timedelta(microseconds=offset))
            for i, (name, offset) in enumerate(rows)
        )


@pytest.mark.parametrize("first", [1, 3, 7, 10, 100])
async def test_both_databases_page_alike(database: Database, first: int) -> None:
    await _fill(database, [("ab"[i % 2], i // 3) for i in range(10)])

    assert await walk(database, BY_NAME, first) == [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
    assert await walk(database, BY_TIME, first) == list(range(9, -1, -1))


async def test_a_page_costs_one_statement_and_zero_rows_are_allowed(database: Database) -> None:
    await _fill(database, [("a", 0)] * 3)

    with database.statements() as statements:
        async with database.reading() as session:
            page: Page[Row] = await fetch_page(session, select(Row), BY_NAME, 0)

    assert (list(page.rows), page.has_next_page, len(statements)) == ([], True, 1)


async def test_a_row_added_meanwhile_neither_repeats_nor_hides_others(database: Database) -> None:
    await _fill(database, [("b", 0), ("d", 0)])
    async with database.reading() as session:
        page: Page[Row] = await fetch_page(session, select(Row), BY_NAME, 1)
    async with database.writing() as session:
        session.add_all([Row(id=10, name="a", at=EPOCH), Row(id=11, name="c", at=EPOCH)])
    async with database.reading() as session:
        rest: Page[Row] = await fetch_page(session, select(Row), BY_NAME, 5, page.cursors[0])

    assert [row.name for row in rest.rows] == ["c", "d"]


@given(cursor=st.one_of(st.text(max_size=40), st.text("ABCabc012-_=", max_size=40)))
async def test_no_text_but_a_cursor_is_taken_for_one(cursor: str) -> None:
    with pytest.raises(ServiceError) as caught:
        async with _never_asked() as session:
            await fetch_page(session, select(Row), BY_TIME, 5, cursor)

    assert caught.value.code == "INVALID_CURSOR"


def _never_asked() -> "_Unused":
    return _Unused()


class _Unused:
    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_: object) -> None:
        return None
