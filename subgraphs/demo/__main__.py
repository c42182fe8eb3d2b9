"""`python -m subgraphs.demo COMMAND`: what the Makefile's commands call."""

import sys

from subgraphs.demo.command import main

sys.exit(main())
