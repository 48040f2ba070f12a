"""The name under which a universe's runs are kept, for the commands that read the history."""

from __future__ import annotations

from screener.cli.speaking import speak_of


def of_universe(universe: str) -> str:
    """The name under which a universe's runs are kept; what is printed from now on is in its words."""
    from screener import universes

    speak_of(universe)
    return universes.find(universe).resolve().name
