"""`screener regress`: the regression on contracted AI share with all the care that a dozen companies need."""

from __future__ import annotations

import click

from screener.cli.options import Asked, screening_options

CONTROLS = ("ln_secured_mw", "bitcoin_to_ev", "leverage", "operating_share", "trailing_share")


@click.command()
@screening_options()
@click.option(
    "--controls",
    metavar="LIST",
    help="Controls to try one at a time: " + ", ".join(CONTROLS) + ".  [default: all]",
)
@click.option("--panel/--no-panel", default=True, show_default=True, help="Fit the panel of quarter ends.")
def regress(asked: Asked, controls: str | None, panel: bool) -> None:
    """Regress EV per MW on contracted AI share: small-sample tests, placebo, controls, robust lines, power.

    \b
    screener regress --as-of 2026-01-16 --source bundled
    screener regress --controls leverage,operating_share --no-panel
    screener regress --out regression.json
    """
    names = CONTROLS if controls is None else tuple(part.strip() for part in controls.split(",") if part.strip())
    strange = [name for name in names if name not in CONTROLS]
    if strange:
        raise click.BadParameter(f"{', '.join(strange)}: known are {', '.join(CONTROLS)}", param_hint="--controls")

    from exports.tables import studies as research_tables
    from exports.terminal.regression import print_study
    from screener import pipeline
    from screener.errors import NotKnown
    from screener.screen import screen_on
    from screener.studies import quarter_ends, quarterly_panel
    from valuation.errors import NotEstimable
    from valuation.regression import study

    context = asked.context()
    config, day = context.config, context.as_of
    with context.working() as data:
        valued = pipeline.value_dates(config, data, day, quarter_ends(day) if panel else None)
        screen = screen_on(config, data, valued, day)
        quarters = quarterly_panel(config, data, day, valued=valued) if panel else None
    try:
        result = study.run(
            screen.table, screen.status, screen.causes, screen.assumptions, names=names, quarters=quarters
        )
    except NotEstimable as error:
        raise NotKnown(f"the regression cannot be estimated: {error}") from error
    context.print_head(screen)
    context.console.print(f"[bold]The regression on {day:%Y-%m-%d}[/]")
    print_study(context.console, result, float(screen.gap.headline["ratio"]))
    if context.kinds:
        context.write(research_tables.of_study(result, day), "regression")
    context.finish(screen)
