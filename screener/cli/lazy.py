"""A group of commands that are imported when they are run, and listed without being imported."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

# A title of the help, then by name: module and attribute of the command, and what it does.
Listing = Mapping[str, Mapping[str, tuple[str, str]]]


class LazyGroup(click.Group):
    """A click group over a listing such as {"Values": {"nav": ("screener.cli.nav:nav", "net asset value")}}."""

    def __init__(self, *arguments: Any, listing: Listing, **settings: Any) -> None:
        self.places = {name: place for section in listing.values() for name, (place, _) in section.items()}
        self.listing = listing
        self.imported: dict[str, click.Command] = {}
        super().__init__(*arguments, **settings)

    @property
    def commands(self) -> dict[str, click.Command]:
        """Every command, imported."""
        for name in self.places:
            self._import(name)
        return self.imported

    @commands.setter
    def commands(self, given: Mapping[str, click.Command]) -> None:
        self.imported.update(given)

    def list_commands(self, context: click.Context) -> list[str]:
        """Names in the order of the help."""
        return [*self.places, *(name for name in self.imported if name not in self.places)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """A command, imported now; None where there is none of this name."""
        return self._import(name) if name in self.places else self.imported.get(name)

    def _import(self, name: str) -> click.Command:
        if name not in self.imported:
            module, _, attribute = self.places[name].partition(":")
            self.imported[name] = getattr(importlib.import_module(module), attribute)
        return self.imported[name]

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The listing, section by section."""
        for title, section in self.listing.items():
            with formatter.section(title):
                formatter.write_dl([(name, about) for name, (_, about) in section.items()])
