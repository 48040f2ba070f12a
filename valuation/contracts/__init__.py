"""Signed contracts: terms, counterparty credit, the contract book and its concentration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.contracts.book import ContractBook, build
    from valuation.contracts.calendar import Calendar
    from valuation.contracts.credit import classify

_HOMES = {
    "ContractBook": "valuation.contracts.book",
    "build": "valuation.contracts.book",
    "classify": "valuation.contracts.credit",
    "Calendar": "valuation.contracts.calendar",
}
__all__ = [
    "Calendar",
    "ContractBook",
    "build",
    "classify",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
