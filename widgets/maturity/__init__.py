"""The maturity model as data: levels, what stands in them, and the practices behind them."""

from widgets.maturity.items import (
    Action,
    Box,
    Bullet,
    Characteristic,
    Item,
    Level,
    Practice,
    Step,
)
from widgets.maturity.model import MODEL_FILE, Additions, Model, load, read_model
from widgets.maturity.states import PracticeState, Standing, State, words_of

__all__ = [
    "MODEL_FILE",
    "Action",
    "Additions",
    "Box",
    "Bullet",
    "Characteristic",
    "Item",
    "Level",
    "Model",
    "Practice",
    "PracticeState",
    "Standing",
    "State",
    "Step",
    "load",
    "read_model",
    "words_of",
]
