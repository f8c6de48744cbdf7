"""The same promises kept in another way: a test that fails here looks at how, not at what."""
