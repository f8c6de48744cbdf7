"""Exercises: what they ask, the learner's files, checks in processes of their own, the panel."""
