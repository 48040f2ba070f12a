"""Screening rules in cross-section and through time: ranks, backtests, performance."""
