"""A curve as an SVG picture, from zero up, without a library."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

__all__ = ["draw_curve"]

WIDTH, HEIGHT = 760, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 50
TICKS = 5


def draw_curve(
    points: Sequence[tuple[float, float]], *, title: str, x_label: str, y_label: str, mark: float
) -> str:
    """Draw points in their order; `mark` is where the warm-up ends."""
    x_max = max(x for x, _ in points) or 1
    y_max = max(y for _, y in points) * 1.1 or 1

    def at(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * x / x_max
        down = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / y_max
        return round(across, 1), round(down, 1)

    left, bottom = at(0, 0)
    right, top = at(x_max, y_max)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="12">'
        ),
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>',
        (
            f'<text x="{(left + right) / 2}" y="{HEIGHT - 12}" text-anchor="middle">'
            f"{escape(x_label)}</text>"
        ),
        (
            f'<text transform="translate(16 {(top + bottom) / 2}) rotate(-90)" '
            f'text-anchor="middle">{escape(y_label)}</text>'
        ),
    ]
    for tick in range(TICKS + 1):
        x, _ = at(x_max * tick / TICKS, 0)
        _, y = at(0, y_max * tick / TICKS)
        parts += [
            f'<path d="M{left} {y}H{right}" stroke="#ddd"/>',
            f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{y_max * tick / TICKS:.0f}</text>',
            (
                f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">'
                f"{x_max * tick / TICKS:,.0f}</text>"
            ),
        ]
    x, _ = at(mark, 0)
    line = " ".join(f"{x},{y}" for x, y in (at(*point) for point in points))
    parts += [
        f'<path d="M{x} {top}V{bottom}" stroke="#999" stroke-dasharray="4 4"/>',
        f'<text x="{x + 4}" y="{top + 12}" fill="#666">warm-up ends</text>',
        f'<polyline points="{line}" fill="none" stroke="#1f6feb" stroke-width="2"/>',
        "</svg>\n",
    ]
    return "\n".join(parts)
