"""`screener regress`: the regression on contracted AI share with all the care that a dozen companies need."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from screener.cli import output
from screener.cli.options import as_of_option, loaded, the_day, universe_option

CONTROLS = ("ln_secured_mw", "bitcoin_to_ev", "leverage", "operating_share", "trailing_share")


@click.command()
@universe_option
@as_of_option
@click.option(
    "--controls",
    metavar="LIST",
    help="Controls to try one at a time: " + ", ".join(CONTROLS) + ".  [default: all]",
)
@click.option("--panel/--no-panel", default=True, show_default=True, help="Fit the panel of quarter ends.")
@output.machine_options
def regress(
    universe: str, as_of: datetime | None, controls: str | None, panel: bool, out: Path | None, wanted: str | None
) -> None:
    """The regression on contracted AI share, with small-sample inference, placebo, controls, robust lines and power.

    \b
    screener regress --as-of 2026-01-16
    screener regress --controls leverage,operating_share --no-panel
    screener regress --out regression.json
    """
    names = CONTROLS if controls is None else tuple(part.strip() for part in controls.split(",") if part.strip())
    strange = [name for name in names if name not in CONTROLS]
    if strange:
        raise click.BadParameter(f"{', '.join(strange)}: known are {', '.join(CONTROLS)}", param_hint="--controls")

    from exports.tables.regression import regression_page
    from exports.tables.screen import price_line
    from screener import pipeline
    from screener.errors import NotKnown
    from screener.studies import research
    from valuation.errors import NotEstimable
    from valuation.regression import study

    kinds = output.check(out, wanted)
    day = the_day(as_of)
    name, assumptions = loaded(universe)
    screen = pipeline.run(name, day, source="bundled", assumptions=assumptions)
    quarters = research.quarterly_panel(name, day, assumptions) if panel else None
    try:
        result = study.run(screen.table, screen.status, screen.causes, assumptions, names=names, quarters=quarters)
    except NotEstimable as error:
        raise NotKnown(f"the regression cannot be estimated: {error}") from error
    page = regression_page(result, float(screen.gap.headline["ratio"]), day).after_title(price_line(screen))
    output.answer(page, out, f"{name.name}_{day:%Y-%m-%d}_regression", kinds)
