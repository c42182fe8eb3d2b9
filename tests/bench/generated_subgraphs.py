"""Subgraphs made up for measuring composition: always the same for the same size.

Each subgraph brings 100 types of its own in the proportions of a real schema, and takes part in
entities of others: it adds fields to them, requires some of theirs and provides others. All of
them share a few value types. The number of subgraphs is the only dial, so that the size grows with
it and nothing else does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from supergraph.composition.result import Subgraph

__all__ = ["TYPES_PER_SUBGRAPH", "generate_subgraphs"]

#: Types that only one subgraph defines, whatever it adds to others.
TYPES_PER_SUBGRAPH = 100

_ENTITIES = 44
_VALUES = 22
_INTERFACES = 4
_UNIONS = 5
_ENUMS = 12
_INPUTS = 11
_SCALARS = 2
#: Entities of other subgraphs that a subgraph adds fields to.
_EXTENDED = 12
_FIELDS = 8

_LINK = """extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.9"
    import: ["@key", "@shareable", "@external", "@requires", "@provides", "@tag", "@inaccessible"]
  )"""
_SHARED = '''"""A page of a connection, as all subgraphs know it."""
type PageInfo @shareable {
  hasNextPage: Boolean!
  endCursor: String
}

"""An amount and its currency."""
type Money @shareable {
  amount: Int!
  currency: Currency!
}

enum Currency {
  EUR
  USD
  GBP
}

enum Order {
  ASCENDING
  DESCENDING
}

input Page {
  first: Int = 20
  after: String
}'''


@dataclass(frozen=True, slots=True)
class _Names:
    """What one subgraph's own types are called."""

    number: int

    def __call__(self, kind: str, index: int) -> str:
        return f"S{self.number}{kind}{index}"

    def all(self, kind: str, count: int) -> list[str]:
        return [self(kind, index) for index in range(count)]


def generate_subgraphs(count: int) -> list[Subgraph]:
    """`count` subgraphs that compose."""
    return [
        Subgraph(f"subgraph{number}", _sdl(number, count), f"http://subgraph{number}.test/graphql")
        for number in range(count)
    ]


def _sdl(number: int, count: int) -> str:
    random = Random(number * 1000 + count)
    names = _Names(number)
    return "\n\n".join(
        [
            _LINK,
            _SHARED,
            *_leaves(names),
            *_inputs(names, random),
            *_interfaces(names),
            *_values(names, random),
            *_entities(names, random),
            *_unions(names),
            *_extended(names, random, count),
            _query(names),
            _mutation(names),
        ]
    )


def _leaves(names: _Names) -> Iterator[str]:
    for name in names.all("Enum", _ENUMS):
        values = "\n".join(f'  """Value {v} of it."""\n  {name.upper()}_{v}' for v in range(6))
        yield f'"""How far a thing has come."""\nenum {name} {{\n{values}\n}}'
    for name in names.all("Scalar", _SCALARS):
        yield f'scalar {name} @specifiedBy(url: "https://scalars.test/{name}")'


def _inputs(names: _Names, random: Random) -> Iterator[str]:
    for index, name in enumerate(names.all("Input", _INPUTS)):
        nested = [f"  inner: {names('Input', index - 1)}"] if index else []
        fields = [
            f"  field{number}: {random.choice(['String', 'Int!', '[ID!]', 'Boolean = false'])}"
            for number in range(6)
        ]
        state = f"  state: {names('Enum', index)}"
        yield f"input {name} {{\n" + "\n".join([*nested, *fields, state]) + "\n}"


def _interfaces(names: _Names) -> Iterator[str]:
    for index, name in enumerate(names.all("Interface", _INTERFACES)):
        yield (
            f'"""What entities of a kind have in common."""\ninterface {name} {{\n'
            f"  id: ID!\n  name: String\n  state: {names('Enum', index)}\n}}"
        )


def _values(names: _Names, random: Random) -> Iterator[str]:
    for index, name in enumerate(names.all("Value", _VALUES)):
        tail = [f"  part: {names('Value', index - 1)}"] if index else []
        fields = [_leaf_field(names, random, number) for number in range(_FIELDS)]
        yield f"type {name} {{\n" + "\n".join([*fields, *tail]) + "\n}"


def _entities(names: _Names, random: Random) -> Iterator[str]:
    for index, name in enumerate(names.all("Entity", _ENTITIES)):
        interface = index % _INTERFACES
        keys = '@key(fields: "id")' + (' @key(fields: "code region")' if index % 5 == 0 else "")
        yield (
            f'"""An entity of subgraph {names.number}.\n\nOther subgraphs add fields to it."""\n'
            f"type {name} implements {names('Interface', interface)} {keys} {{\n"
            + "\n".join(
                [
                    "  id: ID!",
                    "  code: String!",
                    "  region: String!",
                    "  name: String @shareable",
                    f"  state: {names('Enum', interface)}",
                    "  weight: Int",
                    "  price: Money",
                    *(_leaf_field(names, random, number) for number in range(_FIELDS)),
                    f"  value: {names('Value', index % _VALUES)}",
                    (
                        f"  related(page: Page, order: Order = ASCENDING): "
                        f"[{names('Entity', random.randrange(_ENTITIES))}!]"
                    ),
                    '  secret: String @tag(name: "internal") @inaccessible',
                ]
            )
            + "\n}"
        )


def _leaf_field(names: _Names, random: Random, number: int) -> str:
    leaf = random.choice(
        ["String", "Int", "Float!", "Boolean!", "[String!]!", "ID", "Money", "enum", "scalar"]
    )
    if leaf == "enum":
        leaf = names("Enum", random.randrange(_ENUMS))
    elif leaf == "scalar":
        leaf = names("Scalar", random.randrange(_SCALARS)) + "!"
    match random.randrange(6):
        case 0:
            return f'  """What field {number} is about."""\n  field{number}: {leaf}'
        case 1:
            return f'  field{number}(unit: String = "metre", places: Int): {leaf}'
        case 2:
            return f'  field{number}: {leaf} @deprecated(reason: "Use another one.")'
        case _:
            return f"  field{number}: {leaf}"


def _unions(names: _Names) -> Iterator[str]:
    for index, name in enumerate(names.all("Union", _UNIONS)):
        yield f"union {name} = " + " | ".join(names("Entity", index * 3 + n) for n in range(3))


def _extended(names: _Names, random: Random, count: int) -> Iterator[str]:
    """What the subgraph adds to entities of others."""
    others = [number for number in range(count) if number != names.number]
    seen: set[str] = set()
    for _ in range(_EXTENDED if others else 0):
        name = _Names(random.choice(others))("Entity", random.randrange(_ENTITIES))
        if name in seen:
            continue
        seen.add(name)
        own = f"from{names.number}"
        yield (
            f'type {name} @key(fields: "id") {{\n  id: ID!\n'
            "  weight: Int @external\n"
            "  name: String @external\n"
            f'  {own}Cost: Int @requires(fields: "weight")\n'
            f"  {own}Value: {names('Value', random.randrange(_VALUES))}\n"
            f"  {own}Owner: {names('Entity', random.randrange(_ENTITIES))}\n"
            f'  {own}Others: [{name}!] @provides(fields: "name")\n}}'
        )


def _query(names: _Names) -> str:
    prefix = f"s{names.number}"
    fields = [
        *(f"  {prefix}Entity{n}(id: ID!): {names('Entity', n)}" for n in range(_ENTITIES)),
        *(f"  {prefix}Search{n}(text: String!): [{names('Union', n)}!]!" for n in range(_UNIONS)),
        *(f"  {prefix}All{n}(page: Page): [{names('Interface', n)}]" for n in range(_INTERFACES)),
        f"  {prefix}Page: PageInfo",
    ]
    return "type Query {\n" + "\n".join(fields) + "\n}"


def _mutation(names: _Names) -> str:
    fields = [
        f"  s{names.number}Change{n}(input: {names('Input', n)}!): {names('Entity', n)}"
        for n in range(_INPUTS)
    ]
    return "type Mutation {\n" + "\n".join(fields) + "\n}"
