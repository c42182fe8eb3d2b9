"""From SDL text to a `Document`: a recursive-descent parser of type-system documents.

Each method reads one production of the grammar and leaves the parser at the token behind it
(https://spec.graphql.org/September2025/#sec-Appendix-Grammar-Summary). Operations and fragments
are not part of such a document and refused.
"""

from collections.abc import Callable
from typing import NoReturn, TypeVar

from graphql import GraphQLError, parse
from graphql.language import DirectiveLocation

from supergraph.federation.sdl.errors import SdlError, SdlSyntaxError
from supergraph.federation.sdl.nodes import (
    Argument,
    Definition,
    Directive,
    DirectiveDefinition,
    Document,
    EnumValue,
    FieldDefinition,
    InputValue,
    Reference,
    SchemaDefinition,
    TypeDefinition,
    TypeKeyword,
)
from supergraph.federation.sdl.strings import string_value
from supergraph.federation.sdl.tokens import Tokens, line_starts, tokenize
from supergraph.federation.values import ConstValue
from supergraph.federation.values import EnumValue as EnumConstant

__all__ = ["NESTING_MAX", "SDL_TOKENS_MAX", "parse_sdl"]

#: A document with more tokens is refused before it is parsed any further.
SDL_TOKENS_MAX = 20_000_000
#: Lists and objects inside each other beyond this are refused, in values as in types.
NESTING_MAX = 200

_NAME_START = frozenset("_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_NUMBER_START = frozenset("-0123456789")
_TYPE_KEYWORDS: dict[str, TypeKeyword] = {
    "type": "type",
    "interface": "interface",
    "union": "union",
    "enum": "enum",
    "scalar": "scalar",
    "input": "input",
}
_OPERATIONS = frozenset({"query", "mutation", "subscription"})
_LOCATIONS = frozenset(DirectiveLocation.__members__)
_CONSTANTS: dict[str, ConstValue] = {"true": True, "false": False, "null": None}

_ItemT = TypeVar("_ItemT")


def parse_sdl(text: str, tokens_max: int = SDL_TOKENS_MAX) -> Document:
    """Read a type-system document; raises `SdlSyntaxError` for anything else."""
    starts = line_starts(text)
    try:
        tokens = tokenize(text, tokens_max)
        return Document(_Parser(tokens).document(), tokens.offsets, starts)
    except SdlError as error:
        raise _explained(error, text, tokens_max) from error


def _explained(error: SdlError, text: str, tokens_max: int) -> SdlSyntaxError:
    """The error in the words of the reference parser, where that refuses the text too."""
    try:
        parse(text, max_tokens=tokens_max)
    except GraphQLError as reference:
        if reference.locations:
            place = reference.locations[0]
            return SdlSyntaxError(reference.message, place.line, place.column)
    except RecursionError:
        pass
    before = text[: error.offset]
    breaks = line_starts(before)
    return SdlSyntaxError(error.message, len(breaks), error.offset - breaks[-1] + 1)


class _Parser:
    """`_at` is the number of the next token, `_next` its text."""

    def __init__(self, tokens: Tokens) -> None:
        self._texts, self._offsets = tokens
        self._at = 0
        self._next = self._texts[0]
        self._depth = 0

    def document(self) -> tuple[Definition, ...]:
        definitions = [self._definition()]
        while self._next:
            definitions.append(self._definition())
        return tuple(definitions)

    # --- tokens -------------------------------------------------------------------------------
    def _advance(self) -> None:
        self._at += 1
        self._next = self._texts[self._at]

    def _skip(self, token: str) -> bool:
        if self._next == token:
            self._at += 1
            self._next = self._texts[self._at]
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._skip(token):
            self._fail(f'Expected "{token}"')

    def _fail(self, expected: str) -> NoReturn:
        found = f'found "{self._next}"' if self._next else "the document ends"
        raise SdlError(f"{expected}, {found}.", self._offsets[self._at])

    def _name(self) -> str:
        token = self._next
        if token[:1] not in _NAME_START:
            self._fail("Expected a name")
        self._at += 1
        self._next = self._texts[self._at]
        return token

    def _many(self, opening: str, item: Callable[[], _ItemT], closing: str) -> tuple[_ItemT, ...]:
        """Items in brackets, at least one; nothing when there is no opening bracket."""
        if not self._skip(opening):
            return ()
        items = [item()]
        while not self._skip(closing):
            items.append(item())
        return tuple(items)

    def _delimited(self, delimiter: str, item: Callable[[], _ItemT]) -> tuple[_ItemT, ...]:
        """Items with a delimiter between them, and one before the first if one likes."""
        self._skip(delimiter)
        items = [item()]
        while self._skip(delimiter):
            items.append(item())
        return tuple(items)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > NESTING_MAX:
            raise SdlError("The document is nested too deeply.", self._offsets[self._at])

    # --- definitions --------------------------------------------------------------------------
    def _definition(self) -> Definition:
        description = self._description()
        if description is None and self._skip("extend"):
            return self._extension()
        keyword = self._next
        if keyword in _TYPE_KEYWORDS:
            return self._type(_TYPE_KEYWORDS[keyword], description, is_extension=False)
        if keyword == "directive":
            return self._directive_definition(description)
        if keyword == "schema":
            return self._schema(description, is_extension=False)
        if keyword in _OPERATIONS or keyword in {"fragment", "{"}:
            message = "An SDL document cannot contain operations or fragments."
            raise SdlError(message, self._offsets[self._at])
        self._fail("Expected a definition")

    def _extension(self) -> Definition:
        before = self._at
        extension: TypeDefinition | SchemaDefinition
        if self._next in _TYPE_KEYWORDS:
            extension = self._type(_TYPE_KEYWORDS[self._next], None, is_extension=True)
            tokens_without_content = 2
        elif self._next == "schema":
            extension = self._schema(None, is_extension=True)
            tokens_without_content = 1
        else:
            self._fail("Expected what is extended")
        if self._at == before + tokens_without_content:
            self._fail("Expected what the extension adds")
        return extension

    def _schema(self, description: str | None, *, is_extension: bool) -> SchemaDefinition:
        at = self._at
        self._advance()
        directives = self._directives()
        if not is_extension and self._next != "{":
            self._fail('Expected "{"')
        operations = self._many("{", self._operation, "}")
        return SchemaDefinition(is_extension, directives, operations, description, at)

    def _operation(self) -> tuple[str, Reference]:
        operation, at = self._next, self._at
        if operation not in _OPERATIONS:
            self._fail("Expected an operation")
        self._advance()
        self._expect(":")
        return operation, Reference(self._name(), at)

    def _type(
        self, keyword: TypeKeyword, description: str | None, *, is_extension: bool
    ) -> TypeDefinition:
        self._advance()
        at = self._at
        name = self._name()
        interfaces: tuple[Reference, ...] = ()
        fields: tuple[FieldDefinition, ...] = ()
        input_fields: tuple[InputValue, ...] = ()
        members: tuple[Reference, ...] = ()
        values: tuple[EnumValue, ...] = ()
        has_fields = keyword in {"type", "interface"}
        if has_fields and self._skip("implements"):
            interfaces = self._delimited("&", self._reference)
        directives = self._directives()
        if has_fields:
            fields = self._many("{", self._field, "}")
        elif keyword == "input":
            input_fields = self._many("{", self._input_value, "}")
        elif keyword == "enum":
            values = self._many("{", self._enum_value, "}")
        elif keyword == "union" and self._skip("="):
            members = self._delimited("|", self._reference)
        return TypeDefinition(
            keyword,
            name,
            is_extension,
            interfaces,
            directives,
            fields,
            input_fields,
            members,
            values,
            description,
            at,
        )

    def _reference(self) -> Reference:
        at = self._at
        return Reference(self._name(), at)

    def _field(self) -> FieldDefinition:
        description = self._description()
        at = self._at
        name = self._name()
        arguments = self._many("(", self._input_value, ")") if self._next == "(" else ()
        self._expect(":")
        type_ = self._type_reference()
        directives = self._directives() if self._next == "@" else ()
        return FieldDefinition(name, arguments, type_, directives, description, at)

    def _input_value(self) -> InputValue:
        description = self._description()
        at = self._at
        name = self._name()
        self._expect(":")
        type_ = self._type_reference()
        has_default = self._skip("=")
        default = self._value() if has_default else None
        return InputValue(name, type_, default, has_default, self._directives(), description, at)

    def _enum_value(self) -> EnumValue:
        description = self._description()
        at = self._at
        if self._next in _CONSTANTS:
            self._fail("Expected an enum value")
        return EnumValue(self._name(), self._directives(), description, at)

    def _directive_definition(self, description: str | None) -> DirectiveDefinition:
        self._advance()
        self._expect("@")
        at = self._at
        name = self._name()
        arguments = self._many("(", self._input_value, ")")
        directives = self._directives()
        repeatable = self._skip("repeatable")
        self._expect("on")
        locations = self._delimited("|", self._location)
        return DirectiveDefinition(
            name, arguments, directives, repeatable, locations, description, at
        )

    def _location(self) -> str:
        if self._next not in _LOCATIONS:
            self._fail("Expected a directive location")
        return self._name()

    # --- what definitions are made of -----------------------------------------------------------
    def _description(self) -> str | None:
        return self._string() if self._next[:1] == '"' else None

    def _string(self) -> str:
        value = string_value(self._next)
        if value is None:
            self._fail("Expected a string with an end and valid escapes")
        self._advance()
        return value

    def _type_reference(self) -> str:
        if self._next == "[":
            self._deeper()
            self._advance()
            reference = f"[{self._type_reference()}]"
            self._depth -= 1
            self._expect("]")
        else:
            reference = self._name()
        return reference + "!" if self._skip("!") else reference

    def _directives(self) -> tuple[Directive, ...]:
        if self._next != "@":
            return ()
        directives = []
        while self._next == "@":
            at = self._at
            self._advance()
            name = self._name()
            directives.append(Directive(name, self._many("(", self._argument, ")"), at))
        return tuple(directives)

    def _argument(self) -> Argument:
        at = self._at
        name = self._name()
        self._expect(":")
        return Argument(name, self._value(), at)

    def _value(self) -> ConstValue:
        token = self._next
        first = token[:1]
        if first == '"':
            return self._string()
        if first in _NAME_START:
            self._advance()
            return _CONSTANTS[token] if token in _CONSTANTS else EnumConstant(token)
        if first in _NUMBER_START:
            self._advance()
            return _number(token)
        if first == "[":
            return self._list()
        if first == "{":
            return self._object()
        self._fail("Expected a constant value")

    def _list(self) -> list[ConstValue]:
        self._deeper()
        self._advance()
        items = []
        while not self._skip("]"):
            items.append(self._value())
        self._depth -= 1
        return items

    def _object(self) -> dict[str, ConstValue]:
        self._deeper()
        self._advance()
        fields: dict[str, ConstValue] = {}
        while not self._skip("}"):
            name = self._name()
            self._expect(":")
            fields[name] = self._value()
        self._depth -= 1
        return fields


def _number(token: str) -> int | float:
    if token.lstrip("-").isdigit():
        try:
            return int(token)
        except ValueError:  # More digits than Python converts, so far beyond any integer type.
            pass
    return float(token)
