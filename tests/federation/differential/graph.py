"""Random federated graphs over data that fails in places, and the monolith they should equal.

Two or three entities are spread over two or three subgraphs: keys of one or two fields, shared
fields, `@requires`, `@provides`, an interface, a union, a value type, an enum, a custom scalar,
input objects, lists of every nullability, mutations. A value may be null or fail wherever it
stands, required places included.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

__all__ = ["HUES", "ROWS", "Field", "Graph", "Ref"]

ROWS = 3
HUES = ("RED", "GREEN", "BLUE")
LEAVES = ("String", "Int", "Float", "Boolean", "ID", "BigInt", "Hue")
ARGUMENTS = (
    "n: Int = 7",
    "n: Int!",
    "text: String",
    "hue: Hue! = RED",
    "big: BigInt",
    "ids: [ID!]",
    "filter: Filter",
    "filters: [Filter!]! = []",
)
NAMES = ("size", "rank", "note", "flag", "tags", "mood", "area", "peer", "best")
#: `{}` stands for the base type.
NULLABLE_WRAPS = ("{}", "[{}]", "[{}!]")
WRAPS = (*NULLABLE_WRAPS, "{}!", "{}!", "[{}]!", "[{}!]!")


@dataclass(frozen=True)
class Ref:
    """A row of an entity."""

    type: str
    row: int


@dataclass
class Field:
    """A field of an entity or root type, and the subgraphs that resolve it."""

    name: str
    base: str
    wrap: str
    owners: list[str]
    arguments: str = ""
    requires: str = ""
    provides: str = ""
    external: set[str] = field(default_factory=set)
    is_key: bool = False

    @property
    def type(self) -> str:
        return self.wrap.format(self.base)

    @property
    def is_leaf(self) -> bool:
        return self.base in LEAVES

    def sdl(self, subgraph: str | None, *, lenient: bool = False) -> str:
        """As a subgraph declares it, or the monolith (None); `lenient` requires nothing."""
        type_ = self.type.replace("!", "") if lenient else self.type
        text = f"{self.name}{f'({self.arguments})' if self.arguments else ''}: {type_}"
        if subgraph is None:
            return text
        if subgraph in self.external:
            return f"{text} @external"
        if not self.is_key and (len(self.owners) > 1 or (self.external and not self.requires)):
            text += " @shareable"
        if self.requires:
            text += f' @requires(fields: "{self.requires}")'
        if self.provides:
            text += f' @provides(fields: "{self.provides}")'
        return text


class Graph:
    """`entities`, `query` and `mutation` hold fields by name; `odd` what is wrong, by place."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.subgraphs = ["one", "two", "three"][: rng.randint(2, 3)]
        self.home = rng.choice(self.subgraphs)
        self.keys: dict[str, tuple[str, ...]] = {}
        self.entities: dict[str, dict[str, Field]] = {}
        self.places: dict[str, list[str]] = {}
        self.odd: dict[tuple[str, str, int], str] = {}
        for name in ("Ant", "Bee", "Cat")[: rng.randint(2, 3)]:
            self._add_entity(name)
        for name in self.entities:
            self._add_fields(name)
        for name in self.entities:
            self._add_requires(name)
        self.query = {item.name: item for item in self._roots("Query")}
        self.mutation = {item.name: item for item in self._roots("Mutation")}
        self._add_provides()
        for type_name, fields in self.entities.items():
            for item in fields.values():
                self._spoil(type_name, item)

    # --- schema -----------------------------------------------------------------------------

    def _some(self, subgraphs: list[str]) -> list[str]:
        chosen = [name for name in subgraphs if self.rng.random() < 0.4]
        return chosen or [self.rng.choice(subgraphs)]

    def _add_entity(self, name: str) -> None:
        self.keys[name] = ("org", "code") if self.rng.random() < 0.3 else ("id",)
        places = [item for item in self.subgraphs if item == self.home or self.rng.random() < 0.7]
        self.places[name] = places
        self.entities[name] = {
            key: Field(key, "ID", "{}!", places, is_key=True) for key in self.keys[name]
        }
        # The interface's field, which its home always knows.
        owners = [self.home, *(item for item in self._some(places) if item != self.home)]
        self.entities[name]["label"] = Field("label", "String", "{}", owners)

    def _add_fields(self, name: str) -> None:
        for field_name in NAMES:
            if self.rng.random() < 0.45:
                item = self._field(field_name, self._some(self.places[name]))
                self.entities[name][field_name] = item

    def _field(self, name: str, owners: list[str]) -> Field:
        rng = self.rng
        kind = rng.choice(("leaf", "leaf", "arguments", "box", "ref", "ref", "abstract"))
        wrap = rng.choice(WRAPS)
        if kind == "arguments":
            arguments = {text.split(":")[0]: text for text in rng.sample(ARGUMENTS, 2)}
            return Field(name, "String", wrap, owners[:1], ", ".join(arguments.values()))
        if kind == "box":
            return Field(name, "Box", wrap, owners)
        if kind == "ref":
            return Field(name, rng.choice(list(self.entities)), wrap, owners)
        if kind == "abstract" and owners[0] == self.home:
            return Field(name, rng.choice(("Being", "Either")), wrap, [self.home])
        return Field(name, rng.choice(LEAVES), wrap, owners)

    def _add_requires(self, name: str) -> None:
        fields = self.entities[name]
        if len(self.places[name]) < 2 or self.rng.random() < 0.4:
            return
        owner = self.rng.choice(self.places[name])
        usable = [
            item
            for item in fields.values()
            if owner not in item.owners
            and not (item.arguments or item.is_key)
            and (item.is_leaf or item.base == "Box")
        ]
        for item in self.rng.sample(usable, min(len(usable), 2)):
            item.external.add(owner)
        required = [item for item in usable if owner in item.external]
        if required:
            text = " ".join(f"{i.name} {{ w }}" if i.base == "Box" else i.name for i in required)
            wrap = self.rng.choice(("{}", "{}!"))
            fields["need"] = Field("need", "String", wrap, [owner], requires=text)

    def _roots(self, type_name: str) -> Iterator[Field]:
        for subgraph in self.subgraphs:
            known = [name for name, places in self.places.items() if subgraph in places]
            if type_name == "Mutation":
                yield Field(f"{subgraph}Bump", "Int", "{}!", [subgraph], "by: Int! = 1")
            elif subgraph == self.home:
                yield Field("beings", self.rng.choice(("Being", "Either")), "[{}]!", [subgraph])
            if known:
                wrap = self.rng.choice(WRAPS)
                name = f"{subgraph}{'Set' if type_name == 'Mutation' else 'Root'}"
                yield Field(name, self.rng.choice(known), wrap, [subgraph])

    def _add_provides(self) -> None:
        for item in self.all_fields():
            if item.base not in self.entities or len(item.owners) > 1 or self.rng.random() < 0.5:
                continue
            [owner] = item.owners
            for target in self.entities[item.base].values():
                is_free = target.is_leaf and not (
                    target.arguments or target.requires or target.is_key or target.external
                )
                if is_free and owner not in target.owners and owner in self.places[item.base]:
                    target.external.add(owner)
                    item.provides = target.name
                    break

    def all_fields(self) -> Iterator[Field]:
        """Of entities and root types."""
        for fields in (*self.entities.values(), self.query, self.mutation):
            yield from fields.values()

    # --- data -------------------------------------------------------------------------------

    def _spoil(self, type_name: str, item: Field) -> None:
        is_required = any(
            item.name in other.requires.split() for other in self.entities[type_name].values()
        )
        if item.is_key or (is_required and item.wrap.endswith("!")):
            return
        ways = ["null"] if is_required else ["null", "fail"]
        if "[" in item.wrap and not is_required:
            ways += ["empty", "null item", "failing item"]
        if item.base == "Box" and not is_required:
            ways += ["null inside", "failing inside"]
        share = 0.12 if "!" in item.wrap else 0.25
        for row in range(ROWS):
            if self.rng.random() < share:
                self.odd[type_name, item.name, row] = self.rng.choice(ways)

    def value(self, type_name: str, item: Field, row: int) -> Any:
        """What a resolver answers: an exception, None, a leaf, a `Ref`, a dict, or a list."""
        odd = self.odd.get((type_name, item.name, row), "")
        if odd == "null":
            return None
        if odd == "fail":
            return ValueError(f"{type_name}.{item.name} of {row} fails")
        if "[" not in item.wrap:
            return self._one(type_name, item, row, odd)
        values = [self._one(type_name, item, row + step, odd) for step in (0, 1)]
        match odd:
            case "empty":
                return []
            case "null item":
                return [values[0], None]
            case "failing item":
                return [ValueError("an item fails"), values[1]]
            case _:
                return values

    def _one(self, type_name: str, item: Field, number: int, odd: str) -> Any:
        entities = list(self.entities)
        row = (number + len(item.name)) % ROWS
        match item.base:
            case "Being":
                return Ref(entities[number % len(entities)], row)
            case "Either":
                return Ref(entities[0], row) if number % 2 else self._box(number, odd)
            case "Box":
                return self._box(number, odd)
            case base if base in self.entities:
                return Ref(base, row)
            case base:
                return _leaf(base, f"{type_name}.{item.name}", number)

    @staticmethod
    def _box(number: int, odd: str) -> dict[str, Any]:
        box: dict[str, Any] = {"__typename": "Box", "w": number, "h": number * 10}
        if odd == "null inside":
            box["w"] = None
        elif odd == "failing inside":
            box["h"] = ValueError("h fails")
        return box

    # --- printing ---------------------------------------------------------------------------

    def sdl(self, subgraph: str | None, *, lenient: bool = False) -> str:
        """The schema of a subgraph, or of the monolith (None)."""
        blocks = [
            "enum Hue { " + " ".join(HUES) + " }",
            'input Filter { text: String = "any"  min: Int  hues: [Hue!]  not: Filter }',
            "scalar BigInt",
            f"type Box{' @shareable' if subgraph else ''} "
            + ("{ w: Int h: Int }" if lenient else "{ w: Int! h: Int }"),
        ]
        is_home = subgraph in {None, self.home}
        if is_home:
            blocks.append("interface Being { label: String }")
            blocks.append(f"union Either = {next(iter(self.entities))} | Box")
        for root, fields in (("Query", self.query), ("Mutation", self.mutation)):
            own = [item for item in fields.values() if subgraph in {None, *item.owners}]
            extra = [f"  {subgraph or 'all'}{root}: Int"] if root == "Query" else []
            lines = extra + ["  " + item.sdl(subgraph, lenient=lenient) for item in own]
            blocks.append(f"type {root} {{\n" + "\n".join(lines) + "\n}")
        for name, fields in self.entities.items():
            blocks.append(self._entity_sdl(name, fields, subgraph, lenient=lenient))
        return "\n".join(blocks)

    def _entity_sdl(
        self, name: str, fields: dict[str, Field], subgraph: str | None, *, lenient: bool
    ) -> str:
        own = list(fields.values())
        head = f"type {name}"
        if subgraph in {None, self.home}:
            head += " implements Being"
        if subgraph is not None:
            key = " ".join(self.keys[name])
            is_here = subgraph in self.places[name]
            own = [
                item
                for item in own
                if item.is_key or subgraph in item.owners or subgraph in item.external
            ]
            head += f' @key(fields: "{key}"{"" if is_here else ", resolvable: false"})'
        lines = ["  " + item.sdl(subgraph, lenient=lenient) for item in own]
        return f"{head} {{\n" + "\n".join(lines) + "\n}"


def _leaf(base: str, name: str, number: int) -> Any:
    size = len(name) + number
    return {
        "String": f'{name} {number} \u00e9"',
        "Int": size - 10,
        "Float": size + 0.5,
        "Boolean": size % 2 == 0,
        "ID": f"{name}-{number}",
        "BigInt": 2**70 + size,
        "Hue": HUES[size % len(HUES)],
    }[base]
