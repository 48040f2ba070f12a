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

    from exports.tables.regression import regression_page
    from screener.cli.context import Context
    from screener.studies import regression_study

    context = Context.of(asked)
    day = context.as_of
    with context.working() as data:
        screen, result = regression_study(context.config, data, day, names, panel=panel)
    context.answer(regression_page(result, float(screen.gap.headline["ratio"]), day), "regression", screen)
    context.finish(screen)
