"""What valuation raises on purpose."""

from __future__ import annotations


class NotEstimable(ValueError):
    """The sample cannot answer the question; the message says why in one line."""
