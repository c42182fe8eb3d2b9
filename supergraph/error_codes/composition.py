"""Codes of composition errors: the names Apollo publishes, with our own words for what they mean.

`since` is the version of Apollo's composition that brought the code, so that readers find it in
the public documentation of that version.
"""

from supergraph.error_codes.registry import CodeKind, ErrorCode, declare


def _code(name: str, since: str, meaning: str) -> ErrorCode:
    return declare(ErrorCode(name, CodeKind.COMPOSITION, meaning, since=since))


# --- the document and its links ------------------------------------------------------------------
INVALID_GRAPHQL = _code("INVALID_GRAPHQL", "2.0.0", "The SDL is not valid GraphQL by itself.")
INVALID_SUBGRAPH_NAME = _code(
    "INVALID_SUBGRAPH_NAME",
    "2.0.0",
    "A subgraph has a name that is reserved, empty or given twice.",
)
INVALID_LINK_IDENTIFIER = _code(
    "INVALID_LINK_IDENTIFIER",
    "2.1.0",
    "The URL of a link has no name or no version.",
)
INVALID_LINK_DIRECTIVE_USAGE = _code(
    "INVALID_LINK_DIRECTIVE_USAGE",
    "2.0.0",
    "A link is written wrongly, or imports what its specification lacks.",
)
UNKNOWN_FEDERATION_LINK_VERSION = _code(
    "UNKNOWN_FEDERATION_LINK_VERSION",
    "2.0.0",
    "The linked version of the federation specification is not known.",
)
UNKNOWN_LINK_VERSION = _code(
    "UNKNOWN_LINK_VERSION",
    "2.1.0",
    "The linked version of another known specification is not known.",
)
LINK_IMPORT_NAME_MISMATCH = _code(
    "LINK_IMPORT_NAME_MISMATCH",
    "2.0.0",
    "One directive is imported under different names by different subgraphs.",
)
DIRECTIVE_DEFINITION_INVALID = _code(
    "DIRECTIVE_DEFINITION_INVALID",
    "2.0.0",
    "A definition of a specification's directive differs from the specification.",
)
TYPE_DEFINITION_INVALID = _code(
    "TYPE_DEFINITION_INVALID",
    "2.0.0",
    "A definition of a specification's type differs from the specification.",
)
UNSUPPORTED_FEATURE = _code(
    "UNSUPPORTED_FEATURE",
    "2.1.0",
    "The schema uses a feature that this version does not compose.",
)
UNSUPPORTED_LINKED_FEATURE = _code(
    "UNSUPPORTED_LINKED_FEATURE",
    "2.0.0",
    "A link declares a purpose for a specification that is not supported.",
)
DIRECTIVE_COMPOSITION_ERROR = _code(
    "DIRECTIVE_COMPOSITION_ERROR",
    "2.1.0",
    "A directive of the subgraphs' own cannot be composed as asked.",
)

# --- keys ----------------------------------------------------------------------------------------
KEY_INVALID_FIELDS = _code(
    "KEY_INVALID_FIELDS",
    "2.0.0",
    "The fields of a key do not exist, or are no valid field set.",
)
KEY_INVALID_FIELDS_TYPE = _code(
    "KEY_INVALID_FIELDS_TYPE",
    "2.0.0",
    "The fields argument of a key is not a string.",
)
KEY_FIELDS_HAS_ARGS = _code(
    "KEY_FIELDS_HAS_ARGS",
    "2.0.0",
    "A key selects a field that takes arguments.",
)
KEY_FIELDS_SELECT_INVALID_TYPE = _code(
    "KEY_FIELDS_SELECT_INVALID_TYPE",
    "0.x",
    "A key selects a field of a type that cannot be part of a key.",
)
KEY_DIRECTIVE_IN_FIELDS_ARG = _code(
    "KEY_DIRECTIVE_IN_FIELDS_ARG",
    "2.1.0",
    "The field set of a key applies a directive.",
)
KEY_UNSUPPORTED_ON_INTERFACE = _code(
    "KEY_UNSUPPORTED_ON_INTERFACE",
    "2.0.0",
    "A key stands on an interface in a version that does not know this.",
)
INTERFACE_KEY_NOT_ON_IMPLEMENTATION = _code(
    "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
    "2.3.0",
    "An interface has a key that one of its implementations lacks.",
)
INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE = _code(
    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
    "2.3.0",
    "A subgraph with a key on an interface lacks one of its implementations.",
)

# --- requires, provides, external ----------------------------------------------------------------
REQUIRES_INVALID_FIELDS = _code(
    "REQUIRES_INVALID_FIELDS",
    "2.0.0",
    "The fields of a requires do not exist, or are no valid field set.",
)
REQUIRES_INVALID_FIELDS_TYPE = _code(
    "REQUIRES_INVALID_FIELDS_TYPE",
    "2.0.0",
    "The fields argument of a requires is not a string.",
)
REQUIRES_FIELDS_MISSING_EXTERNAL = _code(
    "REQUIRES_FIELDS_MISSING_EXTERNAL",
    "0.x",
    "A requires selects a field that is not external.",
)
REQUIRES_DIRECTIVE_IN_FIELDS_ARG = _code(
    "REQUIRES_DIRECTIVE_IN_FIELDS_ARG",
    "2.1.0",
    "The field set of a requires applies a directive.",
)
REQUIRES_UNSUPPORTED_ON_INTERFACE = _code(
    "REQUIRES_UNSUPPORTED_ON_INTERFACE",
    "2.0.0",
    "A requires stands on a field of an interface.",
)
PROVIDES_INVALID_FIELDS = _code(
    "PROVIDES_INVALID_FIELDS",
    "2.0.0",
    "The fields of a provides do not exist, or are no valid field set.",
)
PROVIDES_INVALID_FIELDS_TYPE = _code(
    "PROVIDES_INVALID_FIELDS_TYPE",
    "2.0.0",
    "The fields argument of a provides is not a string.",
)
PROVIDES_FIELDS_MISSING_EXTERNAL = _code(
    "PROVIDES_FIELDS_MISSING_EXTERNAL",
    "0.x",
    "A provides selects a field that is not external.",
)
PROVIDES_FIELDS_HAS_ARGS = _code(
    "PROVIDES_FIELDS_HAS_ARGS",
    "2.0.0",
    "A provides selects a field that takes arguments.",
)
PROVIDES_DIRECTIVE_IN_FIELDS_ARG = _code(
    "PROVIDES_DIRECTIVE_IN_FIELDS_ARG",
    "2.1.0",
    "The field set of a provides applies a directive.",
)
PROVIDES_ON_NON_OBJECT_FIELD = _code(
    "PROVIDES_ON_NON_OBJECT_FIELD",
    "2.0.0",
    "A provides stands on a field that returns no object, interface or union.",
)
PROVIDES_UNSUPPORTED_ON_INTERFACE = _code(
    "PROVIDES_UNSUPPORTED_ON_INTERFACE",
    "2.0.0",
    "A provides stands on a field of an interface.",
)
EXTERNAL_UNUSED = _code(
    "EXTERNAL_UNUSED",
    "0.x",
    "An external field is used by no key, requires, provides or interface.",
)
EXTERNAL_MISSING_ON_BASE = _code(
    "EXTERNAL_MISSING_ON_BASE",
    "0.x",
    "A field is external in every subgraph that has it.",
)
EXTERNAL_TYPE_MISMATCH = _code(
    "EXTERNAL_TYPE_MISMATCH",
    "0.x",
    "An external field has another type than where it is resolved.",
)
EXTERNAL_ARGUMENT_MISSING = _code(
    "EXTERNAL_ARGUMENT_MISSING",
    "2.0.0",
    "An external field lacks an argument it has where it is resolved.",
)
EXTERNAL_ARGUMENT_TYPE_MISMATCH = _code(
    "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
    "2.0.0",
    "An argument of an external field has another type than where it is resolved.",
)
EXTERNAL_ARGUMENT_DEFAULT_MISMATCH = _code(
    "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
    "2.0.0",
    "An argument of an external field has another default than where it is resolved.",
)
EXTERNAL_ON_INTERFACE = _code(
    "EXTERNAL_ON_INTERFACE",
    "2.0.0",
    "A field of an interface is external.",
)
EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE = _code(
    "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
    "2.1.0",
    "An external field carries a directive that contradicts it.",
)
MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL = _code(
    "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
    "2.0.0",
    "An external field carries a directive that composition would merge.",
)
TYPE_WITH_ONLY_UNUSED_EXTERNAL = _code(
    "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
    "2.0.0",
    "A federation 1 type has nothing but external fields that nothing uses.",
)

# --- sharing and overriding ----------------------------------------------------------------------
INVALID_FIELD_SHARING = _code(
    "INVALID_FIELD_SHARING",
    "2.0.0",
    "A field is resolved by several subgraphs and not shareable in all of them.",
)
INVALID_SHAREABLE_USAGE = _code(
    "INVALID_SHAREABLE_USAGE",
    "2.1.2",
    "A shareable is applied where it cannot have an effect.",
)
SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES = _code(
    "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
    "2.0.0",
    "A shared field can return no common object type in its subgraphs.",
)
OVERRIDE_FROM_SELF_ERROR = _code(
    "OVERRIDE_FROM_SELF_ERROR",
    "2.0.0",
    "A field overrides the one of its own subgraph.",
)
OVERRIDE_SOURCE_HAS_OVERRIDE = _code(
    "OVERRIDE_SOURCE_HAS_OVERRIDE",
    "2.0.0",
    "A field overrides one that is an override itself.",
)
OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE = _code(
    "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
    "2.0.0",
    "An override meets a directive that it cannot be combined with.",
)
OVERRIDE_ON_INTERFACE = _code(
    "OVERRIDE_ON_INTERFACE",
    "2.3.0",
    "An override stands on a field of an interface.",
)
OVERRIDE_LABEL_INVALID = _code(
    "OVERRIDE_LABEL_INVALID",
    "2.7.0",
    "The label of a progressive override is malformed.",
)

# --- merging -------------------------------------------------------------------------------------
TYPE_KIND_MISMATCH = _code(
    "TYPE_KIND_MISMATCH",
    "2.0.0",
    "A type is of one kind in one subgraph and of another in a second.",
)
FIELD_TYPE_MISMATCH = _code(
    "FIELD_TYPE_MISMATCH",
    "2.0.0",
    "The types of a field in its subgraphs cannot be reconciled.",
)
FIELD_ARGUMENT_TYPE_MISMATCH = _code(
    "FIELD_ARGUMENT_TYPE_MISMATCH",
    "2.0.0",
    "The types of an argument in its subgraphs cannot be reconciled.",
)
FIELD_ARGUMENT_DEFAULT_MISMATCH = _code(
    "FIELD_ARGUMENT_DEFAULT_MISMATCH",
    "2.0.0",
    "An argument has different default values in its subgraphs.",
)
INPUT_FIELD_DEFAULT_MISMATCH = _code(
    "INPUT_FIELD_DEFAULT_MISMATCH",
    "2.0.0",
    "An input field has different default values in its subgraphs.",
)
REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH = _code(
    "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
    "2.0.0",
    "An argument is required in one subgraph and missing in another.",
)
REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH = _code(
    "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
    "2.0.0",
    "An input field is required in one subgraph and missing in another.",
)
EMPTY_MERGED_INPUT_TYPE = _code(
    "EMPTY_MERGED_INPUT_TYPE",
    "2.0.0",
    "No field of an input type is common to all its subgraphs.",
)
EMPTY_MERGED_ENUM_TYPE = _code(
    "EMPTY_MERGED_ENUM_TYPE",
    "2.0.0",
    "No value of an enum used as input is common to all its subgraphs.",
)
ENUM_VALUE_MISMATCH = _code(
    "ENUM_VALUE_MISMATCH",
    "2.0.0",
    "An enum used as input and output has different values in its subgraphs.",
)
INTERFACE_FIELD_NO_IMPLEM = _code(
    "INTERFACE_FIELD_NO_IMPLEM",
    "2.0.0",
    "A type lacks a field that its interface has in another subgraph.",
)
EXTENSION_WITH_NO_BASE = _code(
    "EXTENSION_WITH_NO_BASE",
    "0.x",
    "A federation 1 type is extended, and defined nowhere.",
)
NO_QUERIES = _code("NO_QUERIES", "2.0.0", "No subgraph has a query.")
ROOT_QUERY_USED = _code(
    "ROOT_QUERY_USED",
    "0.x",
    "A type is called Query and is not the query root.",
)
ROOT_MUTATION_USED = _code(
    "ROOT_MUTATION_USED",
    "0.x",
    "A type is called Mutation and is not the mutation root.",
)
ROOT_SUBSCRIPTION_USED = _code(
    "ROOT_SUBSCRIPTION_USED",
    "0.x",
    "A type is called Subscription and is not the subscription root.",
)
INTERFACE_OBJECT_USAGE_ERROR = _code(
    "INTERFACE_OBJECT_USAGE_ERROR",
    "2.3.0",
    "An interface object lacks the interface, the key or the implementations it needs.",
)

# --- what clients see ----------------------------------------------------------------------------
REFERENCED_INACCESSIBLE = _code(
    "REFERENCED_INACCESSIBLE",
    "2.0.0",
    "A visible element refers to an inaccessible type.",
)
REQUIRED_INACCESSIBLE = _code(
    "REQUIRED_INACCESSIBLE",
    "2.0.0",
    "A required argument or input field is inaccessible.",
)
ONLY_INACCESSIBLE_CHILDREN = _code(
    "ONLY_INACCESSIBLE_CHILDREN",
    "2.0.0",
    "All members of a visible type are inaccessible.",
)
IMPLEMENTED_BY_INACCESSIBLE = _code(
    "IMPLEMENTED_BY_INACCESSIBLE",
    "2.0.0",
    "An inaccessible element implements a visible one.",
)
DISALLOWED_INACCESSIBLE = _code(
    "DISALLOWED_INACCESSIBLE",
    "2.0.0",
    "An element that must stay visible is inaccessible.",
)
DEFAULT_VALUE_USES_INACCESSIBLE = _code(
    "DEFAULT_VALUE_USES_INACCESSIBLE",
    "2.0.0",
    "A visible default value uses an inaccessible enum value or input field.",
)
QUERY_ROOT_TYPE_INACCESSIBLE = _code(
    "QUERY_ROOT_TYPE_INACCESSIBLE",
    "2.0.0",
    "The query root type is inaccessible.",
)

# --- authorisation, cost, context ----------------------------------------------------------------
AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE = _code(
    "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
    "2.9.4",
    "An authorisation directive stands on an interface or a field of one.",
)
MISSING_TRANSITIVE_AUTH_REQUIREMENTS = _code(
    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
    "2.9.4",
    "A field needs data whose authorisation it does not ask for itself.",
)
COST_APPLIED_TO_INTERFACE_FIELD = _code(
    "COST_APPLIED_TO_INTERFACE_FIELD",
    "2.9.2",
    "A cost stands on a field of an interface.",
)
LIST_SIZE_APPLIED_TO_NON_LIST = _code(
    "LIST_SIZE_APPLIED_TO_NON_LIST",
    "2.9.2",
    "A list size stands on a field that is no list.",
)
LIST_SIZE_INVALID_ASSUMED_SIZE = _code(
    "LIST_SIZE_INVALID_ASSUMED_SIZE",
    "2.9.2",
    "The assumed size of a list is negative.",
)
LIST_SIZE_INVALID_SIZED_FIELD = _code(
    "LIST_SIZE_INVALID_SIZED_FIELD",
    "2.9.2",
    "A sized field does not exist or is no list.",
)
LIST_SIZE_INVALID_SLICING_ARGUMENT = _code(
    "LIST_SIZE_INVALID_SLICING_ARGUMENT",
    "2.9.2",
    "A slicing argument does not exist or is no integer.",
)
CONTEXT_NAME_INVALID = _code("CONTEXT_NAME_INVALID", "2.8.0", "The name of a context is malformed.")
CONTEXT_NOT_SET = _code("CONTEXT_NOT_SET", "2.8.0", "A context is read that no type sets.")
CONTEXT_INVALID_SELECTION = _code(
    "CONTEXT_INVALID_SELECTION",
    "2.8.0",
    "The selection on a context fits no type that sets it.",
)
CONTEXT_NO_RESOLVABLE_KEY = _code(
    "CONTEXT_NO_RESOLVABLE_KEY",
    "2.8.0",
    "A type that reads a context has no resolvable key.",
)
NO_CONTEXT_IN_SELECTION = _code(
    "NO_CONTEXT_IN_SELECTION",
    "2.8.0",
    "The field of a context reader names no context.",
)
CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS = _code(
    "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
    "2.7.0",
    "An argument is read from a context in one subgraph and required from clients in another.",
)

# --- satisfiability ------------------------------------------------------------------------------
SATISFIABILITY_ERROR = _code(
    "SATISFIABILITY_ERROR",
    "2.0.0",
    "A field of the API schema cannot be reached through the subgraphs.",
)
MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED = _code(
    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
    "2.8.0",
    "The satisfiability check has met its limit of paths and given up.",
)
