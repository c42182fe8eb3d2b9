"""Writing source, and turning it into functions."""

from collections.abc import Callable, Hashable
from typing import Any

from supergraph.cache.lru import LruCache

__all__ = ["SOURCE_LINES_MAX", "Source", "function_from"]

#: Longer code is not generated: the plan keeps to the general way. (The heaviest operations of the
#: benchmarks need some 150 lines.)
SOURCE_LINES_MAX = 2_000

#: Compiling is the dearest part of generating, so what it gave is kept: for so many sources, and so
#: many characters of them (compiled code takes some ten times its source).
SOURCES_MAX = 1_000
SOURCE_CHARACTERS_MAX = 2_000_000

_Factory = Callable[[tuple[Any, ...]], Callable[..., Any]]
_FACTORIES: LruCache[str, _Factory] = LruCache(SOURCES_MAX, SOURCE_CHARACTERS_MAX)


class Source:
    """Lines of Python, and the constants they name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: list[Any] = []
        self._names: dict[tuple[type, Hashable], str] = {}

    def write(self, depth: int, line: str) -> None:
        """Add a line; `depth` counts levels inside the function's body, from 0."""
        self.lines.append("  " * (depth + 2) + line)

    def function(self, head: str) -> None:
        """Begin a function; the lines that follow are its body."""
        self.lines.append(f"  def {head}:")

    def constant(self, value: Hashable) -> str:
        """The name of a constant; equal values of one type share it."""
        key = (type(value), value)
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = self.own_constant(value)
        return name

    def own_constant(self, value: Any) -> str:
        """The name of a constant that nothing else shares."""
        self.constants.append(value)
        return f"K{len(self.constants) - 1}"


def function_from(source: Source, name: str) -> Callable[..., Any]:
    """The function of that name, which the source defines, with its constants bound."""
    names = "".join(f"K{index}," for index in range(len(source.constants)))
    head = [f"  {names} = constants"] if names else []
    text = "\n".join(["def make(constants):", *head, *source.lines, f"  return {name}"])
    factory = _FACTORIES.get(text)
    if factory is None:
        namespace: dict[str, Any] = {}
        exec(compile(text, "<generated for a query plan>", "exec"), namespace)  # noqa: S102 # see the package's invariant
        factory = namespace["make"]
        _FACTORIES.put(text, factory, weight=len(text))
    return factory(tuple(source.constants))
