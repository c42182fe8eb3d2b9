"""Random documents on a schema, valid but for mistakes that are made on purpose."""

from itertools import count
from random import Random

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    get_named_type,
    is_composite_type,
)

FRAGMENTS = ("F", "G", "H", "I")
ALIASES = ("x", "y", "id", "name", "owner")
VARIABLES = ("a", "b", "c", "d")
WRONG = ("1", '"text"', "1.5", "true", "RED", "null", "[]", "{}", "{x: 1}", "[[1, null]]", "$a")
SCALARS = {
    "Int": ("0", "-1", "2147483647"),
    "Float": ("1", "1.5", "-0.1e3"),
    "String": ('"a"', '""', '"""block"""'),
    "Boolean": ("true", "false"),
    "ID": ("1", '"id"'),
    "JSON": ("1", "[RED, {a: null}]", '{a: "b"}', "[$a]"),
}


class DocumentWriter:
    """Writes one document; `mistakes` is the chance of each decision to be wrong."""

    def __init__(self, schema: GraphQLSchema, random: Random, mistakes: float) -> None:
        self._schema = schema
        self._random = random
        self._mistakes = mistakes
        self._used: dict[str, str] = {}
        self._fragments: dict[str, GraphQLNamedType] = {}
        self._inside = -1  # which fragment is being written: it spreads later ones only
        self._aliases = count()

    def document(self) -> str:
        random = self._random
        parts = []
        for number in range(random.choice((1, 1, 1, 1, 2))):
            kind = random.choice(("query",) * 8 + ("mutation", "subscription"))
            self._used = {}
            root = getattr(self._schema, f"{kind}_type")
            body = self.selection_set(root, 4)
            parts.append((kind, f"O{0 if self._errs() else number}", dict(self._used), body))
        written: set[str] = set()
        fragments = []
        while pending := [name for name in self._fragments if name not in written]:
            name = pending[0]
            written.add(name)
            self._inside = FRAGMENTS.index(name)
            on = "Nothing" if self._errs() else self._fragments[name].name
            body = self.selection_set(self._fragments[name], 2)
            fragments.append(f"fragment {name} on {on}{self.directives('')} {body}")
        if self._errs():
            fragments.append(f"fragment {random.choice(FRAGMENTS)} on Dog {{ id }}")
        operations = [
            f"{kind} {name}{self.definitions(used | self._used)} {body}"
            for kind, name, used, body in parts
        ]
        return "\n".join([*operations, *fragments])

    def definitions(self, used: dict[str, str]) -> str:
        if self._errs():
            used = dict(list(used.items())[1:])
        if self._errs():
            used = {**used, "unused": "Int"}
        written = []
        for name, reference in used.items():
            default = ""
            if self._random.random() < 0.2 or self._errs():
                type_ = self._schema.type_map.get(reference.strip("[]!"))
                default = f" = {self.value(type_, 1, may_vary=False)}" if type_ else ""
            written.append(f"${name}: {reference}{default}")
        return f"({', '.join(written)})" if written else ""

    def selection_set(self, type_: GraphQLNamedType, depth: int) -> str:
        random = self._random
        selections = []
        for _ in range(random.randint(1, 4)):
            choice = random.random()
            if choice < 0.6 or depth <= 0:
                selections.append(self.field(type_, depth))
            elif choice < 0.8:
                selections.append(self.inline_fragment(type_, depth))
            else:
                selections.append(self.spread(type_))
        return f"{{ {' '.join(selections)} }}"

    def field(self, type_: GraphQLNamedType, depth: int) -> str:
        random = self._random
        fields = dict(getattr(type_, "fields", {}))
        if depth <= 0:
            fields = {
                name: field
                for name, field in fields.items()
                if not is_composite_type(_named(field))
            }
        name = random.choice([*fields, "__typename"])
        text = "missing" if self._errs() else name
        field = fields.get(name)
        if field is not None and field.args and random.random() < 0.8:
            text = f"a{next(self._aliases)}: {text}"
        elif random.random() < 0.05:
            text = f"{random.choice(ALIASES)}: {text}"
        if field is None:
            return text + self.directives("field")
        text += self.arguments(field) + self.directives("field")
        if is_composite_type(_named(field)) is not self._errs():
            inner = _named(field)
            text += self.selection_set(inner if is_composite_type(inner) else type_, depth - 1)
        return text

    def inline_fragment(self, type_: GraphQLNamedType, depth: int) -> str:
        condition = self.condition(type_)
        on = "" if condition is type_ and self._random.random() < 0.5 else f" on {condition.name}"
        return f"...{on}{self.directives('fragment')} {self.selection_set(condition, depth - 1)}"

    def spread(self, type_: GraphQLNamedType) -> str:
        random = self._random
        later = FRAGMENTS[self._inside + 1 :]
        fitting = [name for name in later if self._fragments.get(name) is type_]
        free = [name for name in later if name not in self._fragments]
        if self._errs():
            return f"...{random.choice(FRAGMENTS)}"
        if not fitting and not free:
            return "__typename"
        if free and (not fitting or random.random() < 0.5):
            self._fragments[free[0]] = self.condition(type_)
            fitting = [free[0]]
        return f"...{random.choice(fitting)}{self.directives('fragment')}"

    def condition(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        random = self._random
        composite = [item for item in self._schema.type_map.values() if is_composite_type(item)]
        composite = [item for item in composite if not item.name.startswith("__")]
        if self._errs():
            return random.choice(composite)
        if isinstance(type_, GraphQLObjectType):
            interfaces: list[GraphQLNamedType] = list(type_.interfaces)
            return random.choice([type_, type_, *interfaces])
        possible: list[GraphQLNamedType] = list(self._schema.get_possible_types(type_))  # type: ignore[arg-type]
        extra = [type_] if isinstance(type_, GraphQLInterfaceType) else []
        return random.choice([*possible, *extra, type_])

    def arguments(self, field: GraphQLField) -> str:
        given = []
        for name, argument in field.args.items():
            needed = isinstance(argument.type, GraphQLNonNull) and argument.default is None
            if (needed or self._random.random() < 0.3) is not self._errs():
                given.append(f"{name}: {self.value(argument.type, 2)}")
        if self._errs():
            given.append(f"{self._random.choice(('first', 'wrong'))}: 1")
        return f"({', '.join(given)})" if given else ""

    def directives(self, place: str) -> str:
        random = self._random
        if self._errs():
            return f" @{random.choice(('missing', 'include', 'only', 'stream', 'defer(label: 1)'))}"
        if not place or random.random() > 0.15:
            return ""
        if place == "fragment" and random.random() < 0.3:
            return " @defer"
        if random.random() < 0.3:
            return " @note(number: 1) @note"
        boolean = self.value(self._schema.type_map["Boolean"], 1, required=True)
        return f" @{random.choice(('skip', 'include'))}(if: {boolean})"

    def value(
        self,
        type_: GraphQLType,
        depth: int,
        *,
        may_vary: bool = True,
        required: bool = False,
        is_item: bool = False,
    ) -> str:
        random = self._random
        if self._errs():
            return random.choice(WRONG)
        if isinstance(type_, GraphQLNonNull):
            return self.value(type_.of_type, depth, may_vary=may_vary, required=True)
        if may_vary and random.random() < 0.2:
            return self.variable(f"{type_}!" if required else str(type_))
        if not required and random.random() < 0.1:
            return "null"
        if isinstance(type_, GraphQLList):
            items = [
                self.value(type_.of_type, depth - 1, may_vary=may_vary, is_item=True)
                for _ in range(random.randint(0, 2))
            ]
            return items[0] if len(items) == 1 and not is_item else f"[{', '.join(items)}]"
        return self.named_value(type_, depth, may_vary=may_vary)

    def named_value(self, type_: GraphQLType, depth: int, *, may_vary: bool) -> str:
        if isinstance(type_, GraphQLEnumType):
            return self._random.choice([*type_.values])
        if isinstance(type_, GraphQLInputObjectType):
            return self.input_object(type_, depth, may_vary=may_vary)
        text = self._random.choice(SCALARS[type_.name])  # type: ignore[union-attr]
        if "$a" in text:
            return self.variable("JSON") if may_vary else "1"
        return text

    def input_object(self, type_: GraphQLInputObjectType, depth: int, *, may_vary: bool) -> str:
        given = []
        names = [self._random.choice([*type_.fields])] if type_.is_one_of else [*type_.fields]
        for name in names:
            field = type_.fields[name]
            needed = isinstance(field.type, GraphQLNonNull) and field.default is None
            wanted = needed or type_.is_one_of or (depth > 0 and self._random.random() < 0.4)
            if wanted is not self._errs():
                value = self.value(
                    field.type, depth - 1, may_vary=may_vary, required=type_.is_one_of
                )
                given.append(f"{name}: {value}")
        if self._errs():
            given.append("x: 1")
        return f"{{{', '.join(given)}}}"

    def variable(self, reference: str) -> str:
        for name, known in self._used.items():
            if known == reference:
                return f"${name}"
        free = [name for name in VARIABLES if name not in self._used]
        if not free:
            return "null" if not reference.endswith("!") else "$a"
        self._used[free[0]] = reference
        return f"${free[0]}"

    def _errs(self) -> bool:
        return self._random.random() < self._mistakes


def _named(field: GraphQLField) -> GraphQLNamedType:
    return get_named_type(field.type)
