"""`screener mix`: what the miners earn with, and when AI passes mining."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from screener.cli import output
from screener.cli.options import as_of_option, loaded, the_day, universe_option


@click.command()
@universe_option
@as_of_option
@output.machine_options
def mix(universe: str, as_of: datetime | None, out: Path | None, wanted: str | None) -> None:
    """Revenue mix by quarter, the sector's bitcoin share, and when AI passes mining, actual and projected.

    \b
    screener mix --as-of 2026-10-05
    screener mix --format csv
    """
    from exports.tables.mix import mix_page
    from screener.studies import research

    kinds = output.check(out, wanted)
    day = the_day(as_of)
    name, assumptions = loaded(universe)
    result = research.revenue_mix(name, day, assumptions)
    output.answer(mix_page(result, day), out, f"{name.name}_{day:%Y-%m-%d}_mix", kinds)
