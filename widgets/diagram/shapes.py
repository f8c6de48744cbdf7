"""Small pieces of SVG: text, rectangles, arrows, and a glyph for each state.

A state is known by the form of its glyph; its colour only repeats it.
"""

from xml.sax.saxutils import escape, quoteattr

from widgets.diagram.summary import ItemState

RING = '<circle class="kd-ring" r="5.5"/>'
DIAMOND = '<path class="kd-ring{}" d="M0-6.3 6.3 0 0 6.3-6.3 0z"/>'
GLYPHS: dict[ItemState, str] = {
    ItemState.PROVED: (
        '<circle class="kd-disc" r="6.5"/><path class="kd-tick" d="M-3 .3-.8 2.6 3.2-2.3"/>'
    ),
    ItemState.CLAIMED: f'{RING}<path class="kd-fill" d="M0-5.5a5.5 5.5 0 0 0 0 11z"/>',
    ItemState.BEGUN: f'{RING}<path class="kd-fill" d="M0 0V-5.5A5.5 5.5 0 0 1 5.5 0z"/>',
    ItemState.MISSING: RING,
    ItemState.HIDDEN: (
        '<circle class="kd-ring kd-dots" r="5.5"/>'
        '<path class="kd-mark" d="M-1.7-1.4a1.7 1.5 0 1 1 2.5 1.3Q0 .4 0 1.3"/>'
        '<circle class="kd-fill" cy="3.1" r=".8"/>'
    ),
    ItemState.LIMIT: DIAMOND.format("") + '<path class="kd-mark" d="M-2.6 0H2.6"/>',
    ItemState.LIFTED: DIAMOND.format(" kd-dots"),
    ItemState.NOTHING: '<circle class="kd-fill" r="2.5"/>',
}


def glyph(state: ItemState, x: float, y: float, extra: str = "") -> str:
    """Return the glyph of a state, centred at x, y."""
    return (
        f'<g class="kd-glyph" data-state="{state.name.lower()}" '
        f'transform="translate({x:g} {y:g})"{extra}>{GLYPHS[state]}</g>'
    )


def text(words: str, x: float, y: float, kind: str, anchor: str = "start") -> str:
    """Return one line of text; `kind` is its class without the prefix."""
    return (
        f'<text class="kd-{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'
    )


def rect(x: float, y: float, width: float, height: float, kind: str, radius: float = 8) -> str:
    """Return a rounded rectangle; `kind` is its class without the prefix."""
    return (
        f'<rect class="kd-{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        f'rx="{radius:g}"/>'
    )


def arrow_right(x: float, y: float, length: float) -> str:
    """Return an arrow from x to x + length, at the height y."""
    tip = x + length
    return (
        f'<path class="kd-arrow" d="M{x:g} {y:g}H{tip - 1:g}'
        f'M{tip - 6:g} {y - 4.5:g}L{tip:g} {y:g}L{tip - 6:g} {y + 4.5:g}"/>'
    )


def arrow_up(x: float, top: float, bottom: float, half: float, kind: str, foot: float = 0) -> str:
    """Return a broad upward arrow: its shaft is `half` wide, its head twice that.

    `foot` rounds the shaft's lower end.
    """
    neck = top + half * 1.25
    shaft = half / 2
    return (
        f'<path class="kd-{kind}" d="M{x:g} {top:g}L{x + half:g} {neck:g}H{x + shaft:g}'
        f"V{bottom - foot:g}q0 {foot:g} {-shaft:g} {foot:g}t{-shaft:g} {-foot:g}"
        f'V{neck:g}H{x - half:g}z"/>'
    )


def item(
    inner: str, *, item_id: str, kind: str, row: int, label: str, state: ItemState, names: str
) -> str:
    """Return a part of the drawing that can be reached and opened.

    Parameters
    ----------
    inner : str
        Its SVG.
    row : int
        The row that it stands in, for the arrow keys; rows are counted from the top.
    label : str
        What a screen reader says.
    names : str
        The ids of the practices behind it, separated by spaces.
    """
    return (
        f'<g class="kd-item kd-is-{kind}" role="button" tabindex="-1" data-id="{item_id}" '
        f'data-kind="{kind}" data-row="{row}" data-state="{state.name.lower()}" '
        f'data-practices="{names}" aria-label={quoteattr(label)}>{inner}</g>'
    )


def wrapped(words: str, width: float, size: float) -> list[str]:
    """Break `words` into lines that fit `width` at a font size, for any common sans serif."""
    most = max(1, int(width / (size * 0.54)))
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
