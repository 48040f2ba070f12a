"""Holdings valued, looked through, measured and stressed as of a day."""

from screener.portfolio.quotes import parse_fx
from screener.portfolio.report import SCENARIOS, Settings, report
from screener.portfolio.settings import load_limits

__all__ = ["SCENARIOS", "Settings", "load_limits", "parse_fx", "report"]
