"""The version, apart from everything else so that any module can read it."""

__version__ = "0.5.0"
