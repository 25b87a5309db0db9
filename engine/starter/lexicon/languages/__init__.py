"""The languages that the starter's planner understands."""
