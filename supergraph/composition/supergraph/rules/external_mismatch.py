"""An external field must look as it does where it is resolved: type, arguments, defaults."""

from collections.abc import Sequence

from supergraph.composition.schema.model import Argument, Field
from supergraph.composition.schema.type_ref import is_subtype_ref
from supergraph.composition.supergraph.context import MergeContext, Source
from supergraph.error_codes import composition as codes
from supergraph.federation.values import values_equal

__all__ = ["external_mismatch"]


def external_mismatch(
    context: MergeContext, merged: Field, external: Sequence[Source[Field]], coordinate: str
) -> None:
    """Report every external version that contradicts the merged field."""
    for source in external:
        state, field = source
        if not is_subtype_ref(merged.type, field.type, context.is_named_subtype):
            context.error(
                codes.EXTERNAL_TYPE_MISMATCH,
                f'"{coordinate}" is @external in "{state.name}" with the type "{field.type}" but '
                f'resolved elsewhere as "{merged.type}": write "{merged.type}" there too.',
                [source],
            )
        for name, argument in merged.arguments.items():
            at = f"{coordinate}({name}:)"
            if name not in field.arguments:
                context.error(
                    codes.EXTERNAL_ARGUMENT_MISSING,
                    f'"{coordinate}" is @external in "{state.name}" without the argument "{name}" '
                    "that it has where it is resolved: add it.",
                    [source],
                )
            else:
                _judge_argument(context, argument, Source(state, field.arguments[name]), at)


def _judge_argument(
    context: MergeContext, merged: Argument, source: Source[Argument], coordinate: str
) -> None:
    state, argument = source
    if not is_subtype_ref(argument.type, merged.type, context.is_named_subtype):
        context.error(
            codes.EXTERNAL_ARGUMENT_TYPE_MISMATCH,
            f'"{coordinate}" of an @external field has the type "{argument.type}" in '
            f'"{state.name}" but "{merged.type}" where the field is resolved.',
            [source],
        )
    elif not values_equal(merged.default, argument.default):
        context.error(
            codes.EXTERNAL_ARGUMENT_DEFAULT_MISMATCH,
            f'"{coordinate}" of an @external field has another default in "{state.name}" than '
            "where the field is resolved.",
            [source],
        )
