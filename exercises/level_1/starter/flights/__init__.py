"""Will this flight arrive late? New York's departures, one model."""
