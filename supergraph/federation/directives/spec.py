"""What a specification says about one of its directives."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from supergraph.federation.values import ConstValue
from supergraph.federation.versions import FEDERATION_1, Version

__all__ = ["ArgumentSpec", "DirectiveSpec"]

#: In types of arguments, the namespace of the federation specification.
NAMESPACE = "federation__"


@dataclass(frozen=True, slots=True)
class ArgumentSpec:
    """An argument: its type with specification types prefixed `federation__`, and its default."""

    type: str
    default: ConstValue = None
    since: Version = FEDERATION_1


@dataclass(frozen=True, slots=True)
class DirectiveSpec:
    """A directive of the federation specification, with what changed from version to version.

    Inside composition an application carries `name`, whatever a subgraph calls it locally: the
    prefix keeps it apart from a directive of the subgraph's own with the same short name.
    """

    short_name: str
    since: Version
    locations: frozenset[str]
    arguments: Mapping[str, ArgumentSpec] = field(default_factory=dict)
    repeatable_since: Version | None = None
    later_locations: Mapping[str, Version] = field(default_factory=dict)
    in_federation_1: bool = False
    name: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", NAMESPACE + self.short_name)

    def exists_in(self, version: Version) -> bool:
        """Whether this version of the federation specification has the directive."""
        return self.in_federation_1 if version.major == 1 else version >= self.since

    def arguments_in(self, version: Version) -> dict[str, ArgumentSpec]:
        """The arguments the directive has in a version."""
        return {n: spec for n, spec in self.arguments.items() if spec.since <= version}

    def locations_in(self, version: Version) -> frozenset[str]:
        """The locations the directive may stand on in a version."""
        added = {place for place, since in self.later_locations.items() if since <= version}
        return self.locations | added

    def repeatable_in(self, version: Version) -> bool:
        """Whether the directive may be applied twice at one place in a version."""
        return self.repeatable_since is not None and self.repeatable_since <= version
