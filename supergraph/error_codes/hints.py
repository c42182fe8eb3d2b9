"""Codes of composition hints, with their levels: the names Apollo publishes, in our own words."""

from supergraph.error_codes.registry import CodeKind, ErrorCode, declare


def _hint(name: str, level: str, meaning: str) -> ErrorCode:
    return declare(ErrorCode(name, CodeKind.HINT, meaning, since="2.0.0", level=level))


INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE = _hint(
    "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
    "INFO",
    "A field has different types in its subgraphs, one of which fits all.",
)
INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE = _hint(
    "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
    "INFO",
    "An argument has different types in its subgraphs, one of which fits all.",
)
INCONSISTENT_DEFAULT_VALUE_PRESENCE = _hint(
    "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
    "WARN",
    "A default value is given in some subgraphs only and is therefore dropped.",
)
INCONSISTENT_ENTITY = _hint(
    "INCONSISTENT_ENTITY",
    "INFO",
    "A type has a key in some of its subgraphs only.",
)
INCONSISTENT_OBJECT_VALUE_TYPE_FIELD = _hint(
    "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
    "DEBUG",
    "A field of a value type is missing in some of its subgraphs.",
)
INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD = _hint(
    "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD",
    "DEBUG",
    "A field of an interface is missing in some of its subgraphs.",
)
INCONSISTENT_INPUT_OBJECT_FIELD = _hint(
    "INCONSISTENT_INPUT_OBJECT_FIELD",
    "WARN",
    "A field of an input type is missing in some subgraphs and therefore dropped.",
)
INCONSISTENT_UNION_MEMBER = _hint(
    "INCONSISTENT_UNION_MEMBER",
    "DEBUG",
    "A member of a union is missing in some of its subgraphs.",
)
INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM = _hint(
    "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
    "WARN",
    "A value of an input enum is missing in some subgraphs and therefore dropped.",
)
INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM = _hint(
    "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
    "DEBUG",
    "A value of an output enum is missing in some of its subgraphs.",
)
INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE = _hint(
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
    "WARN",
    "An executable directive is missing in some subgraphs and therefore dropped.",
)
INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE = _hint(
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
    "WARN",
    "An executable directive is repeatable in some subgraphs only.",
)
INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS = _hint(
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
    "WARN",
    "An executable directive has different locations in its subgraphs.",
)
NO_EXECUTABLE_DIRECTIVE_INTERSECTION = _hint(
    "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
    "WARN",
    "An executable directive has no location that all subgraphs know.",
)
INCONSISTENT_DESCRIPTION = _hint(
    "INCONSISTENT_DESCRIPTION",
    "WARN",
    "An element has different descriptions; the one most subgraphs have is taken.",
)
INCONSISTENT_ARGUMENT_PRESENCE = _hint(
    "INCONSISTENT_ARGUMENT_PRESENCE",
    "WARN",
    "An optional argument is missing in some subgraphs and therefore dropped.",
)
INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS = _hint(
    "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
    "WARN",
    "A directive has different arguments in its subgraphs; one set was taken.",
)
MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS = _hint(
    "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
    "INFO",
    "A directive has different arguments in its subgraphs, which were merged.",
)
INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN = _hint(
    "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
    "WARN",
    "A shared field can return other object types in one subgraph than in another.",
)
FROM_SUBGRAPH_DOES_NOT_EXIST = _hint(
    "FROM_SUBGRAPH_DOES_NOT_EXIST",
    "WARN",
    "An override names a subgraph that is not there.",
)
OVERRIDDEN_FIELD_CAN_BE_REMOVED = _hint(
    "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
    "INFO",
    "A field is overridden elsewhere and used no more.",
)
OVERRIDE_DIRECTIVE_CAN_BE_REMOVED = _hint(
    "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
    "INFO",
    "An override overrides nothing any more.",
)
OVERRIDE_MIGRATION_IN_PROGRESS = _hint(
    "OVERRIDE_MIGRATION_IN_PROGRESS",
    "INFO",
    "A field is being moved from one subgraph to another by label.",
)
UNUSED_ENUM_TYPE = _hint(
    "UNUSED_ENUM_TYPE",
    "DEBUG",
    "An enum is used neither as input nor as output.",
)
DIRECTIVE_COMPOSITION_INFO = _hint(
    "DIRECTIVE_COMPOSITION_INFO",
    "INFO",
    "A directive is composed from several minor versions of its specification.",
)
DIRECTIVE_COMPOSITION_WARN = _hint(
    "DIRECTIVE_COMPOSITION_WARN",
    "WARN",
    "A directive of the subgraphs' own looks as if it should be composed, and is not.",
)
CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS = _hint(
    "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
    "INFO",
    "An optional argument is read from a context in some subgraphs only.",
)
