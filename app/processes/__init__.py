"""Processes that do one kind of work for the first one, which alone decides; any command may use them."""
