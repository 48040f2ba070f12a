"""A portfolio as pages: what is held, what moved, what it owns inside its companies, what it can lose, where limits are."""

from exports.tables.portfolio.pages import risk_page, scenario_page, value_page

__all__ = ["risk_page", "scenario_page", "value_page"]
