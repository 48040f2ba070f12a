"""`screener methods`: what every figure is and how it is computed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

HEADING = re.compile(r"^## +(?:(?P<number>\d+)\. )?(?P<title>.+)$", re.MULTILINE)
WIDEST = 100


@click.command()
@click.argument("section", required=False, metavar="[N]")
@click.option("--plain", is_flag=True, help="Print the Markdown as it is stored, as a pipe or a file always gets it.")
def methods(section: str | None, plain: bool) -> None:
    """Print the methods: what every figure is, how it is computed, and the sources.

    \b
    screener methods            the whole document
    screener methods 7          section 7, the valuation gap
    screener methods sources    the papers and books behind it
    """
    text = document()
    if section is not None:
        found = sections(text)
        name = section.removesuffix(".").casefold()
        if name not in found:
            raise click.BadParameter(f"{section!r} is not a section; sections: {', '.join(found)}", param_hint="N")
        text = found[name]
    if plain or not sys.stdout.isatty():
        click.echo(text.rstrip("\n"))
        return
    from rich.markdown import Markdown

    from exports.terminal.render import console as terminal

    console = terminal()
    console.width = min(console.width, WIDEST)
    console.print(Markdown(text))


def document() -> str:
    """The methods as shipped with the program."""
    return (Path(__file__).parent.parent / "methods.md").read_text(encoding="utf-8")


def sections(text: str) -> dict[str, str]:
    """The sections of the methods by number, those without a number by their title in lower case; headings included."""
    found = list(HEADING.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    names = (match["number"] or match["title"].casefold() for match in found)
    return {name: text[match.start() : end] for name, match, end in zip(names, found, ends, strict=True)}
