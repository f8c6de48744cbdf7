"""The one exception that the kit shows to a person without a stack trace."""


class KitError(Exception):
    """Something went wrong that a person can mend.

    Its message says what happened, where, and what to do next. Notebooks and the command
    line print the message alone.
    """
