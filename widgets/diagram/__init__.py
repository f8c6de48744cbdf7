"""The clickable diagram of the maturity model, and what the states of practices add up to."""

from widgets.diagram.diagram import Diagram
from widgets.diagram.drawing import TALL, WIDE, draw
from widgets.diagram.summary import ItemState, Summary, reached, summary_of

__all__ = ["TALL", "WIDE", "Diagram", "ItemState", "Summary", "draw", "reached", "summary_of"]
