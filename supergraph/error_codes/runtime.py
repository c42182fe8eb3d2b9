"""Codes of errors that occur while a request is answered or a process is started."""

from supergraph.error_codes.registry import CodeKind, ErrorCode, declare


def _client(name: str, http_status: int, meaning: str) -> ErrorCode:
    return declare(ErrorCode(name, CodeKind.CLIENT, meaning, http_status=http_status))


def _subgraph(name: str, meaning: str) -> ErrorCode:
    return declare(ErrorCode(name, CodeKind.SUBGRAPH, meaning))


# --- the client's request -------------------------------------------------------------------
GRAPHQL_PARSE_FAILED = _client(
    "GRAPHQL_PARSE_FAILED", 400, "The document is not syntactically valid GraphQL."
)
GRAPHQL_VALIDATION_FAILED = _client(
    "GRAPHQL_VALIDATION_FAILED", 400, "The document breaks a validation rule of the API schema."
)
BAD_USER_INPUT = _client(
    "BAD_USER_INPUT", 400, "A variable is missing or its value does not fit its type."
)

# --- a subgraph ---------------------------------------------------------------------------
DOWNSTREAM_SERVICE_ERROR = _subgraph(
    "DOWNSTREAM_SERVICE_ERROR", "A subgraph answered with an error that carries no code itself."
)
SUBGRAPH_UNREACHABLE = _subgraph(
    "SUBGRAPH_UNREACHABLE", "No connection to the subgraph could be made, or it was cut."
)
SUBGRAPH_TIMEOUT = _subgraph(
    "SUBGRAPH_TIMEOUT", "The subgraph did not answer within its time limit."
)
SUBGRAPH_HTTP_ERROR = _subgraph(
    "SUBGRAPH_HTTP_ERROR", "The subgraph answered with an HTTP status and no GraphQL result."
)
SUBGRAPH_MALFORMED_RESPONSE = _subgraph(
    "SUBGRAPH_MALFORMED_RESPONSE", "The subgraph's answer is not a GraphQL result."
)
SUBGRAPH_RESPONSE_TOO_LARGE = _subgraph(
    "SUBGRAPH_RESPONSE_TOO_LARGE", "The subgraph's answer is over the configured size limit."
)
SUBGRAPH_SUBSCRIPTION_FAILED = _subgraph(
    "SUBGRAPH_SUBSCRIPTION_FAILED", "The subgraph refused or lost a subscription."
)
UNEXPECTED_NULL = _subgraph(
    "UNEXPECTED_NULL", "A non-null field came back null and no subgraph error explains it."
)
INVALID_SUBGRAPH_VALUE = _subgraph(
    "INVALID_SUBGRAPH_VALUE", "A subgraph's value does not fit the field's type in the API schema."
)

# --- the gateway --------------------------------------------------------------------------
INTERNAL = declare(
    ErrorCode(
        "INTERNAL",
        CodeKind.GATEWAY,
        "The gateway broke one of its own invariants; the details are in its log.",
        http_status=500,
    )
)
QUERY_PLANNING_FAILED = declare(
    ErrorCode(
        "QUERY_PLANNING_FAILED",
        CodeKind.GATEWAY,
        "No plan was found for a valid operation within the planner's limits.",
        http_status=500,
    )
)
INVALID_FEDERATION_SUPERGRAPH = declare(
    ErrorCode(
        "INVALID_FEDERATION_SUPERGRAPH",
        CodeKind.FILE,
        "The supergraph SDL cannot be loaded: it is not a supergraph this version understands.",
    )
)
