"""Holdings as brokers export them: layouts by broker, a kind for every row, figures held against each other."""

from screener.holdings.choices import Choices, parse_accept, parse_currency, parse_kinds
from screener.holdings.reading import Holdings, Reading, read

__all__ = ["Choices", "Holdings", "Reading", "parse_accept", "parse_currency", "parse_kinds", "read"]
