"""The kit: everything that the notebooks show or call."""
