"""Reads YAML that a stranger wrote: no objects, no bombs, no endless depth."""

import yaml

LETTERS = 200_000
ALIASES = 60  # a bomb needs them, a workflow has a few
DEPTH = 40


def read_stranger(text: str) -> object:
    """Return what a YAML text holds; None if it is none, or not one that people write."""
    if len(text) > LETTERS:
        return None
    depth = aliases = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            aliases += isinstance(event, yaml.AliasEvent)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEPTH or aliases > ALIASES:
                return None
        read: object = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        return None
    return read
