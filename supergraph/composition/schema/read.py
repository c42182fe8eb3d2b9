"""From a parsed document to a `Schema`.

Reading never stops: what cannot be represented (a second definition of a name) is reported as a
fault and left out, so that the rest can still be judged.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from graphql.language import ast

from supergraph.composition.schema.model import (
    ROOT_NAMES,
    AppliedDirective,
    Argument,
    DirectiveDefinition,
    EnumValueDefinition,
    Field,
    Position,
    Schema,
    TypeDefinition,
    TypeKind,
)
from supergraph.errors import invariant
from supergraph.federation.values import value_from_node

__all__ = ["Naming", "ReadFault", "SchemaReader", "position_of"]

_TypeNode: TypeAlias = ast.TypeDefinitionNode | ast.TypeExtensionNode

_KINDS: dict[type[ast.Node], TypeKind] = {
    ast.ObjectTypeDefinitionNode: TypeKind.OBJECT,
    ast.ObjectTypeExtensionNode: TypeKind.OBJECT,
    ast.InterfaceTypeDefinitionNode: TypeKind.INTERFACE,
    ast.InterfaceTypeExtensionNode: TypeKind.INTERFACE,
    ast.UnionTypeDefinitionNode: TypeKind.UNION,
    ast.UnionTypeExtensionNode: TypeKind.UNION,
    ast.EnumTypeDefinitionNode: TypeKind.ENUM,
    ast.EnumTypeExtensionNode: TypeKind.ENUM,
    ast.ScalarTypeDefinitionNode: TypeKind.SCALAR,
    ast.ScalarTypeExtensionNode: TypeKind.SCALAR,
    ast.InputObjectTypeDefinitionNode: TypeKind.INPUT,
    ast.InputObjectTypeExtensionNode: TypeKind.INPUT,
}


@dataclass(frozen=True, slots=True)
class ReadFault:
    """Something the document says twice or in a way that has no meaning."""

    message: str
    position: Position | None


@dataclass(frozen=True, slots=True)
class Naming:
    """Local names to the names used inside composition."""

    types: Mapping[str, str] = field(default_factory=dict)
    directives: Mapping[str, str] = field(default_factory=dict)


def position_of(node: ast.Node) -> Position | None:
    """Where an error should point: at a definition's name, at the `@` of a directive."""
    named = None if isinstance(node, ast.DirectiveNode) else getattr(node, "name", None)
    loc = (named if isinstance(named, ast.NameNode) else node).loc
    if loc is None:
        return None
    return Position(loc.start_token.line, loc.start_token.column)


class SchemaReader:
    """Reads the definitions of one document; `faults` holds what was left out."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self.schema = Schema()
        self.faults: list[ReadFault] = []

    def read(self, definitions: Iterable[ast.DefinitionNode]) -> Schema:
        """Read definitions first and extensions after, wherever they stand in the document."""
        extensions = []
        for node in definitions:
            if isinstance(node, (ast.SchemaDefinitionNode, ast.SchemaExtensionNode)):
                self._schema(node)
            elif isinstance(node, ast.DirectiveDefinitionNode):
                self._directive_definition(node)
            elif isinstance(node, ast.TypeDefinitionNode):
                self._type(node)
            elif isinstance(node, ast.TypeExtensionNode):
                extensions.append(node)
            else:
                self._fault("An SDL document cannot contain operations or fragments.", node)
        for node in extensions:
            self._extension(node)
        self._default_roots()
        return self.schema

    # --- the schema element -------------------------------------------------------------------
    def _schema(self, node: ast.SchemaDefinitionNode | ast.SchemaExtensionNode) -> None:
        description = getattr(node, "description", None)
        if description is not None:
            self.schema.description = description.value
        self.schema.directives += self._applications(node.directives)
        for operation in node.operation_types or ():
            kind = operation.operation.value
            if kind in self.schema.roots:
                self._fault(f'The schema names two root types for "{kind}".', operation)
            self.schema.roots[kind] = self._type_name(operation.type.name.value)

    def _default_roots(self) -> None:
        if self.schema.roots:
            return
        for operation, name in ROOT_NAMES.items():
            if name in self.schema.types:
                self.schema.roots[operation] = name

    # --- types --------------------------------------------------------------------------------
    def _type(self, node: ast.TypeDefinitionNode) -> None:
        name = self._type_name(node.name.value)
        definition = TypeDefinition(
            name, _description(node), position=position_of(node), kind=_KINDS[type(node)]
        )
        if name in self.schema.types:
            self._fault(f'There is more than one definition of the type "{name}".', node)
            return
        self.schema.types[name] = definition
        self._fill(definition, node, part=0)

    def _extension(self, node: ast.TypeExtensionNode) -> None:
        name = self._type_name(node.name.value)
        kind = _KINDS[type(node)]
        definition = self.schema.types.get(name)
        if definition is None:
            definition = TypeDefinition(
                name, position=position_of(node), kind=kind, is_defined=False
            )
            self.schema.types[name] = definition
        elif definition.kind is not kind:
            self._fault(f'"{name}" is {definition.kind.value} and extended as {kind.value}.', node)
            return
        definition.extensions += 1
        self._fill(definition, node, part=definition.extensions)

    def _fill(self, definition: TypeDefinition, node: _TypeNode, part: int) -> None:
        definition.directives += self._applications(node.directives, part)
        match node:
            case (
                ast.ObjectTypeDefinitionNode()
                | ast.ObjectTypeExtensionNode()
                | ast.InterfaceTypeDefinitionNode()
                | ast.InterfaceTypeExtensionNode()
            ):
                self._fill_interfaces(definition, node.interfaces or ())
                self._fill_fields(definition, node.fields or (), part)
            case ast.UnionTypeDefinitionNode() | ast.UnionTypeExtensionNode():
                self._fill_members(definition, node.types or ())
            case ast.EnumTypeDefinitionNode() | ast.EnumTypeExtensionNode():
                self._fill_values(definition, node.values or ())
            case ast.InputObjectTypeDefinitionNode() | ast.InputObjectTypeExtensionNode():
                self._fill_input_fields(definition, node.fields or ())
            case _:
                pass  # A scalar has no members.

    def _fill_input_fields(
        self, definition: TypeDefinition, nodes: Sequence[ast.InputValueDefinitionNode]
    ) -> None:
        fields = self._arguments(
            nodes,
            lambda name: f'The input field "{definition.name}.{name}" is defined twice.',
            definition.input_fields,
        )
        definition.input_fields.update(fields)

    def _fill_interfaces(
        self, definition: TypeDefinition, nodes: Sequence[ast.NamedTypeNode]
    ) -> None:
        for node in nodes:
            name = self._type_name(node.name.value)
            if name in definition.interfaces:
                self._fault(f'"{definition.name}" implements "{name}" twice.', node)
            else:
                definition.interfaces.append(name)

    def _fill_fields(
        self, definition: TypeDefinition, nodes: Sequence[ast.FieldDefinitionNode], part: int
    ) -> None:
        for node in nodes:
            name = node.name.value
            coordinate = f"{definition.name}.{name}"
            if name in definition.fields:
                self._fault(f'The field "{coordinate}" is defined twice.', node)
                continue
            definition.fields[name] = Field(
                name,
                _description(node),
                self._applications(node.directives),
                position_of(node),
                type=self._type_ref(node.type),
                arguments=self._arguments(
                    node.arguments or (),
                    lambda argument, at=coordinate: (
                        f'The argument "{at}({argument}:)" is defined twice.'
                    ),  # type: ignore[misc]
                ),
                part=part,
            )

    def _fill_members(self, definition: TypeDefinition, nodes: Sequence[ast.NamedTypeNode]) -> None:
        for node in nodes:
            name = self._type_name(node.name.value)
            if name in definition.members:
                self._fault(f'The union "{definition.name}" has the member "{name}" twice.', node)
            else:
                definition.members.append(name)

    def _fill_values(
        self, definition: TypeDefinition, nodes: Sequence[ast.EnumValueDefinitionNode]
    ) -> None:
        for node in nodes:
            name = node.name.value
            if name in definition.values:  # Harmless, and printed by some subgraph libraries.
                continue
            definition.values[name] = EnumValueDefinition(
                name, _description(node), self._applications(node.directives), position_of(node)
            )

    # --- directives ---------------------------------------------------------------------------
    def _directive_definition(self, node: ast.DirectiveDefinitionNode) -> None:
        name = self._directive_name(node.name.value)
        if name in self.schema.directive_definitions:
            self._fault(f'There is more than one definition of the directive "@{name}".', node)
            return
        self.schema.directive_definitions[name] = DirectiveDefinition(
            name,
            _description(node),
            position=position_of(node),
            arguments=self._arguments(
                node.arguments or (),
                lambda argument: f'The argument "@{name}({argument}:)" is defined twice.',
            ),
            locations=tuple(location.value for location in node.locations),
            repeatable=node.repeatable,
        )

    def _applications(
        self, nodes: Sequence[ast.DirectiveNode] | None, part: int = 0
    ) -> list[AppliedDirective]:
        return [self._application(node, part) for node in nodes or ()]

    def _application(self, node: ast.DirectiveNode, part: int) -> AppliedDirective:
        arguments = {}
        for argument in node.arguments or ():
            name = argument.name.value
            if name in arguments:
                self._fault(f'"@{node.name.value}" gets the argument "{name}" twice.', argument)
            arguments[name] = value_from_node(argument.value)
        return AppliedDirective(
            self._directive_name(node.name.value), arguments, position_of(node), part
        )

    def _arguments(
        self,
        nodes: Sequence[ast.InputValueDefinitionNode],
        twice: Callable[[str], str],
        existing: Mapping[str, Argument] | None = None,
    ) -> dict[str, Argument]:
        arguments: dict[str, Argument] = {}
        for node in nodes:
            name = node.name.value
            if name in arguments or (existing and name in existing):
                self._fault(twice(name), node)
                continue
            arguments[name] = Argument(
                name,
                _description(node),
                self._applications(node.directives),
                position_of(node),
                self._type_ref(node.type),
                None if node.default_value is None else value_from_node(node.default_value),
                node.default_value is not None,
            )
        return arguments

    # --- names --------------------------------------------------------------------------------
    def _type_name(self, name: str) -> str:
        return self._naming.types.get(name, name)

    def _directive_name(self, name: str) -> str:
        return self._naming.directives.get(name, name)

    def _type_ref(self, node: ast.TypeNode) -> str:
        match node:
            case ast.NonNullTypeNode():
                return self._type_ref(node.type) + "!"
            case ast.ListTypeNode():
                return f"[{self._type_ref(node.type)}]"
            case ast.NamedTypeNode():
                return self._type_name(node.name.value)
            case _:
                invariant(False, "there are three kinds of type nodes")
                return ""

    def _fault(self, message: str, node: ast.Node) -> None:
        self.faults.append(ReadFault(message, position_of(node)))


def _description(node: ast.Node) -> str | None:
    description = getattr(node, "description", None)
    return description.value if description is not None else None
