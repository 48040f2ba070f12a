"""The sheets of what companies are worth: Backlog, NAV, Mining, Scenarios; only where a screen holds it."""

from exports.workbook.worth import backlog, mining, nav, scenarios

# In the order of the sheets.
MODULES = (backlog, nav, mining, scenarios)

__all__ = ["MODULES"]
