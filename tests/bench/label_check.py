"""How well the label check finds planted damage: ROC over refinements that are known to be clean.

    python -m tests.bench.label_check DATASET PHOTOS [--model DIR] [--frames N] [--out FOLDER]

Each frame is refined by each refiner (their labels hold by construction: nothing moves pixels).
The clean refinement gives the false alarms; a copy with one instance shifted, one erased, one
warped and one invented, at drawn strengths, gives what is found. Writes label_check.json and
label_check.svg (needs matplotlib).
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "evaluate"))
import planted

from simgen.dataset.reader import Dataset
from simgen.evaluate.label_check import Limits, check_labels
from simgen.evaluate.label_check.scores import mask_of
from simgen.imaging.sensor_settings import SensorParams
from simgen.records.sample import Sample
from simgen.refine.sdedit import SdEdit, SdEditParams
from simgen.refine.sensor import Sensor
from simgen.refine.statistics import Statistics, StatisticsParams
from simgen.refine.workplace import Workplace
from simgen.sampling.streams import KeyedStream
from simgen.spec.fields import Root

LIMITS = Limits()
SMALLEST_PX = 120  # area of instances that are damaged: about 11 x 11 pixels
ALARMS = 0.05


def refiners(photos: Path, model: Path | None) -> dict[str, Any]:
    """Open sessions by name."""
    place = Workplace(0, "cpu")
    found: dict[str, Any] = {"sensor": Sensor().open(SensorParams(), place)}
    for method in ("fourier", "reinhard", "histogram"):
        params = StatisticsParams(path=Root("", photos), method=method)
        found[method] = Statistics().open(params, place)
    if model is not None:
        params = SdEditParams(model=Root("", model), strength=0.2, steps=20)
        found["sdedit"] = SdEdit().open(params, place)
    return found


def damaged(before: Sample, after: Sample, rng: np.random.Generator) -> tuple[Sample, dict]:
    """A copy with damage, and what was done: instance -> kind and strength."""
    labels = before.annotations
    seen = [visibility or 0 for visibility in labels.visibility]
    fit = [r for r in range(len(labels)) if labels.area_px[r] >= SMALLEST_PX and seen[r] > 0.4]
    rgb, done = after.rgb, {}
    order = [fit[i] for i in np.argsort(rng.random(len(fit)))]
    for kind, row in zip(planted.OF_INSTANCES, order, strict=False):
        strength = planted.STRENGTHS[kind][min(int(rng.random() * 6), 3)]
        rgb = planted.OF_INSTANCES[kind](rgb, mask_of(before, row), strength, rng)
        done[labels.instance[row]] = (kind, strength)
    return replace(after, rgb=rgb), done


def with_stranger(
    before: Sample, after: Sample, donors: list[Sample], rng: np.random.Generator
) -> tuple[Sample, float] | None:
    """A copy with a foreign instance in the background, and its strength."""
    donor = donors[int(rng.random() * len(donors))]
    rows = [r for r in range(len(donor.annotations)) if donor.annotations.area_px[r] >= SMALLEST_PX]
    if not rows or before.instances is None:
        return None
    mask = mask_of(donor, rows[int(rng.random() * len(rows))])
    strength = planted.STRENGTHS["invented"][min(int(rng.random() * 6), 3)]
    covered = before.instances > 0
    rgb = planted.invented(after.rgb, covered, strength, rng, donor.rgb, mask)
    changed = not np.array_equal(rgb, after.rgb)
    return (replace(after, rgb=rgb), strength) if changed else None


def measure(root: Path, photos: Path, model: Path | None, frames: int) -> list[dict[str, Any]]:
    """A row for every instance and picture: what was done, and how suspicious it looks."""
    dataset = Dataset.open(root)
    numbers = list(dataset.frames())
    chosen = [numbers[i] for i in np.linspace(0, len(numbers) - 1, frames).astype(int)]
    donors = [dataset.sample(n, ("instances",)) for n in chosen[:12]]
    rng, rows = np.random.Generator(np.random.PCG64(1)), []
    for frame in chosen:
        before = dataset.sample(frame, ("instances", "depth"))
        for name, session in refiners_open(photos, model).items():
            after = session.refine([before], [KeyedStream(0, "frame", frame, "refine")])[0]
            clean = check_labels(before, after)
            base = {"frame": frame, "refiner": name}
            for value in clean.suspicions(LIMITS).values():
                rows.append({**base, "kind": "clean", "suspicion": value})
            rows.append({**base, "kind": "clean picture", "suspicion": clean.suspicion(LIMITS)})
            hurt, done = damaged(before, after, rng)
            suspicions = check_labels(before, hurt).suspicions(LIMITS)
            for instance, (kind, strength) in done.items():
                value = suspicions[instance]
                rows.append({**base, "kind": kind, "strength": strength, "suspicion": value})
            stranger = with_stranger(before, after, donors, rng)
            if stranger is not None:
                value = check_labels(before, stranger[0]).suspicion(LIMITS)
                row = {"kind": "invented", "strength": stranger[1], "suspicion": value}
                rows.append({**base, **row})
    return rows


_OPEN: dict[str, Any] = {}


def refiners_open(photos: Path, model: Path | None) -> dict[str, Any]:
    """The sessions, opened once."""
    if not _OPEN:
        _OPEN.update(refiners(photos, model))
    return _OPEN


def found_at(rows: list[dict[str, Any]], kind: str, strength: float, threshold: float) -> float:
    """Share of this damage above a threshold."""
    values = [r["suspicion"] for r in rows if r["kind"] == kind and r["strength"] == strength]
    return float(np.mean(np.array(values) > threshold)) if values else float("nan")


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Thresholds at 5 % false alarms, what is found there, and at the default limits."""
    out: dict[str, Any] = {"limits": vars(LIMITS), "found_at_5_percent": {}, "found": {}}
    for kind in planted.STRENGTHS:
        name = "clean picture" if kind == "invented" else "clean"
        clean = np.array([r["suspicion"] for r in rows if r["kind"] == name])
        threshold = float(np.quantile(clean, 1 - ALARMS))
        out[f"false_alarms_at_the_limits_{name.replace(' ', '_')}"] = float((clean > 1).mean())
        out[f"number_{name.replace(' ', '_')}"] = len(clean)
        for at, where in (("found_at_5_percent", threshold), ("found", 1.0)):
            out[at][kind] = {
                str(s): found_at(rows, kind, s, where) for s in planted.STRENGTHS[kind]
            }
    by = {r["refiner"] for r in rows}
    out["false_alarms_by_refiner"] = {
        name: float(np.mean([r["suspicion"] > 1 for r in rows
                             if r["refiner"] == name and r["kind"] == "clean"]))
        for name in sorted(by)
    }  # fmt: skip
    return out


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """The ROC of each kind at each strength."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 4, figsize=(11, 3.1), sharey=True, constrained_layout=True)
    for panel, (kind, strengths) in zip(panels, planted.STRENGTHS.items(), strict=True):
        name = "clean picture" if kind == "invented" else "clean"
        clean = np.array([r["suspicion"] for r in rows if r["kind"] == name])
        steps = np.quantile(clean, np.linspace(0, 1, 400))
        alarms = [(clean > t).mean() for t in steps]
        for index, strength in enumerate(strengths):
            rates = [found_at(rows, kind, strength, t) for t in steps]
            panel.plot(alarms, rates, color=pyplot.cm.viridis(0.85 - 0.28 * index),
                       label=f"{strength:g}")  # fmt: skip
        panel.axvline(ALARMS, color="#999", lw=0.8, ls=":")
        panel.set(xscale="symlog", xlim=(0, 1), ylim=(0, 1.02), title=kind,
                  xlabel="false alarms")  # fmt: skip
        panel.set_xscale("symlog", linthresh=0.01)
        panel.set_xticks([0, 0.01, 0.05, 0.2, 1], ["0", "1 %", "5 %", "20 %", "100 %"])
        panel.legend(title="strength", fontsize=7, title_fontsize=7, loc="lower right")
    panels[0].set_ylabel("found")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--out", type=Path, default=Path("docs"))
    options = parser.parse_args()
    rows = measure(options.dataset, options.photos, options.model, options.frames)
    found = {"dataset": options.dataset.name, "frames": options.frames, **summary(rows)}
    (options.out / "label_check.json").write_text(json.dumps(found, indent=1) + "\n")
    draw(rows, options.out / "label_check.svg")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
