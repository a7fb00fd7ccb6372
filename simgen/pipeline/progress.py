"""Progress with rate and time left on stderr; silent when that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(title: str, total: int, noun: str = "frames") -> Iterator[Callable[[int], None]]:
    """Yields a function to call once per finished thing (its number is not shown)."""
    if not sys.stderr.isatty() or total == 0:
        yield lambda number: None
        return
    from rich.console import Console  # only when somebody looks
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{{task.fields[rate]}} {noun}/s"),
        TextColumn("time left"),
        TimeLeft(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total, rate="-")

        def advance(number: int) -> None:
            bar.advance(task)
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            bar.update(task, rate=f"{speed:.2f}" if speed else "-")

        yield advance
