"""docs/quality.md and its plot, from the rows that `cycles_quality` measured."""

from __future__ import annotations

from pathlib import Path

from tests.bench import cycles_quality

DOCS = Path(__file__).parents[2] / "docs"
# What each table shows, and how its figures are written.
TABLES = {
    "psnr_db": ("PSNR in dB, higher is better", "{:.1f}"),
    "flip": ("FLIP, lower is better", "{:.3f}"),
    "seconds": ("Core-seconds per frame", "{:.2f}"),
}


def write(entry: dict) -> None:
    """Write the page and the plot.

    Args:
        entry: of docs/bench.json: `date`, `machine`, `command`, `rows`.
    """
    samples = sorted({row["samples"] for row in entry["rows"]})
    variants = list(dict.fromkeys(row["variant"] for row in entry["rows"]))
    cells = {(row["variant"], row["samples"]): row for row in entry["rows"]}
    lines = ["# Samples, denoiser, quality", "", (cycles_quality.__doc__ or "").strip(), ""]
    lines += [f"{entry['date']}: {entry['machine']}.", "", f"`{entry['command']}`", ""]
    lines += ["![quality over time](quality.png)", ""]
    for key, (title, form) in TABLES.items():
        lines += [f"## {title}", "", "| variant | " + " | ".join(map(str, samples)) + " |"]
        lines.append("|---|" + "---:|" * len(samples))
        for variant in variants:
            figures = (form.format(cells[variant, count][key]) for count in samples)
            lines.append(f"| {variant} | " + " | ".join(figures) + " |")
        lines.append("")
    (DOCS / "quality.md").write_text("\n".join(lines))
    _plot(variants, samples, cells)


def _plot(variants: list[str], samples: list[int], cells: dict) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    for panel, key in zip(panels, ("psnr_db", "flip"), strict=True):
        for number, variant in enumerate(variants):
            rows = [cells[variant, count] for count in samples]
            style = "--" if "adaptive" in variant else ":" if variant == "none" else "-"
            x, y = [row["seconds"] for row in rows], [row[key] for row in rows]
            panel.plot(x, y, style, marker="o", markersize=3, color=f"C{number}", label=variant)
        panel.set_xscale("log")
        panel.set_xlabel(f"core-seconds per frame ({samples[0]} to {samples[-1]} samples)")
        panel.set_ylabel(TABLES[key][0])
        panel.grid(alpha=0.3)
    panels[1].set_yscale("log")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.savefig(DOCS / "quality.png", dpi=90)
    pyplot.close(figure)
