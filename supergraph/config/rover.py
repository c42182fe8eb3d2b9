"""`rover.yaml`: the file of Apollo's rover that names the subgraphs of a supergraph.

    federation_version: =2.11.0
    subgraphs:
      users:
        routing_url: http://127.0.0.1:4001/graphql
        schema:
          file: ./users.graphql

A schema is exactly one of `file` (relative to the configuration file), `subgraph_url` (asked for
its SDL, with optional `introspection_headers`) and `sdl`. `${env.X}` is expanded in every value.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, assert_never

import msgspec
import yaml

from supergraph.composition.result import Subgraph
from supergraph.config.introspect import introspect_all
from supergraph.config.last_good import LastGoodCopies
from supergraph.config.yaml_document import ConfigError, load_yaml
from supergraph.error_codes import runtime as codes
from supergraph.names import SubgraphName

__all__ = [
    "FileSchema",
    "InlineSchema",
    "RoverConfig",
    "RoverSubgraph",
    "SchemaSource",
    "UrlSchema",
    "load_rover_config",
    "read_subgraphs",
    "schema_files",
]


@dataclass(frozen=True, slots=True)
class FileSchema:
    """The SDL is in a file; the path is already resolved."""

    path: Path


@dataclass(frozen=True, slots=True)
class InlineSchema:
    """The SDL stands in the configuration file itself."""

    sdl: str


@dataclass(frozen=True, slots=True)
class UrlSchema:
    """The SDL is asked of the running subgraph."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


SchemaSource: TypeAlias = FileSchema | InlineSchema | UrlSchema


@dataclass(frozen=True, slots=True)
class RoverSubgraph:
    """One subgraph: its name, where requests go, and where its SDL comes from."""

    name: SubgraphName
    routing_url: str
    schema: SchemaSource


@dataclass(frozen=True, slots=True)
class RoverConfig:
    """A whole file; the subgraphs in the order in which it names them."""

    path: Path
    subgraphs: tuple[RoverSubgraph, ...]


class _Schema(msgspec.Struct, forbid_unknown_fields=True):
    file: str | None = None
    subgraph_url: str | None = None
    introspection_headers: dict[str, str] = {}
    sdl: str | None = None
    graphref: str | None = None
    subgraph: str | None = None


class _Subgraph(msgspec.Struct, forbid_unknown_fields=True):
    schema: _Schema
    routing_url: str | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    subgraphs: dict[str, _Subgraph]
    federation_version: str | int | float | None = None


def load_rover_config(path: Path, environment: Mapping[str, str] | None = None) -> RoverConfig:
    """Read and check the file; raises `ConfigError`, which names line and key."""
    content = load_yaml(path, _File, os.environ if environment is None else environment)
    version = str(content.federation_version or "2").lstrip("=v")
    if version.startswith("1"):
        raise _error(path, "federation_version", "supergraphs of federation 1 are not composed")
    if not content.subgraphs:
        raise _error(path, "subgraphs", "at least one subgraph must be named")
    return RoverConfig(
        path,
        tuple(_subgraph(path, name, entry) for name, entry in content.subgraphs.items()),
    )


def read_subgraphs(
    config: RoverConfig, timeout_seconds: float = 10.0, copies: LastGoodCopies | None = None
) -> list[Subgraph]:
    """Get every subgraph's SDL, from its file or its server; raises `ConfigError`.

    Where a server does not answer with its SDL, the last one it did answer with is taken from
    `copies`. Blocks until all are there, so it must not be called where an event loop runs.
    """
    urls = {s.name: s.schema for s in config.subgraphs if isinstance(s.schema, UrlSchema)}
    answers = introspect_all(
        {name: (source.url, source.headers) for name, source in urls.items()}, timeout_seconds
    )
    answered: dict[str, str] = {
        name: _answer(name, urls[name].url, answers[name], copies) for name in urls
    }
    return [Subgraph(s.name, _sdl(config, s, answered), s.routing_url) for s in config.subgraphs]


def _answer(name: str, url: str, answer: str | ConfigError, copies: LastGoodCopies | None) -> str:
    if isinstance(answer, str):
        if copies is not None:
            copies.keep(url, answer)
        return answer
    copy = copies.stand_in(name, url, answer.message) if copies is not None else None
    if copy is None:
        raise answer
    return copy


def schema_files(config: RoverConfig) -> list[Path]:
    """The files the SDLs are read from: what to watch for changes."""
    return [s.schema.path for s in config.subgraphs if isinstance(s.schema, FileSchema)]


def _subgraph(path: Path, name: str, entry: _Subgraph) -> RoverSubgraph:
    key = f"subgraphs.{name}"
    schema = _source(path, key, entry.schema)
    routing_url = entry.routing_url
    if routing_url is None:
        if not isinstance(schema, UrlSchema):
            raise _error(path, key, "routing_url is missing")
        routing_url = schema.url
    return RoverSubgraph(SubgraphName(name), routing_url, schema)


def _source(path: Path, key: str, schema: _Schema) -> SchemaSource:
    key += ".schema"
    if schema.graphref is not None or schema.subgraph is not None:
        message = "graphref needs Apollo's registry, which is not asked: use file or subgraph_url"
        raise _error(path, key, message)
    given = [name for name in ("file", "subgraph_url", "sdl") if getattr(schema, name) is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none"
        raise _error(path, key, f"give one of file, subgraph_url and sdl, not {found}")
    if schema.introspection_headers and schema.subgraph_url is None:
        raise _error(path, key, "introspection_headers only go with subgraph_url")
    if schema.file is not None:
        return FileSchema(path.parent / schema.file)
    if schema.sdl is not None:
        return InlineSchema(schema.sdl)
    return UrlSchema(schema.subgraph_url or "", schema.introspection_headers)


def _sdl(config: RoverConfig, subgraph: RoverSubgraph, answered: Mapping[str, str]) -> str:
    match subgraph.schema:
        case InlineSchema(sdl):
            return sdl
        case UrlSchema():
            return answered[subgraph.name]
        case FileSchema(path):
            return _read(config, subgraph.name, path)
        case _:
            assert_never(subgraph.schema)


def _read(config: RoverConfig, name: str, path: Path) -> str:
    where = f"{config.path}: subgraphs.{name}.schema.file: {path}"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(codes.CONFIG_UNREADABLE, f"{where}: cannot be read: {reason}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(codes.CONFIG_UNREADABLE, f"{where}: is not UTF-8 text") from error


def _error(path: Path, key: str, message: str) -> ConfigError:
    return ConfigError(codes.CONFIG_INVALID, f"{path}:{_line_of(path, key)}: {key}: {message}")


def _line_of(path: Path, key: str) -> int:
    """The line of the deepest part of a dotted key that the file has; it was read before."""
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    line = 1
    for step in key.split("."):
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        found = next((pair for pair in pairs if pair[0].value == step), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
