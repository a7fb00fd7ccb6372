"""docs/quality.md and its plot, from the rows that `cycles_quality` measured."""

from __future__ import annotations

from pathlib import Path

from tests.bench import cycles_quality

DOCS = Path(__file__).parents[2] / "docs"
# Written for the figures of 2026-11-26; read them again when they change.
CHOICE = """\
## What follows

`standard` has 16 samples and OIDN with the albedo as its guide, not prefiltered:

- From 8 samples on, all variants of the denoiser lie within 0.4 dB of each other in PSNR. In FLIP,
  which sees lost texture, the albedo alone is the best at every sample count: normals as a second
  guide smear fine texture (0.018 against 0.015 at 32 samples).
- Prefiltering the guides costs 0.6 core-seconds (albedo) or 1.4 (albedo and normal, accurate) at
  320x240, as much as 5 or 11 samples, and changes nothing that can be measured here. Guides of
  pictures with strong depth of field are noisy, these scenes have none: `final` prefilters.
- The denoiser's smaller networks (`balanced`, `fast`) save at most 0.13 core-seconds; `fast` costs
  0.002 FLIP. `high` stays.
- 16 samples reach 46.2 dB and FLIP 0.018 in 2.3 core-seconds, 32 reach 48.5 dB and 0.015 in 4.3. A
  difference of 46 dB is below the noise of a phone's camera, so the time is better spent on more
  pictures. Whether detectors see a difference is measured in docs/experiments.md.
- Adaptive sampling at 0.02 saves time from 64 samples on; below, it changes nothing."""
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
    lines += ["![quality over time](quality.png)", "", *CHOICE.splitlines(), ""]
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
