"""Excel workbook of a portfolio: formulas, each stored with the value that the report computed."""

from exports.workbook.portfolio.book import write

__all__ = ["write"]
