"""A YAML file read into a typed record, with errors that name the line and the key.

`${env.NAME}` in a value is replaced by the environment variable, `${env.NAME:-text}` by it or by
`text`. The replacement is made before YAML decides on the type, so `port: ${env.PORT}` is a number.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from supergraph.error_codes import runtime as codes
from supergraph.errors import SupergraphError

__all__ = ["ConfigError", "load_yaml"]

T = TypeVar("T")

_ENVIRONMENT = re.compile(r"\$\{env\.([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_AT = re.compile(r"^(?P<message>.*?)(?: - at `(?:key in )?(?P<path>\$.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN_FIELD = re.compile(r"^Object contains unknown field `(?P<name>.*)`$")


class ConfigError(SupergraphError):
    """A configuration file cannot be used; the message says which, where and why."""


def load_yaml(path: Path, record: type[T], environment: Mapping[str, str]) -> T:
    """The file's content as a `record`; raises `ConfigError`."""
    root = _compose(path)
    if root is None:
        root = MappingNode("tag:yaml.org,2002:map", [])
    _expand_environment(path, root, environment)
    _refuse_duplicate_keys(path, root)
    loader = yaml.SafeLoader("")
    try:
        value = loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        raise _yaml_error(path, error) from error
    try:
        return msgspec.convert(value, record)
    except msgspec.ValidationError as error:
        raise _conversion_error(path, root, value, record, str(error)) from error


def _compose(path: Path) -> Node | None:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(codes.CONFIG_UNREADABLE, f"{path}: cannot be read: {reason}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(codes.CONFIG_UNREADABLE, f"{path}: is not UTF-8 text") from error
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise _yaml_error(path, error) from error


def _yaml_error(path: Path, error: yaml.YAMLError) -> ConfigError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    where = f"{path}:{mark.line + 1}" if mark is not None else str(path)
    return ConfigError(codes.CONFIG_INVALID, f"{where}: not valid YAML: {problem}")


def _expand_environment(path: Path, root: Node, environment: Mapping[str, str]) -> None:
    resolver = yaml.SafeLoader("")
    for node in _nodes(root):
        if not isinstance(node, ScalarNode) or "${env." not in node.value:
            continue

        def value_of(match: re.Match[str], line: int = node.start_mark.line + 1) -> str:
            name, default = match.groups()
            value: str | None = environment.get(name, default)
            if value is None:
                message = f"{path}:{line}: environment variable {name} is not set"
                raise ConfigError(codes.CONFIG_INVALID, message)
            return str(value)

        node.value = _ENVIRONMENT.sub(value_of, node.value)
        # A quoted text stays a text whatever it expands to, and so does nothing at all.
        if node.style is None and node.value:
            node.tag = resolver.resolve(  # type: ignore[no-untyped-call] # PyYAML is partly typed
                ScalarNode, node.value, (True, False)
            )


def _refuse_duplicate_keys(path: Path, root: Node) -> None:
    """YAML forbids them; PyYAML would silently take the last."""
    for node in _nodes(root):
        if not isinstance(node, MappingNode):
            continue
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen and key.value != "<<":
                line = key.start_mark.line + 1
                message = f"{path}:{line}: {key.value}: the key is given twice"
                raise ConfigError(codes.CONFIG_INVALID, message)
            if isinstance(key, ScalarNode):
                seen.add(key.value)


def _nodes(root: Node) -> list[Node]:
    """Every node once; anchors make a YAML document a graph."""
    found: dict[int, Node] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) in found:
            continue
        found[id(node)] = node
        if isinstance(node, MappingNode):
            stack += [child for pair in node.value for child in pair]
        elif isinstance(node, SequenceNode):
            stack += node.value
    return list(found.values())


def _conversion_error(
    path: Path, root: Node, value: Any, record: type[Any], text: str
) -> ConfigError:
    match = _AT.match(text)
    message, where = (match["message"], match["path"] or "$") if match else (text, "$")
    node = root
    keys: list[str | int] = []
    current = value
    for name, index in _STEP.findall(where):
        step = name or index
        if step == "...":
            step = _wrong_key(value, keys, current, record) or step
        node = _child(node, step)
        keys.append(int(index) if index.isdigit() else step)
        current = _item(current, keys[-1])
    unknown = _UNKNOWN_FIELD.match(message)
    if unknown:
        node = _key_node(node, unknown["name"])
        keys.append(unknown["name"])
        message = "unknown key"
    line = node.start_mark.line + 1 if node.start_mark is not None else 1
    shown = ".".join(map(str, keys)) or "the file"
    return ConfigError(codes.CONFIG_INVALID, f"{path}:{line}: {shown}: {message}")


def _wrong_key(value: Any, keys: list[Any], mapping: Any, record: type[Any]) -> str | None:
    """Which entry of a mapping does not convert; msgspec only says that one does not."""
    for key, item in mapping.items() if isinstance(mapping, dict) else ():
        try:
            msgspec.convert(_with_only(value, keys, {key: item}), record)
        except msgspec.ValidationError as error:
            if "[...]" in str(error):
                return str(key)
    return None


def _with_only(value: Any, keys: list[Any], replacement: Any) -> Any:
    if not keys:
        return replacement
    copy = value.copy()
    copy[keys[0]] = _with_only(value[keys[0]], keys[1:], replacement)
    return copy


def _item(value: Any, key: Any) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


def _child(node: Node, step: str) -> Node:
    if isinstance(node, MappingNode):
        return next((item for key, item in node.value if key.value == step), node)
    if isinstance(node, SequenceNode) and step.isdigit() and int(step) < len(node.value):
        return node.value[int(step)]  # type: ignore[no-any-return] # PyYAML's nodes are untyped
    return node


def _key_node(node: Node, name: str) -> Node:
    pairs = node.value if isinstance(node, MappingNode) else ()
    return next((key for key, _ in pairs if key.value == name), node)
