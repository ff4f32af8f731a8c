"""What runs a model's graph."""
