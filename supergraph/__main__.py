"""`python -m supergraph` is the command line."""

from supergraph.cli.main import app

if __name__ == "__main__":
    app(prog_name="supergraph")
