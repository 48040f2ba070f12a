"""Holdings valued, looked through, measured and stressed as of a day."""

from screener.config.limits import load_limits
from screener.holdings import Choices, parse_accept, parse_currency, parse_kinds, read
from screener.portfolio.quotes import parse_fx
from screener.portfolio.report import SCENARIOS, Settings, report

__all__ = [
    "SCENARIOS", "Choices", "Settings", "load_limits", "parse_accept", "parse_currency", "parse_fx", "parse_kinds", "read",
    "report",
]  # fmt: skip
