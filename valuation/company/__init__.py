"""One company on one date: everything that the screen, its contracts and its net asset value say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.company.profile import CompanyProfile, profile

_HOMES = {"CompanyProfile": "valuation.company.profile", "profile": "valuation.company.profile"}
__all__ = ["CompanyProfile", "profile"]

__getattr__, __dir__ = attach(__name__, _HOMES)
