"""Patient requests leave together at the end of a turn, unless they have come to nothing."""

import asyncio
from typing import Any

import pytest

from supergraph.traffic.http1.answer import AnswerReader
from supergraph.traffic.http1.connection import Connection
from supergraph.traffic.http1.errors import ClosedEarlyError
from supergraph.traffic.http1.outbox import Outbox


class Transport(asyncio.Transport):
    """Remembers what was written."""

    def __init__(self, written: list[bytes]) -> None:
        super().__init__()
        self._written = written

    def write(self, data: Any) -> None:
        self._written.append(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def abort(self) -> None:
        """Nothing to cut."""


class Kit:
    """Connections of one client, and all that they write."""

    def __init__(self) -> None:
        self.outbox = Outbox()
        self.written: list[bytes] = []

    def connection(self) -> Connection:
        made = Connection(AnswerReader(1_000, 1_000), self.outbox, lambda _: None)
        made.connection_made(Transport(self.written))
        return made


async def end_of_turn() -> None:
    await asyncio.sleep(0)


async def test_patient_requests_leave_together_in_their_order() -> None:
    kit = Kit()
    for number in range(3):
        kit.connection().send(b"%d" % number, is_patient=True)
    assert kit.written == []
    kit.connection().send(b"now", is_patient=False)
    assert kit.written == [b"now"]

    await end_of_turn()
    assert kit.written == [b"now", b"0", b"1", b"2"]

    kit.connection().send(b"next", is_patient=True)
    await end_of_turn()
    assert kit.written[-1] == b"next"


async def test_what_was_closed_meanwhile_sends_nothing() -> None:
    kit = Kit()
    closed, lost, kept = kit.connection(), kit.connection(), kit.connection()
    waiters = [one.send(b"x", is_patient=True) for one in (closed, lost)]
    kept.send(b"kept", is_patient=True)
    closed.close()
    lost.connection_lost(None)
    await end_of_turn()

    assert kit.written == [b"kept"]
    for waiter in waiters:
        with pytest.raises(ClosedEarlyError):
            await waiter


async def test_an_answer_to_what_was_not_sent_ends_the_connection() -> None:
    kit = Kit()
    connection = kit.connection()
    waiter = connection.send(b"x", is_patient=True)
    connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
    await end_of_turn()

    assert (await waiter).status == 200
    assert connection.is_closed
    assert kit.written == []
