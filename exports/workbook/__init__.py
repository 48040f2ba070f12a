"""Excel workbook of a screen: formulas, each stored with the value that the screen computed."""

from exports.workbook.book import write

__all__ = ["write"]
