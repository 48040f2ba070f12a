"""`screener gap`: is it really 2:1?"""

from __future__ import annotations

from datetime import datetime

import click

from screener.cli.options import Asked, RegistryOption, screening_options


def _describe_axes() -> str:
    from valuation.gap.estimate import GAP_DENOMINATORS, STATISTICS
    from valuation.gap.specification import SWITCHES
    from valuation.groups import RULES

    axes = {"denominator": GAP_DENOMINATORS, "statistic": STATISTICS, "rule": RULES}
    choices = ", ".join(f"{axis}={'|'.join(values)}" for axis, values in axes.items())
    return f"Another definition than the declared headline: {choices}, and the switches {', '.join(SWITCHES)} =yes|no."


@click.command()
@screening_options()
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Add the gap's weekly history from this day."
)
@click.option(
    "--spec",
    "settings",
    metavar="AXIS=VALUE[,...]",
    multiple=True,
    cls=RegistryOption,
    describe=_describe_axes,
)
def gap(asked: Asked, since: datetime | None, settings: tuple[str, ...]) -> None:
    """The valuation gap under every definition: interval, p-value, n, specification curve, history, findings.

    \b
    screener gap --as-of 2026-01-16 --source bundled
    screener gap --since 2024-01-05
    screener gap --spec denominator=operating,net_bitcoin=no
    screener gap --format json,csv
    """
    import pandas as pd

    from exports.tables import studies as research_tables
    from exports.terminal.gap import print_gap
    from screener.cli.context import Context
    from screener.studies import gap_study
    from valuation.gap.specification import Specification

    context = Context.of(asked)
    try:
        definition = Specification.parse(settings, context.config.rule.name, context.config.switches)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--spec") from error
    with context.working() as data:
        start = None if since is None else pd.Timestamp(since)
        screen, study = gap_study(context.config, data, context.as_of, definition, since=start)
    context.print_head(screen)
    print_gap(context.console, study)
    if context.kinds:
        context.write(research_tables.of_gap(study), "gap")
    context.finish(screen)
