"""What a command that screens works with: configuration, data, console, progress, files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pandas as pd
from rich.console import Console
from rich.text import Text as Line

from exports.tables.formats import several
from exports.tables.screen import price_line
from exports.tables.spec import Block, Page, Text, bad, warning
from exports.terminal.render import console as terminal
from exports.terminal.render import print_page
from exports.terminal.stream import clean
from screener import pipeline, run_config, universes
from screener.cli import output
from screener.cli.options import MACHINE, Asked, the_day
from screener.cli.speaking import speak
from screener.config.assumptions_file import Assumed
from screener.config.assumptions_file import read as read_assumptions
from screener.gathering import InputData
from screener.loading import load_inputs
from screener.run_config import RunConfig
from screener.screen import Valued, screen_on, value_dates
from screener.sources.gate.held import on as held_on
from screener.sources.gate.held import title
from screener.sources.registry import LEDGER
from valuation.assumptions import Bridge
from valuation.report import Report
from valuation.screen import Screen, fell_back_to

if TYPE_CHECKING:
    from screener.overrides.file import Overrides
    from screener.overrides.override import Override
    from screener.universes import Universe
    from valuation.nav.analysis import NavAnalysis
    from valuation.nav.scenarios import Scenario


@dataclass
class Context:
    """One command's configuration and means; the data are loaded by `working`.

    Attributes
    ----------
    asked : Asked
    as_of : Timestamp
    config : RunConfig
        Universe, assumptions, switches and group rule in force.
    assumed : Assumed
        Assumptions read from a file, and what they change.
    kinds : list of str
        Formats to write, none where nothing was asked for.
    console : Console
        Prints nothing under --quiet.
    overrides : Overrides or None
        Inputs that a person replaced, as read; None where there are none.
    data : InputData
    progress : callable
        Called with a few words on each step.
    """

    asked: Asked
    as_of: pd.Timestamp
    config: RunConfig
    assumed: Assumed
    kinds: list[str]
    console: Console
    overrides: Overrides | None = None
    data: InputData = field(init=False)
    progress: Callable[[str], None] = field(default=lambda _: None)

    @classmethod
    def of(cls, asked: Asked) -> Context:
        """Check all that was given.

        Raises
        ------
        click.UsageError, ScreenerError
            An option, the universe or the file of assumptions is wrong.
        """
        kinds = output.kinds(asked.out, asked.wanted, asked.formats, asked.always)
        day = the_day(asked.as_of)
        loaded, assumed = load_assumed(asked.universe, asked.assumptions)
        speak(loaded)
        found, entries = load_overrides(loaded, asked.overrides)
        config = run_config.resolve_config(
            loaded,
            rule=asked.groups,
            assumptions=assumed.assumptions,
            switches=assumed.switches,
            overrides=entries,
        )
        return cls(asked, day, config, assumed, kinds, terminal(quiet=asked.quiet), found)

    @contextmanager
    def working(self) -> Iterator[InputData]:
        """The data from the source asked for, with progress on stderr while the block computes."""
        with progress_of(self.asked.quiet, self.asked.verbose) as self.progress:
            self.data = load_inputs(
                self.config.universe, self.as_of, self.asked.source, self.progress, facts=self.asked.facts
            )
            for failure in self.data.failures:
                if failure.what == LEDGER:
                    click.echo(f"screener: the ledger was not used: {failure.message}", err=True)
            yield self.data

    def screened(self, *, studies: bool = False, nav: bool = False, scenarios: Sequence[Scenario] = ()) -> Report:
        """The screen with the stages asked for."""
        with self.working() as data:
            self.progress("valuing")
            dates = pipeline.stage_dates(data, self.as_of, studies=studies)
            valued = value_dates(self.config, data, self.as_of, dates)
            screen = screen_on(self.config, data, valued, self.as_of)
            return pipeline.add_stages(
                self.config, data, screen, valued, studies=studies, nav=nav, scenarios=scenarios, progress=self.progress
            )

    def assessed(self) -> tuple[Report, NavAnalysis]:
        """The screen with its net asset values."""
        screen = self.screened(nav=True)
        assert screen.nav is not None
        return screen, screen.nav

    def answer(self, page: Page, name: str, screen: Screen | None = None) -> None:
        """Print a page under its prices and changed assumptions, and write it as UNIVERSE_DATE_name where asked for."""
        prices = [] if screen is None else [price_line(screen)]
        page = page.after_title(*prices, *self.notes())
        print_page(page, self.console)
        kinds = [kind for kind in self.kinds if kind in MACHINE]
        output.write(page, self.asked.out, self.stem(name), kinds, self.asked.formats, quiet=self.asked.quiet)

    def stem(self, name: str) -> str:
        """The default name of an answer's files, without suffix."""
        return f"{self.config.universe.name}_{self.as_of:%Y-%m-%d}_{name}"

    def notes(self) -> list[Block]:
        """That bundled data stand in for a live source, and which numbers of judgement were changed."""
        line = fell_back_to(self.data.source, self.data.fell_back)
        fell_back = [bad(line)] if line else []
        proposed: list[Block] = []
        if self.data.proposed:
            count = several(self.data.proposed, "figure is a proposal", "figures are proposals")
            proposed = [warning(f"{count} from filings that nobody accepted (--facts proposed).")]
        return [*fell_back, *self._held(), *proposed, *self.overridden(), *changed_lines(self.assumed)]

    def _held(self) -> list[Block]:
        """The figures held back by the date; `screener run` names the reason and the override of each."""
        held = held_on(self.data.held, self.as_of)
        held = held[~held["used"]].drop_duplicates(["ticker", "item"], keep="last")
        if held.empty:
            return []
        names = ", ".join(
            f"{ticker} {title(item)}".strip() for ticker, item in zip(held["ticker"], held["item"], strict=True)
        )
        count = several(len(held), "figure is held back", "figures are held back")
        return [bad(f"{count} as out of proportion: {names} (--verbose, or screener run, says why).")]

    def overridden(self) -> list[Block]:
        """How many inputs a file overrides, and what of it no run takes."""
        if self.overrides is None:
            return []
        n = len(self.overrides.entries)
        return [
            bad(f"{n} input{'' if n == 1 else 's'} overridden ({self.overrides.file})."),
            *(warning(text) for text in self.overrides.notes),
        ]

    def written(self, path: Path) -> None:
        """Say that a file was written."""
        click.echo(str(path) if self.asked.quiet else f"Written: {path}")

    def finish(self, screen: Screen | None = None, valued: Valued | None = None) -> None:
        """Data problems under --verbose, and the exit code of --strict.

        Parameters
        ----------
        screen : Screen, optional
            The screen that the command made; where it made none, one is made of its date if it is needed.

        Raises
        ------
        HeldBack, StrictError
        """
        if not (self.asked.verbose or self.asked.strict):
            return
        if screen is None:
            valued = valued or value_dates(self.config, self.data, self.as_of)
            screen = screen_on(self.config, self.data, valued, self.as_of)
        if self.asked.verbose:
            for row in screen.issues.itertuples(index=False):
                self.console.print(f"{row.severity}: {row.ticker} {row.what}: {row.detail}", markup=False)
        if self.asked.strict:
            pipeline.require_complete(screen)


def load_assumed(universe: str, path: Path | None) -> tuple[Universe, Assumed]:
    """A universe, and the assumptions in force: its own, with a file's laid over them."""
    told = universes.shadowed(universe)
    if told:
        click.echo(f"screener: note: {told}", err=True)
    loaded = universes.load(universe)
    base = run_config.assumptions_of(loaded)
    return loaded, Assumed(base, Bridge(), []) if path is None else read_assumptions(path, base)


def require_mining(context: Context, command: str) -> None:
    """Say in one line that a command on mining does not apply to a universe whose companies do not mine.

    Raises
    ------
    NotKnown
    """
    from screener.errors import NotKnown

    universe = context.config.universe
    if not universe.sector.mining:
        raise NotKnown(
            f"`screener {command}` does not apply to {universe.name}: none of its companies mines "
            "(mining = true in [sector] of universe.toml, or a row on mining, says otherwise)"
        )


def load_overrides(universe: Universe, path: Path | None) -> tuple[Overrides | None, Sequence[Override]]:
    """The overrides of a file, which must be of this universe."""
    if path is None:
        return None, ()
    from screener.overrides.file import of_universe, read

    found = read(path)
    return found, of_universe(found, universe.name)


def changed_lines(assumed: Assumed) -> list[Block]:
    """What a file of assumptions changed from the defaults, a line each."""
    if not assumed.source:
        return []
    count = len(assumed.changed)
    changes = f"{count} number{'s differ' if count != 1 else ' differs'} from the defaults" + (":" if count else ".")
    lines: list[Block] = [Text(f"Assumptions of {assumed.source}: {changes}", "bold")]
    for item in assumed.changed:
        now, usual = (("no", "yes")[v] if isinstance(v, bool) else f"{v:,.10g}" for v in (item["value"], item["base"]))
        lines.append(Text(f"  {item['title']} ({item['unit']}): {now}, default {usual}"))
    return [*lines, *(warning(text) for text in assumed.notes)]


@contextmanager
def progress_of(quiet: bool, verbose: bool) -> Iterator[Callable[[str], None]]:
    """How to show what is being waited for: a spinner on a terminal, lines under --verbose, else nothing."""
    console = terminal(errors=True)
    if verbose:
        yield lambda text: console.print(f"... {text}", style="dim", markup=False)
    elif quiet or not console.is_terminal:
        yield lambda _: None
    else:
        with console.status("") as status:
            yield lambda text: status.update(Line(clean(text)))
