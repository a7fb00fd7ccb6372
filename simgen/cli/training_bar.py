"""Progress of a training on stderr; silent when that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def training_bar() -> Iterator[Callable[[dict[str, Any]], None]]:
    """Yields what takes each line of the learning curve."""
    if not sys.stderr.isatty():
        yield lambda line: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("train"),
        BarColumn(),
        TextColumn("{task.percentage:.0f}%"),
        TextColumn("{task.fields[facts]}"),
        TextColumn("time left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("train", total=1.0, facts="")

        def show(line: dict[str, Any]) -> None:
            facts = f"step {line['step']}  loss {line['loss']:.3f}  {line['images_per_s']} images/s"
            bar.update(task, completed=line["done"], facts=facts)

        yield show
