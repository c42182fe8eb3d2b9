"""The errors of one response."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from supergraph.error_codes import runtime as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.errors import SubgraphError
from supergraph.executor.result import ERRORS_MAX
from supergraph.names import ResponsePath, SubgraphName

__all__ = ["ErrorList", "PartErrors"]


class ErrorList:
    """Collects errors with client paths, at most `ERRORS_MAX`."""

    def __init__(self) -> None:
        self.errors: list[dict[str, Any]] = []
        self._paths: list[ResponsePath] = []

    def add(
        self, code: ErrorCode, message: str, path: ResponsePath, extensions: Mapping[str, Any]
    ) -> None:
        """An error the gateway found itself."""
        self._append(
            {
                "message": message,
                "path": list(path),
                "extensions": {"code": code.name, **extensions},
            },
            path,
        )

    def add_failure(self, error: SubgraphError, path: ResponsePath) -> None:
        """A request to a subgraph that got no answer."""
        entry: dict[str, Any] = {"message": error.message}
        if path:
            entry["path"] = list(path)
        entry["extensions"] = {"code": error.code.name, "serviceName": error.service_name}
        self._append(entry, path)

    def add_from_subgraph(
        self, error: Mapping[str, Any], service_name: SubgraphName, path: ResponsePath
    ) -> None:
        """An error out of a subgraph's answer, at its place in the client's response.

        The subgraph's `locations` point into an operation the client never saw, so they are left
        out.
        """
        own = error.get("extensions")
        extensions = dict(own) if isinstance(own, Mapping) else {}
        extensions.setdefault("code", codes.DOWNSTREAM_SERVICE_ERROR.name)
        extensions["serviceName"] = service_name
        entry: dict[str, Any] = {"message": str(error.get("message", ""))}
        if path:
            entry["path"] = list(path)
        entry["extensions"] = extensions
        self._append(entry, path)

    def explains_null_at(self, path: ResponsePath) -> bool:
        """Whether an error says already why there is a null at the path, above or below it.

        An error without a path may be about anything, so it explains every null.
        """
        return self.explanation_of(path) is not None

    def explanation_of(self, path: ResponsePath) -> dict[str, Any] | None:
        """The error that says why there is a null at the path."""
        for number, known in enumerate(self._paths):
            shorter = min(len(known), len(path))
            if known[:shorter] == path[:shorter]:
                return self.errors[number]
        return None

    def with_paths(self) -> Iterator[tuple[dict[str, Any], ResponsePath]]:
        """The errors with their paths."""
        return zip(self.errors, self._paths, strict=True)

    def take(self, entry: dict[str, Any], path: ResponsePath) -> None:
        """An error out of another list."""
        self._append(entry, path)

    def _append(self, entry: dict[str, Any], path: ResponsePath) -> None:
        if len(self.errors) < ERRORS_MAX:
            self.errors.append(entry)
            self._paths.append(path)


class PartErrors(ErrorList):
    """The errors of a piece of an answer, beside those that its fetches and others had `before`.

    What these explain is not told again, unless nothing else says why the piece is null.
    """

    def __init__(self, before: Sequence[ErrorList]) -> None:
        super().__init__()
        self._before = before
        self._known: dict[str, Any] | None = None

    def explanation_of(self, path: ResponsePath) -> dict[str, Any] | None:
        """The error that says why there is a null at the path, wherever it was told."""
        found = super().explanation_of(path)
        for errors in () if found else self._before:
            found = errors.explanation_of(path)
            if found is not None:
                self._known = found
                break
        return found

    def of_null(self) -> list[dict[str, Any]]:
        """The errors of a piece that is null: there is one at least."""
        return self.errors or ([] if self._known is None else [self._known])
