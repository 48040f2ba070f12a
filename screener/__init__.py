"""Screen listed bitcoin miners and AI infrastructure: gather what was known on a date, value it, write it down."""

__version__ = "0.1.0"
