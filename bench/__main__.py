"""``python -m bench`` (``make bench``): measure, keep the figures, write the document."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bench.measures import Plan
from bench.registry import MEASURES
from bench.report import write_document
from bench.results import keep

VOID_EXIT = 1

app = typer.Typer(add_completion=False)


@app.command()
def main(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MEASURE]...", help="What to measure; everything by default."),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each shape, interleaved.")] = 5,
    short: Annotated[
        bool, typer.Option(help="Seconds instead of minutes; nothing is written down.")
    ] = False,
    document: Annotated[
        bool,
        typer.Option("--document", help="Only write the document, from the last results."),
    ] = False,
) -> None:
    """Measure how fast Ticket Exchange is, on servers of its own, and write docs/performance.md.

    Leave the machine alone meanwhile. Results are kept in bench/results/.
    """
    if document:
        typer.echo(f"Written: {write_document()}")
        return
    chosen = names or list(MEASURES)
    if unknown := [name for name in chosen if name not in MEASURES]:
        known = "\n".join(f"  {name:12} {each.about}" for name, each in MEASURES.items())
        typer.echo(f"There is no measure {', '.join(unknown)}. There are:\n{known}", err=True)
        raise typer.Exit(2)
    void = [name for name in chosen if not _measured(name, rounds=rounds, short=short)]
    if not short:
        typer.echo(f"Written: {write_document()}")
    if void:
        typer.echo(f"Void: {', '.join(void)}", err=True)
        raise typer.Exit(VOID_EXIT)


def _measured(name: str, *, rounds: int, short: bool) -> bool:
    typer.echo(f"{name}: {MEASURES[name].about}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        plan = Plan(
            rounds=rounds,
            short=short,
            folder=Path(folder),
            say=lambda line: typer.echo(f"  {line}"),
        )
        result = asyncio.run(MEASURES[name].run(plan))
    for what, figure in result.figures.items():
        typer.echo(f"  {what}: {figure}")
    for line in result.broken:
        typer.echo(f"  does not hold: {line}", err=True)
    if not short:
        keep(result)
    return result.counts


if __name__ == "__main__":
    app()
