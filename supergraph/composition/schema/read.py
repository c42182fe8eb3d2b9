"""From a parsed document to a `Schema`.

Reading never stops: what cannot be represented (a second definition of a name) is reported as a
fault and left out, so that the rest can still be judged.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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
from supergraph.composition.schema.type_ref import named_type
from supergraph.federation.sdl import nodes
from supergraph.federation.values import ConstValue

__all__ = ["Naming", "ReadFault", "SchemaReader"]

_KINDS: dict[nodes.TypeKeyword, TypeKind] = {
    "type": TypeKind.OBJECT,
    "interface": TypeKind.INTERFACE,
    "union": TypeKind.UNION,
    "enum": TypeKind.ENUM,
    "scalar": TypeKind.SCALAR,
    "input": TypeKind.INPUT,
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


class SchemaReader:
    """Reads the definitions of one document; `faults` holds what was left out."""

    def __init__(self, document: nodes.Document, naming: Naming) -> None:
        self._document = document
        self._naming = naming
        self._place = document.place
        self.schema = Schema()
        self.faults: list[ReadFault] = []

    def read(self) -> Schema:
        """Read definitions first and extensions after, wherever they stand in the document."""
        extensions = []
        for node in self._document.definitions:
            match node:
                case nodes.SchemaDefinition():
                    self._schema(node)
                case nodes.DirectiveDefinition():
                    self._directive_definition(node)
                case nodes.TypeDefinition(is_extension=False):
                    self._type(node)
                case nodes.TypeDefinition():
                    extensions.append(node)
        for node in extensions:
            self._extension(node)
        self._default_roots()
        return self.schema

    # --- the schema element -------------------------------------------------------------------
    def _schema(self, node: nodes.SchemaDefinition) -> None:
        if node.description is not None:
            self.schema.description = node.description
        self.schema.directives += self._applications(node.directives)
        for kind, reference in node.operations:
            if kind in self.schema.roots:
                self._fault(f'The schema names two root types for "{kind}".', reference.at)
            self.schema.roots[kind] = self._type_name(reference.name)

    def _default_roots(self) -> None:
        if self.schema.roots:
            return
        for operation, name in ROOT_NAMES.items():
            if name in self.schema.types:
                self.schema.roots[operation] = name

    # --- types --------------------------------------------------------------------------------
    def _type(self, node: nodes.TypeDefinition) -> None:
        name = self._type_name(node.name)
        if name in self.schema.types:
            self._fault(f'There is more than one definition of the type "{name}".', node.at)
            return
        definition = TypeDefinition(
            name, node.description, position=self._place(node.at), kind=_KINDS[node.keyword]
        )
        self.schema.types[name] = definition
        self._fill(definition, node, part=0)

    def _extension(self, node: nodes.TypeDefinition) -> None:
        name = self._type_name(node.name)
        kind = _KINDS[node.keyword]
        definition = self.schema.types.get(name)
        if definition is None:
            definition = TypeDefinition(
                name, position=self._place(node.at), kind=kind, is_defined=False
            )
            self.schema.types[name] = definition
        elif definition.kind is not kind:
            self._fault(
                f'"{name}" is {definition.kind.value} and extended as {kind.value}.', node.at
            )
            return
        definition.extensions += 1
        self._fill(definition, node, part=definition.extensions)

    def _fill(self, definition: TypeDefinition, node: nodes.TypeDefinition, part: int) -> None:
        definition.directives += self._applications(node.directives, part)
        self._fill_interfaces(definition, node.interfaces)
        self._fill_fields(definition, node.fields, part)
        self._fill_members(definition, node.members)
        self._fill_values(definition, node.values)
        self._add_input_values(
            definition.input_fields,
            node.input_fields,
            lambda name: f'The input field "{definition.name}.{name}" is defined twice.',
        )

    def _fill_interfaces(
        self, definition: TypeDefinition, references: Sequence[nodes.Reference]
    ) -> None:
        for reference in references:
            name = self._type_name(reference.name)
            if name in definition.interfaces:
                self._fault(f'"{definition.name}" implements "{name}" twice.', reference.at)
            else:
                definition.interfaces.append(name)

    def _fill_fields(
        self, definition: TypeDefinition, fields: Sequence[nodes.FieldDefinition], part: int
    ) -> None:
        for node in fields:
            name = node.name
            if name in definition.fields:
                self._fault(f'The field "{definition.name}.{name}" is defined twice.', node.at)
                continue
            definition.fields[name] = Field(
                name,
                node.description,
                self._applications(node.directives),
                self._place(node.at),
                self._type_ref(node.type),
                self._arguments(definition.name, node) if node.arguments else {},
                part,
            )

    def _arguments(self, type_name: str, node: nodes.FieldDefinition) -> dict[str, Argument]:
        arguments: dict[str, Argument] = {}
        self._add_input_values(
            arguments,
            node.arguments,
            lambda name: f'The argument "{type_name}.{node.name}({name}:)" is defined twice.',
        )
        return arguments

    def _fill_members(
        self, definition: TypeDefinition, references: Sequence[nodes.Reference]
    ) -> None:
        for reference in references:
            name = self._type_name(reference.name)
            if name in definition.members:
                self._fault(
                    f'The union "{definition.name}" has the member "{name}" twice.', reference.at
                )
            else:
                definition.members.append(name)

    def _fill_values(self, definition: TypeDefinition, values: Sequence[nodes.EnumValue]) -> None:
        for node in values:
            if node.name in definition.values:
                continue  # Harmless, and printed by some subgraph libraries.
            definition.values[node.name] = EnumValueDefinition(
                node.name,
                node.description,
                self._applications(node.directives),
                self._place(node.at),
            )

    # --- directives ---------------------------------------------------------------------------
    def _directive_definition(self, node: nodes.DirectiveDefinition) -> None:
        name = self._directive_name(node.name)
        if name in self.schema.directive_definitions:
            self._fault(f'There is more than one definition of the directive "@{name}".', node.at)
            return
        arguments: dict[str, Argument] = {}
        self._add_input_values(
            arguments,
            node.arguments,
            lambda argument: f'The argument "@{name}({argument}:)" is defined twice.',
        )
        self.schema.directive_definitions[name] = DirectiveDefinition(
            name,
            node.description,
            position=self._place(node.at),
            arguments=arguments,
            locations=node.locations,
            repeatable=node.repeatable,
        )

    def _applications(
        self, directives: Sequence[nodes.Directive], part: int = 0
    ) -> list[AppliedDirective]:
        return [self._application(node, part) for node in directives]

    def _application(self, node: nodes.Directive, part: int) -> AppliedDirective:
        arguments: dict[str, ConstValue] = {}
        for name, value, at in node.arguments:
            if name in arguments:
                self._fault(f'"@{node.name}" gets the argument "{name}" twice.', at)
            arguments[name] = value
        return AppliedDirective(
            self._directive_name(node.name), arguments, self._place(node.at), part
        )

    def _add_input_values(
        self,
        target: dict[str, Argument],
        values: Sequence[nodes.InputValue],
        twice: Callable[[str], str],
    ) -> None:
        for node in values:
            if node.name in target:
                self._fault(twice(node.name), node.at)
                continue
            target[node.name] = Argument(
                node.name,
                node.description,
                self._applications(node.directives),
                self._place(node.at),
                self._type_ref(node.type),
                node.default,
                node.has_default,
            )

    # --- names --------------------------------------------------------------------------------
    def _type_name(self, name: str) -> str:
        return self._naming.types.get(name, name)

    def _directive_name(self, name: str) -> str:
        return self._naming.directives.get(name, name)

    def _type_ref(self, ref: str) -> str:
        name = named_type(ref)
        renamed = self._naming.types.get(name)
        return ref if renamed is None else ref.replace(name, renamed)

    def _fault(self, message: str, at: int) -> None:
        self.faults.append(ReadFault(message, self._place(at)))
