"""Findings in words, and the labels of figures for readers."""
