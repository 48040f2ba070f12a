"""The words that outputs are written in: those of a universe's sector, with the texts of its rows kept as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING

from exports.commentary.wording import in_force, speaking
from valuation.wording import Wording

if TYPE_CHECKING:
    from screener.universes import Universe
    from valuation.screen import Screen


def wording_of(universe: Universe) -> Wording:
    """The wording of a universe; its own texts are collected only where its words differ from the miners'."""
    plain = Wording(universe.sector)
    if plain.plain:
        return plain
    from exports.tables.worded import data_texts

    frames = [getattr(universe, one.name) for one in fields(universe)]
    return Wording(universe.sector, frozenset([universe.title, universe.name, *data_texts(*frames)]))


@contextmanager
def words_of(screen: Screen) -> Iterator[None]:
    """Write the outputs of a screen in the words of its sector, also where a library's user writes them."""
    if in_force().sector == screen.sector:
        yield
        return
    from exports.tables.worded import data_texts

    texts = frozenset([screen.title, screen.universe, *data_texts(screen.companies, screen.contracts, screen.facts)])
    with speaking(Wording(screen.sector, texts)):
        yield
