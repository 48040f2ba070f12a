"""The sheets of a screen's workbook, one module each."""
