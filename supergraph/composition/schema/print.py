"""A schema as SDL text, always the same for the same schema: sorted by name, fields in order."""

from collections.abc import Iterable, Mapping

from graphql.language.block_string import is_printable_as_block_string, print_block_string
from graphql.language.print_string import print_string

from supergraph.composition.schema.model import (
    AppliedDirective,
    Argument,
    DirectiveDefinition,
    Element,
    Field,
    TypeDefinition,
    TypeKind,
)
from supergraph.federation.values import print_value

__all__ = [
    "print_applied",
    "print_description",
    "print_directive_definition",
    "print_schema_definition",
    "print_type",
]

_KEYWORDS = {
    TypeKind.OBJECT: "type",
    TypeKind.INTERFACE: "interface",
    TypeKind.UNION: "union",
    TypeKind.ENUM: "enum",
    TypeKind.SCALAR: "scalar",
    TypeKind.INPUT: "input",
}
_INDENT = "  "


def print_type(definition: TypeDefinition) -> str:
    """One type, without a line break at its end."""
    implements = " implements " + " & ".join(definition.interfaces) if definition.interfaces else ""
    head = (
        print_description(definition.description)
        + f"{_KEYWORDS[definition.kind]} {definition.name}{implements}"
        + "".join(f"\n{_INDENT}{print_applied(d)}" for d in definition.directives)
    )
    match definition.kind:
        case TypeKind.SCALAR:
            return head
        case TypeKind.UNION:
            separator = f"\n{_INDENT}= " if definition.directives else " = "
            return head + separator + " | ".join(definition.members)
        case TypeKind.ENUM:
            members = [_with_head(v, v.name) for v in definition.values.values()]
        case TypeKind.INPUT:
            members = [_print_input(f, _INDENT) for f in definition.input_fields.values()]
        case _:
            members = [_print_field(field) for field in definition.fields.values()]
    opening = "\n{\n" if definition.directives else " {\n"
    return head + opening + "\n".join(members) + "\n}"


def print_directive_definition(definition: DirectiveDefinition) -> str:
    """One directive definition, without a line break at its end."""
    arguments = _print_arguments(definition.arguments.values(), inline=True)
    repeatable = " repeatable" if definition.repeatable else ""
    return (
        print_description(definition.description)
        + f"directive @{definition.name}{arguments}{repeatable} on "
        + " | ".join(definition.locations)
    )


def print_applied(application: AppliedDirective) -> str:
    """One application of a directive."""
    arguments = ", ".join(f"{n}: {print_value(v)}" for n, v in application.arguments.items())
    return f"@{application.name}({arguments})" if arguments else f"@{application.name}"


def print_description(text: str | None, indent: str = "") -> str:
    """A description as a block string with its line break, or nothing."""
    if not text:
        return ""
    block = is_printable_as_block_string(text)
    printed = print_block_string(text) if block else print_string(text)
    return indent + printed.replace("\n", "\n" + indent) + "\n"


def _with_head(element: Element, text: str) -> str:
    applied = "".join(" " + print_applied(d) for d in element.directives)
    return print_description(element.description, _INDENT) + _INDENT + text + applied


def _print_field(field: Field) -> str:
    arguments = _print_arguments(field.arguments.values(), inline=False)
    return _with_head(field, f"{field.name}{arguments}: {field.type}")


def _print_input(argument: Argument, indent: str) -> str:
    return print_description(argument.description, indent) + indent + _argument_text(argument)


def _argument_text(argument: Argument) -> str:
    default = f" = {print_value(argument.default)}" if argument.has_default else ""
    applied = "".join(" " + print_applied(d) for d in argument.directives)
    return f"{argument.name}: {argument.type}{default}{applied}"


def _print_arguments(arguments: Iterable[Argument], *, inline: bool) -> str:
    listed = list(arguments)
    if not listed:
        return ""
    if inline or not any(argument.description for argument in listed):
        return "(" + ", ".join(map(_argument_text, listed)) + ")"
    indent = _INDENT * 2
    return "(\n" + "\n".join(_print_input(a, indent) for a in listed) + f"\n{_INDENT})"


def print_schema_definition(roots: Mapping[str, str], applied: Iterable[AppliedDirective]) -> str:
    """The schema definition with what is applied to it."""
    lines = [f"{_INDENT}{print_applied(application)}" for application in applied]
    operations = [f"{_INDENT}{operation}: {name}" for operation, name in roots.items()]
    return "\n".join(["schema", *lines, "{", *operations, "}"])
