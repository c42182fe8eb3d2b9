"""Reading `@link`: which specification a schema uses, and under which local names.

See https://specs.apollo.dev/link/v1.0. An imported element has the name it is imported under;
any other is prefixed with the link's namespace (`@federation__key`), except that the directive
named like the specification itself stands without prefix (`@tag`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from supergraph.error_codes import composition as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.federation.values import ConstValue, EnumValue
from supergraph.federation.versions import Version, parse_version

__all__ = [
    "FEDERATION_IDENTITY",
    "LINK_IDENTITY",
    "Import",
    "Link",
    "LinkError",
    "LinkUrl",
    "parse_link",
    "parse_link_url",
]

APOLLO_SPECS = "https://specs.apollo.dev"
FEDERATION_IDENTITY = f"{APOLLO_SPECS}/federation"
LINK_IDENTITY = f"{APOLLO_SPECS}/link"

_ARGUMENTS = {"url", "as", "for", "import"}
_PURPOSES = {"SECURITY", "EXECUTION"}


class LinkError(ValueError):
    """A `@link` that cannot be read; `definition` is the code it is reported under."""

    def __init__(self, definition: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.definition = definition
        self.message = message


@dataclass(frozen=True, slots=True)
class LinkUrl:
    """A specification's URL: its identity is everything before the version."""

    identity: str
    name: str
    version: Version

    def __str__(self) -> str:
        return f"{self.identity}/{self.version}"


@dataclass(frozen=True, slots=True)
class Import:
    """One imported element; directives keep their `@` in both names."""

    name: str
    local_name: str


@dataclass(frozen=True, slots=True)
class Link:
    """One application of `@link`."""

    url: LinkUrl
    namespace: str
    imports: tuple[Import, ...] = ()
    purpose: str | None = None

    def directive_name(self, name: str) -> str:
        """The local name, without `@`, of the specification's directive `name`."""
        for item in self.imports:
            if item.name == "@" + name:
                return item.local_name[1:]
        return self.namespace if name == self.url.name else f"{self.namespace}__{name}"

    def type_name(self, name: str) -> str:
        """The local name of the specification's type `name`."""
        for item in self.imports:
            if item.name == name:
                return item.local_name
        return f"{self.namespace}__{name}"

    def owns(self, local_name: str) -> bool:
        """Whether a type or directive of this local name (no `@`) belongs to the specification."""
        return (
            local_name == self.namespace
            or local_name.startswith(self.namespace + "__")
            or any(item.local_name.lstrip("@") == local_name for item in self.imports)
        )


def parse_link_url(text: str) -> LinkUrl:
    """Read a specification URL; raises LinkError when name or version are missing."""
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise _bad_url(text, str(error)) from error
    path = [part for part in parts.path.split("/") if part]
    if not path:
        raise _bad_url(text, "it has no path: write https://<host>/<name>/v<major>.<minor>")
    version = parse_version(path[-1])
    if version is None:
        raise _bad_url(text, f'it ends in "{path[-1]}" where a version like "v1.0" must stand')
    segments = parts.path.rstrip("/").split("/")
    name = segments[-2] if len(segments) > 1 else ""
    if not name:
        raise _bad_url(text, "the name of the specification is missing before the version")
    host = parts.netloc.rpartition("@")[2]
    return LinkUrl(f"{parts.scheme}://{host}" + "/".join(segments[:-1]), name, version)


def parse_link(arguments: Mapping[str, ConstValue]) -> Link:
    """Read the arguments of one `@link` application; raises LinkError."""
    url_text = arguments.get("url")
    if not isinstance(url_text, str) or isinstance(url_text, EnumValue):
        raise _bad_usage("it has no url: write the specification's URL as a string")
    url = parse_link_url(url_text)
    namespace = arguments.get("as") or url.name
    if not isinstance(namespace, str):
        raise _bad_usage('the argument "as" must be a string')
    purpose = arguments.get("for")
    if purpose is not None and purpose not in _PURPOSES:
        raise _bad_usage(f'"{purpose}" is no purpose: use SECURITY or EXECUTION')
    return Link(
        url,
        namespace,
        _imports(arguments.get("import"), url),
        None if purpose is None else str(purpose),
    )


def _imports(value: ConstValue, url: LinkUrl) -> tuple[Import, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _bad_usage(f'the imports of "{url}" must be a list')
    return tuple(_import(item) for item in value)


def _import(value: ConstValue) -> Import:
    if isinstance(value, str) and not isinstance(value, EnumValue):
        return Import(value, value)
    if not isinstance(value, dict):
        raise _bad_usage('an import is a string or an object {name: "…", as: "…"}')
    unknown = sorted(value.keys() - {"name", "as"})
    if unknown:
        raise _bad_usage(f'an import has no key "{unknown[0]}", only "name" and "as"')
    name, local = value.get("name"), value.get("as")
    if not isinstance(name, str):
        raise _bad_usage('an import object must have the key "name" with a string')
    if local is None:
        return Import(name, name)
    if not isinstance(local, str):
        raise _bad_usage(f'the local name of the import "{name}" must be a string')
    if name.startswith("@") != local.startswith("@"):
        raise _bad_usage(
            f'"{name}" cannot be imported as "{local}": both names of a directive start with "@", '
            "neither of a type"
        )
    return Import(name, local)


def _bad_url(text: str, why: str) -> LinkError:
    return LinkError(codes.INVALID_LINK_IDENTIFIER, f'The link URL "{text}" is not valid: {why}.')


def _bad_usage(why: str) -> LinkError:
    return LinkError(codes.INVALID_LINK_DIRECTIVE_USAGE, f"Invalid @link: {why}.")
