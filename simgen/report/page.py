"""Pages out of templates: one HTML file that needs no other, Markdown and JSON beside it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from simgen.dataset.atomic import commit

_NONE = "\N{EN DASH}"


def write_page(out: Path, name: str, record: Any, **extra: Any) -> Path:
    """Write report.json, report.md and report.html into a folder.

    Args:
        out: folder, made where it is missing.
        name: of the templates, `NAME.html.j2` and `NAME.md.j2`.
        record: dataclass that holds every number; it is report.json.
        extra: what only the HTML page shows.

    Returns:
        Path of report.html.

    Raises:
        StorageError: it cannot be written; older files stay as they were.
    """
    environment = _environment()
    html = environment.get_template(f"{name}.html.j2").render(r=record, **extra)
    text = environment.get_template(f"{name}.md.j2").render(r=record, **extra)
    data = json.dumps(asdict(record), indent=1, allow_nan=False) + "\n"
    files = {"report.json": data, "report.md": text, "report.html": html}
    commit([(out / file, content.encode()) for file, content in files.items()])
    return out / "report.html"


def number(value: float | None, digits: int = 3) -> str:
    """A number with some significant digits; a dash where there is none."""
    if value is None:
        return _NONE
    if value != 0 and (abs(value) >= 10_000 or abs(value) < 1e-3):
        return f"{value:.2g}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}g}"


def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("simgen.report"),
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["num"] = number
    environment.filters["ap"] = lambda value: _NONE if value is None else f"{100 * value:.1f}"
    environment.filters["share"] = lambda value: f"{100 * value:.0f} %"
    environment.filters["words"] = lambda value: value.replace("_", " ")
    return environment
