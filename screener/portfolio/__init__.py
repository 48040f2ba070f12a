"""Holdings valued, looked through, measured and stressed as of a day."""

from screener.config.limits import load_limits
from screener.holdings import read
from screener.portfolio.quotes import parse_fx
from screener.portfolio.report import SCENARIOS, Settings, report

__all__ = ["SCENARIOS", "Settings", "load_limits", "parse_fx", "read", "report"]
