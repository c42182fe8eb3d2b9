"""Cuts off clients that have stopped reading what is sent to them.

Nothing else ends such a connection: what waits to be written keeps it, even after it was closed,
for as long as the client's machine answers for it. What the client has read is seen in what its
system has acknowledged: the transport alone moves in steps, since a socket takes more only once a
third of its own buffer, which may be megabytes, is free.
"""

import asyncio
import fcntl
import sys
import termios

__all__ = ["StallWatch"]


class StallWatch:
    """The watch over one connection; a client that reads slowly has all the time it needs."""

    __slots__ = ("_seconds", "_timer", "_transport", "_unread")

    def __init__(self, transport: asyncio.WriteTransport, seconds: float) -> None:
        self._transport = transport
        self._seconds = seconds
        self._unread = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """From now on something has to be read every so many seconds, until there is nothing."""
        if self._timer is None:
            self._unread = _unread(self._transport)
            if self._unread:
                self._wait()

    def end(self) -> None:
        """The client has read, or the connection is lost."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        unread = _unread(self._transport)
        if unread and unread >= self._unread:
            self._transport.abort()
        elif unread:
            self._unread = unread
            self._wait()


def _unread(transport: asyncio.WriteTransport) -> int:
    """Bytes that wait in the transport, and in the system for the client's to acknowledge."""
    waiting = transport.get_write_buffer_size()
    socket = transport.get_extra_info("socket")
    if socket is None:
        return waiting
    try:
        # https://man7.org/linux/man-pages/man7/tcp.7.html, SIOCOUTQ
        queued = fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, bytes(4))
    except (OSError, ValueError):  # a system that does not tell, or a lost connection
        return waiting
    return waiting + int.from_bytes(queued, sys.byteorder)
