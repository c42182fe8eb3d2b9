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
GRAPHQL_UNKNOWN_OPERATION_NAME = _client(
    "GRAPHQL_UNKNOWN_OPERATION_NAME",
    400,
    "The document has no operation of that name, or several and none was named.",
)
INTROSPECTION_DISABLED = _client(
    "INTROSPECTION_DISABLED", 400, "The schema is not open to introspection here."
)
MUTATION_FORBIDDEN = _client(
    "MUTATION_FORBIDDEN", 405, "A GET request asks for a mutation; only POST may change things."
)
SUBSCRIPTION_TRANSPORT_REQUIRED = _client(
    "SUBSCRIPTION_TRANSPORT_REQUIRED",
    406,
    "A subscription was asked for in a way that can carry one answer only.",
)
INVALID_GRAPHQL_REQUEST = _client(
    "INVALID_GRAPHQL_REQUEST", 400, "The request is not a GraphQL request: wrong JSON or types."
)
MISSING_QUERY_STRING = _client("MISSING_QUERY_STRING", 400, "The request has no query.")
BATCHING_NOT_ENABLED = _client(
    "BATCHING_NOT_ENABLED", 400, "The body is an array of requests; only single ones are answered."
)
BATCH_LIMIT_EXCEEDED = _client(
    "BATCH_LIMIT_EXCEEDED", 422, "The batch has more requests than it may have."
)
FILE_UPLOADS_LIMITS_MAX_FILES_EXCEEDED = _client(
    "FILE_UPLOADS_LIMITS_MAX_FILES_EXCEEDED", 413, "The request has more files than it may have."
)
FILE_UPLOADS_LIMITS_MAX_FILE_SIZE_EXCEEDED = _client(
    "FILE_UPLOADS_LIMITS_MAX_FILE_SIZE_EXCEEDED", 413, "A file is over the configured size limit."
)
REQUEST_TOO_LARGE = _client(
    "REQUEST_TOO_LARGE", 413, "The request's body is over the configured size limit."
)
REQUEST_TIMEOUT = _client(
    "REQUEST_TIMEOUT", 408, "The request's body did not arrive within the time limit."
)
INVALID_CONTENT_TYPE_HEADER = _client(
    "INVALID_CONTENT_TYPE_HEADER", 415, "The body is of a media type that is not understood."
)
INVALID_ACCEPT_HEADER = _client(
    "INVALID_ACCEPT_HEADER", 406, "No media type the client accepts can be answered."
)
METHOD_NOT_ALLOWED = _client("METHOD_NOT_ALLOWED", 405, "The path does not answer this method.")
NOT_FOUND = _client("NOT_FOUND", 404, "Nothing is served at this path.")
CSRF_ERROR = _client(
    "CSRF_ERROR",
    400,
    "A browser could have sent the request without asking first, and nothing proves it did not.",
)
DOCUMENT_TOO_LARGE = _client(
    "DOCUMENT_TOO_LARGE", 400, "The document's text is over the configured size limit."
)
MAX_TOKENS_LIMIT = _client("MAX_TOKENS_LIMIT", 400, "The document has too many tokens.")
MAX_DEPTH_LIMIT = _client("MAX_DEPTH_LIMIT", 400, "The operation's fields are nested too deeply.")
MAX_ALIASES_LIMIT = _client("MAX_ALIASES_LIMIT", 400, "The operation has too many aliases.")
MAX_ROOT_FIELDS_LIMIT = _client(
    "MAX_ROOT_FIELDS_LIMIT", 400, "The operation selects too many root fields."
)
MAX_FIELDS_LIMIT = _client(
    "MAX_FIELDS_LIMIT", 400, "The document selects too many fields once fragments are expanded."
)

OPERATION_TOO_LARGE = _client(
    "OPERATION_TOO_LARGE", 400, "The operation has too many fields once fragments are expanded."
)

TOO_MANY_OPERATIONS = _client(
    "TOO_MANY_OPERATIONS", 429, "The connection carries as many operations at once as it may."
)

ANSWER_INTERRUPTED = _client(
    "ANSWER_INTERRUPTED",
    503,
    "The gateway shuts down before all parts of the answer are there; ask again at another.",
)

SUBSCRIPTION_MAX_LIMIT = _client(
    "SUBSCRIPTION_MAX_LIMIT", 503, "The gateway has as many live subscriptions as it may."
)
EVENT_STREAM_NOT_FOUND = _client(
    "EVENT_STREAM_NOT_FOUND", 404, "The token names no event stream: it has ended, or never was."
)
EVENT_STREAM_TAKEN = _client(
    "EVENT_STREAM_TAKEN", 409, "The token's event stream is reserved or open already."
)
MISSING_OPERATION_ID = _client(
    "MISSING_OPERATION_ID", 400, "What concerns one operation of an event stream does not name it."
)
OPERATION_ID_TAKEN = _client(
    "OPERATION_ID_TAKEN", 409, "An operation of that id is running on the event stream."
)
SUBSCRIPTION_TOO_SLOW = _client(
    "SUBSCRIPTION_TOO_SLOW",
    400,
    "The client read slower than events came, for longer than its buffer lasts; it was ended.",
)
SUBSCRIPTION_SCHEMA_RELOAD = _client(
    "SUBSCRIPTION_SCHEMA_RELOAD",
    400,
    "The supergraph was exchanged, and the new one cannot answer the subscription.",
)
SUBSCRIPTION_JWT_EXPIRED = _client(
    "SUBSCRIPTION_JWT_EXPIRED", 401, "The token that the subscription was opened with has expired."
)
SUBSCRIPTION_SHUTDOWN = _client(
    "SUBSCRIPTION_SHUTDOWN", 503, "The gateway shuts down; subscribe again at another."
)

SUBSCRIPTION_NOT_FOUND = _client(
    "SUBSCRIPTION_NOT_FOUND", 404, "A callback is for a subscription that is over, or never was."
)
INVALID_CALLBACK = _client(
    "INVALID_CALLBACK", 400, "A callback is not a message of the protocol, or not for its path."
)
INVALID_CALLBACK_VERIFIER = _client(
    "INVALID_CALLBACK_VERIFIER", 401, "A callback does not carry the subscription's verifier."
)

# --- persisted documents ------------------------------------------------------------------
PERSISTED_QUERY_NOT_FOUND = _client(
    "PERSISTED_QUERY_NOT_FOUND",
    200,
    "The hash is not registered, or no longer: the client sends the text along with it.",
)
PERSISTED_QUERY_NOT_SUPPORTED = _client(
    "PERSISTED_QUERY_NOT_SUPPORTED", 200, "The gateway registers no documents of clients."
)
PERSISTED_QUERY_HASH_MISMATCH = _client(
    "PERSISTED_QUERY_HASH_MISMATCH", 400, "The text is not the one that the hash or id names."
)
PERSISTED_QUERY_NOT_IN_LIST = _client(
    "PERSISTED_QUERY_NOT_IN_LIST", 404, "No trusted document has the id."
)
PERSISTED_QUERY_ID_REQUIRED = _client(
    "PERSISTED_QUERY_ID_REQUIRED", 400, "Documents are answered by their id only."
)
QUERY_NOT_IN_SAFELIST = _client(
    "QUERY_NOT_IN_SAFELIST", 403, "The document is not one of the trusted ones."
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
EVENTS_UNAVAILABLE = _subgraph(
    "EVENTS_UNAVAILABLE", "The place that a subscription's events come from has been closed."
)
NOTHING_TO_WATCH = _subgraph(
    "NOTHING_TO_WATCH",
    "What a subscription asks to watch does not exist, or is not for this caller to see.",
)
UPLOAD_NOT_SUPPORTED = _subgraph(
    "UPLOAD_NOT_SUPPORTED", "The subgraph is reached in a way that can carry no files."
)
INVALID_FORWARDED_HEADER = _subgraph(
    "INVALID_FORWARDED_HEADER",
    "A header that is forwarded to the subgraph holds what HTTP does not allow; it was not sent.",
)
UNSENDABLE_VALUE = _subgraph(
    "UNSENDABLE_VALUE",
    "A value that the subgraph would get cannot be written as JSON: it is nested too deeply, or "
    "holds half a surrogate pair. Nothing was sent.",
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
INVALID_EVENT_STREAM = declare(
    ErrorCode(
        "INVALID_EVENT_STREAM",
        CodeKind.FILE,
        "A subscription field is marked @eventStream, and what the directive says cannot be done.",
    )
)
CONFIG_UNREADABLE = declare(
    ErrorCode("CONFIG_UNREADABLE", CodeKind.FILE, "A configuration file cannot be read.")
)
CONFIG_INVALID = declare(
    ErrorCode("CONFIG_INVALID", CodeKind.FILE, "A configuration file has a wrong key or value.")
)
