"""A schema with something of everything that validation has rules about."""

PETS = """
directive @note(text: String! = "", number: Int) repeatable on
  QUERY | MUTATION | SUBSCRIPTION | FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @only(in: Color!) on FIELD | FRAGMENT_DEFINITION | VARIABLE_DEFINITION
directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @stream(if: Boolean! = true, label: String, initialCount: Int = 0) on FIELD

scalar JSON
enum Color { RED GREEN }
input Point { x: Int! y: Int! = 1 tags: [String!] inner: Point color: Color = RED json: JSON }
input Pick @oneOf { number: Int text: String point: Point }

interface Node { id: ID! }
interface Named implements Node { id: ID! name(upper: Boolean = false): String friend: Named }
interface Lonely { id: ID! }
type Dog implements Named & Node {
  id: ID! name(upper: Boolean = false): String friend: Dog barks: Int! tags: [String!]! owner: Human
  meets(other: ID!): Pet
}
type Cat implements Named & Node {
  id: ID! name(upper: Boolean = false): String friend: Named barks: String tags: [String]!
  owner: Human! lives: Int
}
type Human implements Node { id: ID! name: String! pets(first: Int! = 3): [Pet!] likes: Any }
union Pet = Dog | Cat
union Any = Dog | Human

type Query {
  node(id: ID!): Node
  named: Named
  lonely: Lonely
  pets(
    first: Int = 10, where: Point, colors: [Color!], json: JSON, pick: Pick, matrix: [[Int!]!]
    ids: [ID!]! = []
  ): [Pet!]!
  any: [Any]
  dog: Dog
  human(id: ID): Human
  count(f: Float, b: Boolean, s: String, color: Color): Int!
}
type Mutation { rename(id: ID!, name: String!): Pet feed(points: [Point!]!): Boolean }
type Subscription { born(kind: String): Pet died: ID! }
"""
