"""A plan drawn as SVG: a column for each wave, a box for each fetch, a line for each wait.

The picture stands alone: no script, no style sheet, no font from elsewhere. Texts are set in a
fixed width, so that boxes fit them without measuring.
"""

import re
from dataclasses import dataclass
from html import escape
from itertools import groupby

from supergraph.planner.picture.caption import Caption, caption_of
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.waves import PlannedFetch, planned_fetches

__all__ = ["svg"]

CHARACTER_WIDTH = 7.3
LINE_HEIGHT = 18
PADDING = 12
BOX_GAP = 24
WAVE_GAP = 84
MARGIN = 24
HEAD = 36
FONT = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12"'
#: Fill and border, by subgraph in alphabetical order; after the last they start again.
COLOURS = (
    ("#e8f1fd", "#3b78c4"),
    ("#e9f7ec", "#2f8f4e"),
    ("#fdf1e3", "#c47a1c"),
    ("#f4ebfb", "#8a4bb8"),
    ("#fdeaec", "#c23b4e"),
    ("#e5f6f6", "#1f8a8c"),
    ("#f7f5e1", "#8c8120"),
    ("#efeff3", "#5d6076"),
)
#: The title, the arrow's head and the paper.
HEADER = """<title>Query plan</title>
<defs>
<marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path d="M0 0 8 4 0 8z" fill="#8a8f98"/>
</marker>
</defs>
<rect width="100%" height="100%" fill="#ffffff"/>"""
_NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class _Box:
    item: PlannedFetch
    caption: Caption
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        return _height(self.caption)

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def svg(plan: QueryPlan) -> str:
    """The picture's document."""
    fetches = sorted(planned_fetches(plan), key=lambda item: item.wave)
    boxes = _placed([(item, caption_of(item)) for item in fetches])
    width = max((box.x + box.width for box in boxes.values()), default=240.0) + MARGIN
    height = max((box.y + box.height for box in boxes.values()), default=HEAD) + MARGIN
    names = sorted({box.caption.title for box in boxes.values()})
    colours = {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(names)}
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT}>', HEADER]
    if not boxes:
        parts.append(_text(MARGIN, HEAD, "no subgraph is asked", "#5d6076"))
    parts += [
        _text(box.x, MARGIN, f"Wave {box.item.wave}", "#5d6076")
        for box in {box.item.wave: box for box in boxes.values()}.values()
    ]
    parts += [_line(boxes[number], box) for box in boxes.values() for number in box.item.waits_for]
    parts += [_draw(box, *colours[box.caption.title]) for box in boxes.values()]
    return "\n".join([*parts, "</svg>"])


def _placed(fetches: list[tuple[PlannedFetch, Caption]]) -> dict[int, _Box]:
    """The boxes by their fetches' numbers; each wave is centred on the tallest."""
    waves = [list(members) for _, members in groupby(fetches, key=lambda pair: pair[0].wave)]
    heights = [
        sum(_height(caption) + BOX_GAP for _, caption in members) - BOX_GAP for members in waves
    ]
    boxes: dict[int, _Box] = {}
    x = float(MARGIN)
    for members, height in zip(waves, heights, strict=True):
        width = max(_width(caption) for _, caption in members)
        y = HEAD + (max(heights) - height) / 2
        for item, caption in members:
            boxes[item.number] = _Box(item, caption, x, y, width)
            y += _height(caption) + BOX_GAP
        x += width + WAVE_GAP
    return boxes


def _width(caption: Caption) -> float:
    return max(map(len, (caption.title, *caption.lines))) * CHARACTER_WIDTH + 2 * PADDING


def _height(caption: Caption) -> float:
    return (1 + len(caption.lines)) * LINE_HEIGHT + 2 * PADDING - 6


def _draw(box: _Box, fill: str, border: str) -> str:
    dashes = ' stroke-dasharray="5 4"' if box.item.conditions or box.item.deferred else ""
    x, y = box.x + PADDING, box.y + PADDING + 9
    place = f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
    parts = [
        f'<rect {place} rx="8" fill="{fill}" stroke="{border}"{dashes}/>',
        _text(x, y, box.caption.title, border, weight="bold"),
    ]
    parts += [
        _text(x, y + index * LINE_HEIGHT, line, "#24292f")
        for index, line in enumerate(box.caption.lines, start=1)
    ]
    return "\n".join(parts)


def _line(start: _Box, end: _Box) -> str:
    x1, x2 = start.x + start.width, end.x
    bend = min(WAVE_GAP, x2 - x1) / 2
    return (
        f'<path d="M{x1:.1f} {start.middle:.1f} C{x1 + bend:.1f} {start.middle:.1f} '
        f'{x2 - bend:.1f} {end.middle:.1f} {x2:.1f} {end.middle:.1f}" '
        'fill="none" stroke="#8a8f98" stroke-width="1.5" marker-end="url(#end)"/>'
    )


def _text(x: float, y: float, text: str, colour: str, weight: str = "normal") -> str:
    shown = escape(_NOT_PRINTABLE.sub("?", text))
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-weight="{weight}">{shown}</text>'
