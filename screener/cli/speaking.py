"""The words that the outputs of a command are written in: a module of its own, since the history needs no screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from screener.universes import Universe


def speak(universe: Universe) -> None:
    """Write the outputs of the rest of the command in the words of a universe."""
    from exports.commentary.wording import speaking
    from screener.words import wording_of

    click.get_current_context().with_resource(speaking(wording_of(universe)))


def speak_of(name: str) -> None:
    """`speak`, for a command that reads the history: a universe that is not there any more is written of as the miners."""
    from screener import universes
    from screener.errors import ScreenerError

    if name == universes.DEFAULT:
        return
    try:
        speak(universes.examine(name)[0])
    except ScreenerError:
        return
