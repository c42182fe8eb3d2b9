"""Merging enums, by what they are used for.

What a client may send, every subgraph must understand: an input enum keeps the common values. What
a client may receive, any subgraph may send: an output enum has all values. Used as both, an enum
must have the same values everywhere.
"""

from collections.abc import Sequence

from supergraph.composition.schema.model import (
    AppliedDirective,
    EnumValueDefinition,
    Schema,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.schema.type_ref import named_type
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.composition.supergraph.merge.description import merge_description
from supergraph.composition.supergraph.merge.directives import merge_directives
from supergraph.error_codes import composition as codes
from supergraph.error_codes import hints
from supergraph.federation.directives.inaccessible import INACCESSIBLE

__all__ = ["EnumUse", "enum_uses", "merge_enum"]


class EnumUse:
    """The type names used as input and as output anywhere in the merged schema."""

    def __init__(self, inputs: set[str], outputs: set[str]) -> None:
        self.inputs = inputs
        self.outputs = outputs


def enum_uses(schema: Schema) -> EnumUse:
    """Collect what fields, arguments and directives of the merged schema refer to."""
    inputs: set[str] = set()
    outputs: set[str] = set()
    for definition in schema.of_kind(TypeKind.OBJECT, TypeKind.INTERFACE):
        for field in definition.fields.values():
            outputs.add(named_type(field.type))
            inputs.update(named_type(argument.type) for argument in field.arguments.values())
    for directive in schema.directive_definitions.values():
        inputs.update(named_type(argument.type) for argument in directive.arguments.values())
    for definition in schema.of_kind(TypeKind.INPUT):
        inputs.update(named_type(field.type) for field in definition.input_fields.values())
    return EnumUse(inputs, outputs)


def merge_enum(
    context: MergeContext,
    merged: TypeDefinition,
    sources: Sequence[Source[TypeDefinition]],
    use: EnumUse,
) -> None:
    """Fill the values and record who has which."""
    is_input, is_output = merged.name in use.inputs, merged.name in use.outputs
    if not is_input and not is_output:
        context.hint(
            hints.UNUSED_ENUM_TYPE,
            f'The enum "{merged.name}" is not used; it gets the values of all its subgraphs.',
            sources,
        )
    for name in dict.fromkeys(name for _, definition in sources for name in definition.values):
        having = [Source(s, d.values[name]) for s, d in sources if name in d.values]
        value = EnumValueDefinition(name)
        coordinate = f"{merged.name}.{name}"
        merge_description(context, value, having, coordinate)
        merge_directives(context, value, having, coordinate)
        if len(having) < len(sources) and not _keeps_value(
            context, value, merged.name, sources, (is_input, is_output)
        ):
            continue
        for state, _ in having:
            arguments = {"graph": context.graph(state)}
            value.directives.append(AppliedDirective("join__enumValue", {**arguments}))
        merged.values[name] = value
    if not merged.values:
        context.error(
            codes.EMPTY_MERGED_ENUM_TYPE,
            f'The enum "{merged.name}" is used as input and has no value that all of '
            f"{names_of(state for state, _ in sources)} know: give them one in common.",
            sources,
        )


def _keeps_value(
    context: MergeContext,
    value: EnumValueDefinition,
    enum: str,
    sources: Sequence[Source[TypeDefinition]],
    use: tuple[bool, bool],
) -> bool:
    """Judge a value that some subgraphs lack; an inaccessible one harms nobody."""
    without = [state for state, d in sources if value.name not in d.values]
    inaccessible = value.has(INACCESSIBLE.name)
    match use:
        case (True, True):
            if not inaccessible:
                context.error(
                    codes.ENUM_VALUE_MISMATCH,
                    f'The enum "{enum}" is used as input and as output, but its value '
                    f'"{value.name}" is missing in {names_of(without)}: add it there, or mark it '
                    "@inaccessible where it is defined until it is.",
                    sources,
                )
            return True
        case (True, False):
            if not inaccessible:
                context.hint(
                    hints.INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM,
                    f'The value "{value.name}" of the input enum "{enum}" is missing in '
                    f"{names_of(without)} and therefore left out of the supergraph.",
                    sources,
                )
            return False
        case _:
            context.hint(
                hints.INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM,
                f'The value "{value.name}" of the enum "{enum}" is missing in {names_of(without)}.',
                sources,
            )
            return True
