"""A request with files through aiohttp: the one that is not held in memory as a whole."""

from collections.abc import Mapping

import aiohttp

from supergraph.traffic.http1.errors import (
    AnswerTooLargeError,
    InvalidHeaderError,
    NotHttpError,
)
from supergraph.traffic.payload import CarriesFilesError

__all__ = ["post_form"]


async def post_form(
    session: aiohttp.ClientSession,
    url: str,
    carried: CarriesFilesError,
    headers: Mapping[str, str],
    *,
    answer_bytes_max: int,
    timeout_seconds: float,
) -> tuple[int, bytes]:
    """POST the form, and answer status and body; raises what `Http1Client.post` raises."""
    own, body = carried.form()
    try:
        async with session.post(
            url,
            data=body,
            headers={**headers, **own, "accept-encoding": "identity"},
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=timeout_seconds),
            auto_decompress=False,
        ) as response:
            answer = await response.content.read(answer_bytes_max + 1)
            while not response.content.at_eof() and len(answer) <= answer_bytes_max:
                answer += await response.content.read(answer_bytes_max + 1 - len(answer))
            if len(answer) > answer_bytes_max:
                raise AnswerTooLargeError(f"over {answer_bytes_max} bytes")
            return response.status, answer
    except aiohttp.ClientConnectionError as error:
        raise ConnectionError(str(error)) from error
    except aiohttp.ClientError as error:
        raise NotHttpError(str(error)) from error
    except ValueError as error:
        raise InvalidHeaderError("a header cannot be sent") from error
