"""From a document's text to graphql-core's nodes, by recursive descent over its tokens.

Each method reads one production of the grammar
(https://spec.graphql.org/September2025/#sec-Appendix-Grammar-Summary) and leaves the parser behind
it. The nodes are those that graphql-core's parser makes, with two differences: only definitions of
variables have a location (errors about values of variables need one), and fields of the same name
with nothing else to them share one node, as do equal names.
"""

import re

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListTypeNode,
    ListValueNode,
    Location,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    Source,
    StringValueNode,
    TypeNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
)

from supergraph.document.doubt import NESTING_MAX, DoubtError
from supergraph.document.nodes import make_node
from supergraph.document.tokens import token_start, tokenize
from supergraph.federation.sdl.strings import string_value

__all__ = ["parse_document"]

_NAME_START = frozenset("_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_NUMBER_START = frozenset("-0123456789")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)((?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?)")
#: Tokens after a field's name that belong to the field.
_FIELD_GOES_ON = frozenset(":({@")
_OPERATIONS = {kind.value: kind for kind in OperationType}


def parse_document(text: str, tokens_max: int) -> DocumentNode | None:
    """The executable document, or None where graphql-core has to say what the text is.

    None is the answer to every syntax error, to type-system definitions, descriptions, surrogates
    and nesting beyond `NESTING_MAX`. Raises `GraphQLSyntaxError` for too many tokens.
    """
    try:
        return _Parser(text, tokenize(text, tokens_max)).document()
    except (DoubtError, RecursionError):
        return None


class _VariableLocation(Location):
    """The place of a variable's `$`, found when an error asks for it."""

    __slots__ = ("_number",)

    def __init__(self, source: Source, number: int) -> None:
        self.source = source
        self._number = number

    @property
    def start(self) -> int:  # type: ignore[override] # nobody sets it
        return token_start(self.source.body, self._number)

    @property
    def end(self) -> int:  # type: ignore[override] # as above
        return self.start + 1


class _Parser:
    """`_at` is the number of the next token."""

    __slots__ = ("_at", "_depth", "_leaves", "_names", "_source", "_tokens")

    def __init__(self, text: str, tokens: list[str]) -> None:
        self._source = Source(text)
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._names: dict[str, NameNode] = {}
        self._leaves: dict[str, FieldNode] = {}

    def document(self) -> DocumentNode:
        definitions = [self._definition()]
        while self._tokens[self._at]:
            definitions.append(self._definition())
        return make_node(DocumentNode, definitions=tuple(definitions))

    # --- tokens -------------------------------------------------------------------------------
    def _skip(self, token: str) -> bool:
        if self._tokens[self._at] == token:
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if self._tokens[self._at] != token:
            raise DoubtError
        self._at += 1

    def _name(self) -> NameNode:
        token = self._tokens[self._at]
        self._at += 1
        return self._names.get(token) or self._new_name(token)

    def _new_name(self, token: str) -> NameNode:
        if token[:1] not in _NAME_START:
            raise DoubtError
        node = self._names[token] = make_node(NameNode, value=token)
        return node

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > NESTING_MAX:
            raise DoubtError

    # --- definitions --------------------------------------------------------------------------
    def _definition(self) -> OperationDefinitionNode | FragmentDefinitionNode:
        keyword = self._tokens[self._at]
        self._at += 1
        if keyword == "{":
            selection_set = self._selection_set()
            return make_node(
                OperationDefinitionNode, operation=OperationType.QUERY, selection_set=selection_set
            )
        if keyword == "fragment":
            return self._fragment_definition()
        operation = _OPERATIONS.get(keyword)
        if operation is None:
            raise DoubtError
        name = None if self._tokens[self._at] in _FIELD_GOES_ON else self._name()
        definitions = self._variable_definitions() if self._skip("(") else None
        directives = self._directives(is_const=False)
        self._expect("{")
        return make_node(
            OperationDefinitionNode,
            operation=operation,
            name=name,
            variable_definitions=definitions,
            directives=directives,
            selection_set=self._selection_set(),
        )

    def _fragment_definition(self) -> FragmentDefinitionNode:
        if self._tokens[self._at] == "on":
            raise DoubtError
        name = self._name()
        self._expect("on")
        type_condition = make_node(NamedTypeNode, name=self._name())
        directives = self._directives(is_const=False)
        self._expect("{")
        return make_node(
            FragmentDefinitionNode,
            name=name,
            variable_definitions=(),
            type_condition=type_condition,
            directives=directives,
            selection_set=self._selection_set(),
        )

    def _variable_definitions(self) -> tuple[VariableDefinitionNode, ...]:
        definitions = [self._variable_definition()]
        while not self._skip(")"):
            definitions.append(self._variable_definition())
        return tuple(definitions)

    def _variable_definition(self) -> VariableDefinitionNode:
        location = _VariableLocation(self._source, self._at)
        self._expect("$")
        variable = make_node(VariableNode, name=self._name())
        self._expect(":")
        type_ = self._type()
        default = self._value(is_const=True) if self._skip("=") else None
        return make_node(
            VariableDefinitionNode,
            loc=location,
            variable=variable,
            type=type_,
            default_value=default,
            directives=self._directives(is_const=True),
        )

    def _type(self) -> TypeNode:
        node: NamedTypeNode | ListTypeNode
        if self._skip("["):
            self._deeper()
            node = make_node(ListTypeNode, type=self._type())
            self._depth -= 1
            self._expect("]")
        else:
            node = make_node(NamedTypeNode, name=self._name())
        return make_node(NonNullTypeNode, type=node) if self._skip("!") else node

    # --- selections ---------------------------------------------------------------------------
    def _selection_set(self) -> SelectionSetNode:
        """What stands behind the opening brace. Fields without anything else never leave here."""
        self._deeper()
        tokens, leaves = self._tokens, self._leaves
        selections: list[SelectionNode] = []
        at = self._at
        while (text := tokens[at]) != "}":
            at += 1
            if text == "...":
                self._at = at
                selections.append(self._fragment())
                at = self._at
            elif tokens[at] in _FIELD_GOES_ON:
                self._at = at
                selections.append(self._field(text))
                at = self._at
            else:
                selections.append(leaves.get(text) or self._new_leaf(text))
        self._at = at + 1
        self._depth -= 1
        return make_node(SelectionSetNode, selections=tuple(selections))

    def _new_leaf(self, token: str) -> FieldNode:
        name = self._names.get(token) or self._new_name(token)
        node = self._leaves[token] = make_node(FieldNode, name=name)
        return node

    def _field(self, token: str) -> FieldNode:
        """A field with an alias, arguments, directives or selections; its first token is given."""
        alias, name = None, self._names.get(token) or self._new_name(token)
        if self._skip(":"):
            alias, name = name, self._name()
        return make_node(
            FieldNode,
            alias=alias,
            name=name,
            arguments=self._arguments(is_const=False) if self._skip("(") else None,
            directives=self._directives(is_const=False),
            selection_set=self._selection_set() if self._skip("{") else None,
        )

    def _fragment(self) -> FragmentSpreadNode | InlineFragmentNode:
        """A spread or an inline fragment, behind its dots."""
        following = self._tokens[self._at]
        condition = None
        if following == "on":
            self._at += 1
            condition = make_node(NamedTypeNode, name=self._name())
        elif following not in _FIELD_GOES_ON:
            name = self._name()
            return make_node(
                FragmentSpreadNode, name=name, directives=self._directives(is_const=False)
            )
        directives = self._directives(is_const=False)
        self._expect("{")
        return make_node(
            InlineFragmentNode,
            type_condition=condition,
            directives=directives,
            selection_set=self._selection_set(),
        )

    def _directives(self, *, is_const: bool) -> tuple[DirectiveNode, ...] | None:
        directives: list[DirectiveNode] = []
        while self._skip("@"):
            name = self._name()
            arguments = self._arguments(is_const=is_const) if self._skip("(") else None
            directives.append(make_node(DirectiveNode, name=name, arguments=arguments))
        return tuple(directives) or None

    def _arguments(self, *, is_const: bool) -> tuple[ArgumentNode, ...]:
        """At least one argument, behind the opening parenthesis."""
        arguments: list[ArgumentNode] = []
        while not arguments or not self._skip(")"):
            name = self._name()
            self._expect(":")
            arguments.append(
                make_node(ArgumentNode, name=name, value=self._value(is_const=is_const))
            )
        return tuple(arguments)

    # --- values -------------------------------------------------------------------------------
    def _value(self, *, is_const: bool) -> ValueNode:
        token = self._tokens[self._at]
        self._at += 1
        first = token[:1]
        if first == "$" and not is_const:
            return make_node(VariableNode, name=self._name())
        if first in _NUMBER_START:
            return _number(token)
        if first in _NAME_START:
            return _named_value(token)
        if first == '"':
            value = string_value(token)
            if value is None:
                raise DoubtError
            return make_node(StringValueNode, value=value, block=token.startswith('"""'))
        if first == "[":
            return self._list(is_const=is_const)
        if first == "{":
            return self._object(is_const=is_const)
        raise DoubtError

    def _list(self, *, is_const: bool) -> ListValueNode:
        self._deeper()
        values: list[ValueNode] = []
        while not self._skip("]"):
            values.append(self._value(is_const=is_const))
        self._depth -= 1
        return make_node(ListValueNode, values=tuple(values))

    def _object(self, *, is_const: bool) -> ObjectValueNode:
        self._deeper()
        fields: list[ObjectFieldNode] = []
        while not self._skip("}"):
            name = self._name()
            self._expect(":")
            fields.append(
                make_node(ObjectFieldNode, name=name, value=self._value(is_const=is_const))
            )
        self._depth -= 1
        return make_node(ObjectValueNode, fields=tuple(fields))


def _number(token: str) -> IntValueNode | FloatValueNode:
    match = _NUMBER.fullmatch(token)
    if match is None:
        raise DoubtError
    if match[1]:
        return make_node(FloatValueNode, value=token)
    return make_node(IntValueNode, value=token)


def _named_value(name: str) -> ValueNode:
    if name == "null":
        return make_node(NullValueNode)
    if name in {"true", "false"}:
        return make_node(BooleanValueNode, value=name == "true")
    return make_node(EnumValueNode, value=name)
