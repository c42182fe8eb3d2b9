"""Python code made for one plan: what requests repeat most, without a look at the plan's shape.

The code does the ordinary case only; whatever is unusual it hands back to the modules beside this
package, which are the definition of what is right (`gather`, `projection`). A test runs both on the
same plans and data.

Invariant: generated source holds no text of a client or subgraph. Names and values are constants
that are handed in, so plans of one shape have one source, and compile once.
"""
