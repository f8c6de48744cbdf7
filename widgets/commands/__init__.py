"""What each command of `maturity` does: it answers with lines and, for programs, with a value."""
