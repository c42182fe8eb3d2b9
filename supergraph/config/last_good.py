"""The last SDL that each running subgraph answered with, for the times when one does not answer.

Copies are kept in the user's cache folder, by URL, readable by the user only. Nothing depends on
them: a copy that cannot be written or read is as good as none.
"""

import contextlib
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["CACHE_VARIABLE", "LastGoodCopies", "default_folder"]

#: Names another folder for the copies.
CACHE_VARIABLE = "SUPERGRAPH_CACHE_DIR"


def default_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where copies are kept: $SUPERGRAPH_CACHE_DIR, else the user's cache folder."""
    variables = os.environ if environment is None else environment
    if chosen := variables.get(CACHE_VARIABLE):
        return Path(chosen)
    home = variables.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "supergraph" / "schemas"


@dataclass(slots=True)
class LastGoodCopies:
    """The copies in one folder; `used` says, for people, which ones stood in and why."""

    folder: Path
    used: list[str] = field(default_factory=list)

    def keep(self, url: str, sdl: str) -> None:
        """Remember what the subgraph answered, instead of what it answered before."""
        path = self._path(url)
        waiting = path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            waiting.touch(mode=0o600)
            waiting.write_text(sdl, encoding="utf-8")
            waiting.replace(path)

    def stand_in(self, name: str, url: str, why: str) -> str | None:
        """The copy for a subgraph that failed to answer, or None when there is none."""
        try:
            sdl = self._path(url).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        self.used.append(f"{why}; the last SDL that {name} answered with is used instead")
        return sdl

    def _path(self, url: str) -> Path:
        return self.folder / (hashlib.sha256(url.encode()).hexdigest() + ".graphql")
