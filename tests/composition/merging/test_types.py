"""How the versions of one type in several subgraphs become one type."""

from tests.composition.kit import check_composition, fed1, type_of


def test_entity_records_keys_and_owners_of_fields() -> None:
    result = check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") @key(fields: "o { x }", resolvable: false) {
              id: ID!
              o: O!
              a: Int
            }
            type O { x: ID! @shareable }
            """,
            "b": 'type E @key(fields: "id") { id: ID! b: [String!] }',
        }
    )
    assert type_of(result, "E") == (
        "type E\n"
        '  @join__type(graph: A, key: "id")\n'
        '  @join__type(graph: A, key: "o { x }", resolvable: false)\n'
        '  @join__type(graph: B, key: "id")\n'
        "{\n"
        "  id: ID!\n"
        "  o: O! @join__field(graph: A)\n"
        "  a: Int @join__field(graph: A)\n"
        "  b: [String!] @join__field(graph: B)\n"
        "}"
    )


def test_requires_provides_and_external_are_recorded() -> None:
    result = check_composition(
        {
            "a": """
            type Query { e: E @provides(fields: "weight") }
            type E @key(fields: "id") {
              id: ID!
              weight: Int @external
              shipping: Int @requires(fields: "weight")
            }
            """,
            "b": 'type E @key(fields: "id") { id: ID! weight: Int @shareable }',
        }
    )
    assert '@join__field(graph: A, provides: "weight")' in type_of(result, "Query")
    entity = type_of(result, "E")
    assert "weight: Int @join__field(graph: A, external: true) @join__field(graph: B)" in entity
    assert 'shipping: Int @join__field(graph: A, requires: "weight")' in entity


def test_output_type_becomes_the_widest() -> None:
    result = check_composition(
        {
            "a": "type Query { v: [V!]! @shareable }\ntype V @shareable { x: Int! }",
            "b": "type Query { v: [V] @shareable }\ntype V @shareable { x: Int! }",
        },
        hints=["INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE"],
    )
    assert (
        'v: [V] @join__field(graph: A, type: "[V!]!") @join__field(graph: B, type: "[V]")'
        in type_of(result, "Query")
    )


def test_argument_type_becomes_the_narrowest_and_optional_ones_must_be_common() -> None:
    result = check_composition(
        {
            "a": "type Query { v(x: Int!, only: Int): Int @shareable }",
            "b": "type Query { v(x: Int): Int @shareable }",
        },
        hints=["INCONSISTENT_ARGUMENT_PRESENCE", "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE"],
    )
    assert "v(x: Int!): Int" in type_of(result, "Query")


def test_object_in_one_subgraph_is_a_subtype_of_its_interface_in_another() -> None:
    result = check_composition(
        {
            "a": """
            type Query { v: I @shareable }
            interface I { x: Int }
            type V implements I @shareable { x: Int }
            """,
            "b": "type Query { v: V @shareable }\ntype V @shareable { x: Int }",
        }
    )
    assert 'v: I @join__field(graph: A, type: "I")' in type_of(result, "Query")
    assert '@join__implements(graph: A, interface: "I")' in type_of(result, "V")


def test_unions_have_all_members() -> None:
    result = check_composition(
        {
            "a": "type Query { u: U }\nunion U = A | B\ntype A { x: Int }\ntype B { x: Int }",
            "b": "union U = C\ntype C { x: Int }",
        },
        hints=["INCONSISTENT_UNION_MEMBER"],
    )
    union = type_of(result, "U")
    assert union.endswith("= A | B | C")
    assert '@join__unionMember(graph: B, member: "C")' in union


def test_enum_is_merged_by_its_use() -> None:
    def values(query: str) -> list[str]:
        result = check_composition(
            {"a": f"type Query {{ {query} }}\nenum E {{ X Y }}", "b": "enum E { Y Z }"}
        )
        return [
            line.split()[0] for line in type_of(result, "E").splitlines() if "enumValue" in line
        ]

    assert values("v: E") == ["X", "Y", "Z"]
    assert values("v(e: E): Int") == ["Y"]
    assert values("v: Int") == ["X", "Y", "Z"]


def test_input_types_keep_the_common_fields() -> None:
    result = check_composition(
        {
            "a": "type Query { v(x: X): Int }\ninput X { y: Int! z: Int }",
            "b": "input X { y: Int }",
        },
        hints=["INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE", "INCONSISTENT_INPUT_OBJECT_FIELD"],
    )
    definition = type_of(result, "X")
    assert "y: Int! @join__field(graph: A, type:" in definition
    assert "z:" not in definition


def test_default_value_is_kept_only_where_all_have_it() -> None:
    both = check_composition(
        {
            "a": "type Query { v(x: Float = 1): Int @shareable }",
            "b": "type Query { v(x: Float = 1.0): Int @shareable }",
        }
    )
    assert "v(x: Float = 1): Int" in type_of(both, "Query")
    one = check_composition(
        {
            "a": "type Query { v(x: Int = 1): Int @shareable }",
            "b": "type Query { v(x: Int): Int @shareable }",
        },
        hints=["INCONSISTENT_DEFAULT_VALUE_PRESENCE"],
    )
    assert "v(x: Int): Int" in type_of(one, "Query")


def test_root_types_get_their_default_names() -> None:
    result = check_composition(
        {
            "a": "schema { query: Root mutation: Change }\ntype Root { a: Int }\n"
            "type Change { c: Int }",
            "b": "type Query { b: Int }",
        }
    )
    assert "a: Int @join__field(graph: A)" in type_of(result, "Query")
    assert "c: Int" in type_of(result, "Mutation")
    assert result.supergraph_sdl is not None
    assert "mutation: Mutation" in result.supergraph_sdl


def test_most_frequent_description_is_taken() -> None:
    result = check_composition(
        {
            "a": '"one" type V @shareable { x: Int }\ntype Query { v: V }',
            "b": '"two" type V @shareable { x: Int }',
            "c": '"two" type V @shareable { x: Int }',
        },
        hints=["INCONSISTENT_DESCRIPTION"],
    )
    assert result.supergraph_sdl is not None
    assert '"""two"""\ntype V' in result.supergraph_sdl


def test_deprecated_and_specified_by_are_kept() -> None:
    result = check_composition(
        {
            "a": """
            scalar Date @specifiedBy(url: "https://example.com/date")
            type Query { v: Date @deprecated(reason: "old") }
            """
        }
    )
    assert 'v: Date @deprecated(reason: "old")' in type_of(result, "Query")
    assert '@specifiedBy(url: "https://example.com/date")' in type_of(result, "Date")


def test_tag_and_inaccessible_are_linked_and_kept() -> None:
    result = check_composition(
        {
            "a": """
            type Query { v: Int @tag(name: "x") @shareable hidden: Int @inaccessible }
            """,
            "b": 'type Query { v: Int @tag(name: "x") @tag(name: "y") @shareable }',
        }
    )
    assert result.supergraph_sdl is not None
    assert '@link(url: "https://specs.apollo.dev/tag/v0.3")' in result.supergraph_sdl
    assert "inaccessible/v0.2" in result.supergraph_sdl
    assert type_of(result, "Query").count("@tag") == 2


def test_override_takes_the_field_away() -> None:
    result = check_composition(
        {
            "a": 'type Query { e: E }\ntype E @key(fields: "id") { id: ID! n: Int }',
            "b": 'type E @key(fields: "id") { id: ID! n: Int @override(from: "a") }',
        },
        hints=["OVERRIDDEN_FIELD_CAN_BE_REMOVED"],
    )
    assert 'n: Int @join__field(graph: B, override: "a")' in type_of(result, "E")


def test_override_of_a_field_that_is_still_needed_is_marked() -> None:
    result = check_composition(
        {
            "a": 'type Query { e: E }\ntype E @key(fields: "id") { id: ID! }',
            "b": 'type E @key(fields: "id") { id: ID! @override(from: "a") }',
        },
        hints=["OVERRIDDEN_FIELD_CAN_BE_REMOVED"],
    )
    assert "@join__field(graph: A, usedOverridden: true)" in type_of(result, "E")


def test_extensions_of_version_2_record_on_which_part_the_key_stands() -> None:
    result = check_composition(
        {
            "a": 'type Query { e: E }\nextend type E @key(fields: "id") { id: ID! }',
            "b": 'type E @key(fields: "id") { id: ID! n: Int }',
        }
    )
    assert '@join__type(graph: A, key: "id", extension: true)' in type_of(result, "E")


def test_version_1_subgraphs_are_upgraded() -> None:
    """Unused externals go, keys of an extension are resolved by it, value types are shared."""
    result = check_composition(
        {
            "a": fed1(
                """
                type Query { e: E v: V }
                type E @key(fields: "id") { id: ID! n: Int }
                type V { x: Int }
                """
            ),
            "b": fed1(
                """
                extend type E @key(fields: "id") { id: ID! @external n: Int @external v: V }
                type V { x: Int }
                """
            ),
        }
    )
    entity = type_of(result, "E")
    assert "  id: ID!\n" in entity
    assert "n: Int @join__field(graph: A)" in entity
    assert "v: V @join__field(graph: B)" in entity


def test_renamed_and_namespaced_directives_mean_the_same() -> None:
    renamed = fed1(
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", as: "fed", '
        'import: [{name: "@key", as: "@id"}])\n'
        'type Query { e: E }\ntype E @id(fields: "id") { id: ID! @fed__shareable n: Int }'
    )
    result = check_composition({"a": renamed})
    assert '@join__type(graph: A, key: "id")' in type_of(result, "E")


def test_subgraph_names_become_distinct_enum_values() -> None:
    result = check_composition(
        {
            "my-graph": "type Query { a: Int }",
            "my_graph": "type Query { b: Int }",
            "1st": "type Query { c: Int }",
        }
    )
    assert result.supergraph_sdl is not None
    assert 'MY_GRAPH @join__graph(name: "my-graph"' in result.supergraph_sdl
    assert 'MY_GRAPH_1 @join__graph(name: "my_graph"' in result.supergraph_sdl
    assert '_1ST @join__graph(name: "1st"' in result.supergraph_sdl
