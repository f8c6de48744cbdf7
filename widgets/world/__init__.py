"""The simulated production: a clock over 2013 and the data that lands every night."""

from widgets.world.clock import FIRST_DAY, LAST_DAY, ClockError
from widgets.world.world import World, landed_months

__all__ = ["FIRST_DAY", "LAST_DAY", "ClockError", "World", "landed_months"]
