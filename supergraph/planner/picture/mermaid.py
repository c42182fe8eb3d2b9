"""A plan as a Mermaid flowchart, for Markdown pages and issue trackers that draw it.

Only plain `flowchart` syntax is used (https://mermaid.js.org/syntax/flowchart.html), and every
character of a text that could mean something there is written by its number.
"""

import re
from itertools import groupby

from supergraph.planner.picture.caption import caption_of
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.waves import PlannedFetch, planned_fetches

__all__ = ["mermaid"]

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 _.,:$@-]")


def mermaid(plan: QueryPlan) -> str:
    """The text of the flowchart."""
    fetches = sorted(planned_fetches(plan), key=lambda item: item.wave)
    lines = ["flowchart LR"]
    if not fetches:
        lines.append('  none["no subgraph is asked"]')
    for wave, members in groupby(fetches, key=lambda item: item.wave):
        lines.append(f'  subgraph wave{wave}["Wave {wave}"]')
        lines += [f"    {_box(item)}" for item in members]
        lines.append("  end")
    for item in fetches:
        lines += [f"  f{number} --> f{item.number}" for number in item.waits_for]
    return "\n".join(lines)


def _box(item: PlannedFetch) -> str:
    caption = caption_of(item)
    text = "<br/>".join([f"<b>{_plain(caption.title)}</b>", *map(_plain, caption.lines)])
    return f'f{item.number}["{text}"]'


def _plain(text: str) -> str:
    return _NOT_PLAIN.sub(lambda found: f"#{ord(found[0])};", text)
