"""Fixtures that several test modules share."""

from tests.loopback.fixtures import here, live, miners

__all__ = ["here", "live", "miners"]
