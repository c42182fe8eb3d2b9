"""What can go wrong with an exchange, by whose fault it is.

A target that cannot be reached is an OSError, a time limit a TimeoutError, as everywhere in
asyncio. No message holds an address.
"""

__all__ = [
    "AnswerTooLargeError",
    "ClosedEarlyError",
    "Http1Error",
    "InvalidHeaderError",
    "NotHttpError",
    "StaleConnectionError",
    "TooManyWaitingError",
]


class Http1Error(Exception):
    """Base of all: the message says what happened."""


class ClosedEarlyError(Http1Error):
    """The connection ended before the answer did."""


class StaleConnectionError(ClosedEarlyError):
    """A connection that had been idle ended before the first byte of the answer.

    Most likely the server closed it while the request was on its way.
    """


class NotHttpError(Http1Error):
    """What came is not an HTTP answer, or one in a coding that was not asked for."""


class AnswerTooLargeError(Http1Error):
    """The answer's head or body is over its limit."""


class InvalidHeaderError(Http1Error):
    """A header cannot be sent: its name or value would end the line, or is not of HTTP."""


class TooManyWaitingError(Http1Error):
    """As many requests wait for a connection as may."""
