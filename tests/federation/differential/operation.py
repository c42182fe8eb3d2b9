"""Random operations on the monolith's schema: fragments, aliases, conditions, variables."""

import json
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    print_ast,
)
from graphql.utilities import ast_from_value

__all__ = ["Operation", "random_operation"]

FIELDS_MAX = 30
TEXTS = ("", "plain", 'quote " \\ \u00fc\n')


class Operation:
    """A document, its variables' values, and how it was made."""

    def __init__(self, schema: GraphQLSchema, rng: Random) -> None:
        self.variables: dict[str, Any] = {}
        self._schema = schema
        self._rng = rng
        self._declared: list[str] = []
        self._fragments: list[str] = []
        self._fields_left = FIELDS_MAX
        kind = "mutation" if rng.random() < 0.2 else "query"
        root = schema.mutation_type if kind == "mutation" else schema.query_type
        assert root is not None
        body = self._selection(root, rng.randint(2, 4))
        head = f"({', '.join(self._declared)})" if self._declared else ""
        self.text = "\n".join([f"{kind} Q{head} {body}", *self._fragments])

    def _selection(self, type_: GraphQLNamedType, depth: int) -> str:
        rng, lines = self._rng, []
        fields = {
            name: item
            for name, item in getattr(type_, "fields", {}).items()
            if not name.endswith("Query") and (depth > 1 or not _is_composite(item.type))
        }
        if is_abstract_type(type_) or rng.random() < 0.15:
            lines.append(f"{self._alias()}__typename{self._condition()}")
        for name in rng.sample(list(fields), min(len(fields), rng.randint(1, 4))):
            if self._fields_left > 0:
                lines += self._wrapped(self._field(name, fields[name], fields, depth), type_)
        if is_abstract_type(type_):
            for member in self._schema.get_possible_types(type_):
                if rng.random() < 0.7:
                    lines.append(self._fragment(member, self._selection(member, depth)))
        elif getattr(type_, "interfaces", None) and rng.random() < 0.15:
            [interface] = type_.interfaces  # type: ignore[attr-defined]
            lines.append(self._fragment(interface, "{ label }"))
        return "{ " + " ".join(lines or ["__typename"]) + " }"

    def _field(self, name: str, item: Any, siblings: dict[str, Any], depth: int) -> str:
        self._fields_left -= 1
        arguments = [
            f"{key}: {self._argument(argument)}"
            for key, argument in item.args.items()
            if self._is_required(argument) or self._rng.random() < 0.6
        ]
        text = self._alias(list(siblings)) + name
        text += f"({', '.join(arguments)})" if arguments else ""
        text += self._condition()
        inner = get_named_type(item.type)
        return f"{text} {self._selection(inner, depth - 1)}" if is_composite_type(inner) else text

    def _alias(self, siblings: list[str] | None = None) -> str:
        chance = self._rng.random()
        if siblings and chance < 0.05:  # a name that another field has too
            return f"{self._rng.choice(siblings)}: "
        return f"x{self._rng.randint(0, 99)}: " if chance < 0.25 else ""

    def _condition(self) -> str:
        if self._rng.random() > 0.1:
            return ""
        value = self._rng.random() < 0.5
        name = self._rng.choice(("include", "skip"))
        if self._rng.random() < 0.2:
            return f" @{name}(if: {json.dumps(value)})"
        return f" @{name}(if: ${self._variable('Boolean!', value)})"

    def _wrapped(self, line: str, type_: GraphQLNamedType) -> list[str]:
        chance = self._rng.random()
        if chance < 0.06:
            return [f"...{self._condition()} {{ {line} }}"]
        if chance < 0.12:
            return [self._fragment(type_, f"{{ {line} }}")]
        return [line, line] if chance < 0.16 else [line]

    def _fragment(self, type_: GraphQLNamedType, body: str) -> str:
        if self._rng.random() < 0.3:
            name = f"F{len(self._fragments)}"
            self._fragments.append(f"fragment {name} on {type_.name} {body}")
            return f"...{name}{self._condition()}"
        return f"... on {type_.name}{self._condition()} {body}"

    # --- arguments --------------------------------------------------------------------------

    def _argument(self, argument: GraphQLArgument) -> str:
        if self._rng.random() < 0.5:
            return print_ast(ast_from_value(self._input(argument.type), argument.type))  # type: ignore[arg-type]
        if not self._is_required(argument) and self._rng.random() < 0.2:
            nullable = str(argument.type).removesuffix("!")
            return f"${self._variable(nullable, Undefined)}"
        return f"${self._variable(str(argument.type), self._input(argument.type))}"

    @staticmethod
    def _is_required(argument: GraphQLArgument) -> bool:
        return isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined

    def _variable(self, type_: str, value: Any) -> str:
        name = f"v{len(self._declared)}"
        default = ""
        if type_ in {"Int!", "Boolean!", "Int"} and self._rng.random() < 0.2:
            default = f" = {json.dumps(3 if value is Undefined else value)}"
        elif value is not Undefined:
            self.variables[name] = value
        self._declared.append(f"${name}: {type_}{default}")
        return name

    def _input(self, type_: Any, depth: int = 2) -> Any:
        """A JSON value of an input type."""
        rng = self._rng
        if isinstance(type_, GraphQLNonNull):
            return self._input_of(type_.of_type, depth)
        return None if rng.random() < 0.1 else self._input_of(type_, depth)

    def _input_of(self, type_: Any, depth: int) -> Any:
        rng = self._rng
        if isinstance(type_, GraphQLList):
            return [self._input(type_.of_type, depth) for _ in range(rng.randint(0, 2))]
        if isinstance(type_, GraphQLEnumType):
            return rng.choice(list(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            return {
                name: self._input(item.type, depth - 1)
                for name, item in type_.fields.items()
                if rng.random() < 0.5 and (depth > 0 or name != "not")
            }
        match type_.name:
            case "Int":
                return rng.randint(-5, 50)
            case "Boolean":
                return rng.random() < 0.5
            case "BigInt":
                return 2**80 + rng.randint(0, 9)
            case _:
                return rng.choice(TEXTS)


def random_operation(schema: GraphQLSchema, rng: Random) -> Operation:
    """An operation that is valid but, rarely, for aliases that collide."""
    return Operation(schema, rng)


def _is_composite(type_: Any) -> bool:
    return is_composite_type(get_named_type(type_))
