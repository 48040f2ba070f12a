"""A figure walked back through its formula to the inputs that it rests on, and what a change of each would do."""

from __future__ import annotations
