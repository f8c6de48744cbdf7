"""A tiny project that keeps to what the year's world and a learner's project have agreed on."""
