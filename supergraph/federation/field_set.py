"""Field sets: the selection written as a string in `@key`, `@requires` and `@provides`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graphql import GraphQLError, parse, print_ast
from graphql.language import ast

__all__ = [
    "FIELD_SET_TOKENS_MAX",
    "FieldSetError",
    "Selection",
    "parse_field_set",
    "print_field_set",
]

#: A field set with more tokens than this is refused; real ones have tens.
FIELD_SET_TOKENS_MAX = 2_000


class FieldSetError(ValueError):
    """The text is no field set; the message says why."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A field with what is selected below it, or (with no `field`) a type condition.

    `arguments` is the printed argument list, `directives` names the directives applied.
    """

    field: str | None
    type_condition: str | None = None
    alias: str | None = None
    arguments: str = ""
    directives: tuple[str, ...] = ()
    selections: tuple["Selection", ...] = ()

    def walk(self) -> Iterator["Selection"]:
        """Yield the selection itself and every one below it, parents first."""
        yield self
        for selection in self.selections:
            yield from selection.walk()


@lru_cache(maxsize=4096)
def parse_field_set(text: str) -> tuple[Selection, ...]:
    """Read a field set, with or without outer braces; raises FieldSetError."""
    body = text.strip()
    if not body:
        raise FieldSetError("the field set is empty")
    try:
        document = parse(
            body if body.startswith("{") else "{" + body + "}",
            no_location=True,
            max_tokens=FIELD_SET_TOKENS_MAX,
            allow_empty_selection_sets=False,
        )
    except GraphQLError as error:
        raise FieldSetError(error.message) from error
    except RecursionError as error:
        raise FieldSetError("the field set is nested too deeply") from error
    definition = document.definitions[0]
    if len(document.definitions) != 1 or not isinstance(definition, ast.OperationDefinitionNode):
        raise FieldSetError("a field set is one selection, nothing else")
    return _selections(definition.selection_set)


def print_field_set(selections: tuple[Selection, ...]) -> str:
    """The field set on one line, in its own order, without outer braces."""
    return " ".join(map(_print_selection, selections))


def _selections(node: ast.SelectionSetNode | None) -> tuple[Selection, ...]:
    return tuple(map(_selection, node.selections)) if node is not None else ()


def _selection(node: ast.SelectionNode) -> Selection:
    directives = tuple(directive.name.value for directive in node.directives or ())
    if isinstance(node, ast.FieldNode):
        arguments = ", ".join(print_ast(argument) for argument in node.arguments or ())
        return Selection(
            node.name.value,
            alias=node.alias.value if node.alias else None,
            arguments=arguments,
            directives=directives,
            selections=_selections(node.selection_set),
        )
    if isinstance(node, ast.InlineFragmentNode):
        condition = node.type_condition.name.value if node.type_condition else None
        return Selection(
            None, condition, directives=directives, selections=_selections(node.selection_set)
        )
    raise FieldSetError("a field set cannot spread a named fragment; write it in place")


def _print_selection(selection: Selection) -> str:
    if selection.field is None:
        head = f"... on {selection.type_condition}" if selection.type_condition else "..."
    else:
        alias = f"{selection.alias}: " if selection.alias else ""
        arguments = f"({selection.arguments})" if selection.arguments else ""
        head = alias + selection.field + arguments
    directives = "".join(f" @{name}" for name in selection.directives)
    below = f" {{ {print_field_set(selection.selections)} }}" if selection.selections else ""
    return head + directives + below
