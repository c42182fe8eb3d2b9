"""Respond in parts: deliveries become the payloads of the two dialects that clients read.

- `20220824` is https://specs.apollo.dev/incremental/v0.1,
- `v0.2` is https://github.com/graphql/graphql-spec/pull/1110, as graphql-js 17.0.0-alpha.9 has it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from supergraph.executor.delivery import DeliveredFragment, DeliveredItems, Delivery, Pending, Piece
from supergraph.stages.respond import TOO_DEEP, encode, result_payload

__all__ = ["Dialect", "delivery_payload", "encode_delivery", "encode_failure"]

Dialect = Literal["20220824", "v0.2"]


def encode_delivery(delivery: Delivery, dialect: Dialect) -> bytes:
    """One payload as JSON.

    Raises RecursionError where a custom scalar is nested too deeply to be written.
    """
    return encode(delivery_payload(delivery, dialect))


def encode_failure(errors: Iterable[Mapping[str, Any]] = (TOO_DEEP,)) -> bytes:
    """The last payload of an answer that cannot go on."""
    return encode({"errors": list(errors), "hasNext": False})


def delivery_payload(delivery: Delivery, dialect: Dialect) -> dict[str, Any]:
    """One payload: the first has `data`, the others what came since."""
    payload: dict[str, Any] = {}
    if delivery.result is not None:
        payload = result_payload(delivery.result)
    if dialect == "20220824":
        incremental = [entry for piece in delivery.pieces for entry in _patches(piece)]
    else:
        incremental = [entry for piece in delivery.pieces for entry in _increments(piece)]
        completed = list(_completed(delivery.pieces))
        pending = list(map(_pending, delivery.pending))
        payload |= {"pending": pending} if pending else {}
        payload |= {"completed": completed} if completed else {}
    if incremental:
        payload["incremental"] = incremental
    payload["hasNext"] = delivery.has_next
    return payload


def _patches(piece: Piece) -> Iterator[dict[str, Any]]:
    pending = piece.pending
    label = {} if pending.label is None else {"label": pending.label}
    errors = {"errors": piece.errors} if piece.errors else {}
    path = list(pending.path)
    if isinstance(piece, DeliveredFragment):
        yield {"data": piece.data, "path": path, **label, **errors}
        return
    # Clients of this dialect look at the first of several items only.
    end = piece.start + len(piece.items)
    last = end if piece.is_failed else end - 1
    for index, item in enumerate(piece.items, piece.start):
        own = errors if index == last else {}
        yield {"items": [item], "path": [*path, index], **label, **own}
    if piece.is_failed:
        yield {"items": None, "path": [*path, end], **label, **errors}


def _increments(piece: Piece) -> Iterator[dict[str, Any]]:
    # The errors of what failed stand where it is completed.
    errors = {"errors": piece.errors} if piece.errors and not piece.is_failed else {}
    if isinstance(piece, DeliveredItems):
        if piece.items:
            yield {"id": piece.pending.id, "items": piece.items, **errors}
    elif piece.data is not None:
        yield {"id": piece.pending.id, "data": piece.data, **errors}


def _completed(pieces: Iterable[Piece]) -> Iterator[dict[str, Any]]:
    for piece in pieces:
        if isinstance(piece, DeliveredFragment) or piece.is_over:
            failure = {"errors": piece.errors} if piece.is_failed else {}
            yield {"id": piece.pending.id, **failure}


def _pending(pending: Pending) -> dict[str, Any]:
    label = {} if pending.label is None else {"label": pending.label}
    return {"id": pending.id, "path": list(pending.path), **label}
