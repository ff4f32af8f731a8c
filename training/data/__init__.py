"""Data sets in their published layouts, and the condensed set that training reads."""
