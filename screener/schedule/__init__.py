"""The weekly run in the operating system's scheduler: due dates, and the entry that starts it."""

from screener.schedule.when import When

__all__ = ["When"]
