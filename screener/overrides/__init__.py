"""Overrides: inputs that a person changed in a workbook, as a file that a later run replays and names."""
