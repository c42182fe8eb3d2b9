"""Ids: a prefix that says what it is, and a random part nobody can guess."""

import uuid

from subgraphs.shared.errors import ErrorCode, ServiceError

__all__ = ["ID_CHARACTERS_MAX", "key_text", "new_id", "usable_id"]

ID_CHARACTERS_MAX = 64
#: The longest key of any entity: an e-mail address.
KEY_CHARACTERS_MAX = 320


def new_id(prefix: str) -> str:
    """A new id such as `usr_0b9…`."""
    return f"{prefix}_{uuid.uuid4().hex}"


def usable_id(value: str) -> str | None:
    """The id if a row could have it; text that no column can hold is nobody's id."""
    return value if 0 < len(value) <= ID_CHARACTERS_MAX and "\x00" not in value else None


def key_text(value: object, field: str) -> str:
    """A key field of a representation as text; INVALID_REPRESENTATION if it cannot be one."""
    # An ID may arrive as a number; bool is an int for Python only.
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= KEY_CHARACTERS_MAX or "\x00" in value:
        message = f"A representation needs its key field {field} as text."
        raise ServiceError(ErrorCode.INVALID_REPRESENTATION, message)
    return value
