"""The weekly job in the operating system's own scheduler: when it is due, and the entry that starts it."""

from screener.schedule.when import When

__all__ = ["When"]
