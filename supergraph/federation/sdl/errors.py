"""What reading SDL can end with besides a document."""

__all__ = ["SdlError", "SdlSyntaxError"]


class SdlError(ValueError):
    """The text is no type-system document; `offset` is the character where that shows."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class SdlSyntaxError(ValueError):
    """The same for people: worded as GraphQL implementations do, with line and column from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
