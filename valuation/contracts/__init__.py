"""Signed contracts: terms, credit of who pays, the contract book and its concentration."""
