"""Versions of the specifications, and which of the federation specification we know."""

import re
from typing import NamedTuple

__all__ = ["FEDERATION_1", "FEDERATION_VERSIONS", "Version", "parse_version"]

_VERSION = re.compile(r"v(\d+)\.(\d+)")


class Version(NamedTuple):
    """A specification's version; versions compare as numbers, so v2.10 is after v2.9."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}"

    def satisfies(self, required: "Version") -> bool:
        """Whether an implementation of this version can serve a user of `required`."""
        if self.major != required.major:
            return False
        return self.minor == required.minor if self.major == 0 else self.minor >= required.minor


def parse_version(text: str) -> Version | None:
    """The version written as `v2.3`, or None when `text` is no version."""
    found = _VERSION.fullmatch(text)
    return Version(int(found[1]), int(found[2])) if found else None


#: What a subgraph without a federation `@link` is taken for.
FEDERATION_1 = Version(1, 0)

#: Every published version of the federation 2 specification, oldest first.
FEDERATION_VERSIONS: tuple[Version, ...] = tuple(Version(2, minor) for minor in range(14))
