"""The subgraphs a rover.yaml names, for every command that composes them."""

import typer

from supergraph.composition.result import Subgraph
from supergraph.config.last_good import LastGoodCopies, default_folder
from supergraph.config.rover import RoverConfig, read_subgraphs

__all__ = ["subgraphs_of"]


def subgraphs_of(config: RoverConfig) -> list[Subgraph]:
    """Read them all; raises `ConfigError`. Says on standard error when a copy had to stand in."""
    copies = LastGoodCopies(default_folder())
    subgraphs = read_subgraphs(config, copies=copies)
    for message in copies.used:
        typer.echo(f"warning: {message}", err=True)
    return subgraphs
