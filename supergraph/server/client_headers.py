"""The headers a client sent, as text for those that ask and as bytes for the gateway itself."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar, overload

__all__ = ["ClientHeaders"]

T = TypeVar("T")


class ClientHeaders(Mapping[str, str]):
    """By name in lower case. Nothing is decoded before somebody asks for it.

    What was sent several times is combined, as https://www.rfc-editor.org/rfc/rfc9110#section-5.3
    says. `raw` has the same as bytes.
    """

    __slots__ = ("raw",)

    def __init__(self, sent: Sequence[tuple[bytes, bytes]]) -> None:
        raw = dict(sent)
        self.raw = raw if len(raw) == len(sent) else _combined(sent)

    def __repr__(self) -> str:
        """Names only: values may be secret."""
        return f"<ClientHeaders {', '.join(self)}>"

    def __getitem__(self, name: str) -> str:
        return self.raw[name.encode("latin-1", "replace")].decode("latin-1")

    @overload
    def get(self, name: str, default: None = None, /) -> str | None: ...
    @overload
    def get(self, name: str, default: str | T, /) -> str | T: ...
    def get(self, name: str, default: object = None, /) -> object:
        """The value, or `default`; without the exception that `Mapping.get` is made of."""
        value = self.raw.get(name.encode("latin-1", "replace"))
        return default if value is None else value.decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self.raw)

    def __len__(self) -> int:
        return len(self.raw)


def _combined(sent: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    values: dict[bytes, list[bytes]] = {}
    for name, value in sent:
        values.setdefault(name, []).append(value)
    return {
        # https://www.rfc-editor.org/rfc/rfc6265#section-5.4: the one list that has semicolons.
        name: (b"; " if name == b"cookie" else b", ").join(parts)
        for name, parts in values.items()
    }
