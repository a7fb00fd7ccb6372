"""`simgen refine fit`: photographs become a config of the refiner `sensor`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from simgen.dataset.atomic import write_atomic
from simgen.dataset.reader import Dataset
from simgen.errors import DataError, Fault
from simgen.imaging.sensor_settings import SensorParams
from simgen.pipeline.progress import progress
from simgen.refine.fitting.camera import own_settings, relative_settings, tone_settings
from simgen.refine.fitting.measures import PhotoMeasures, jpeg_quality, measure
from simgen.refine.fitting.noise import noise_by_level
from simgen.refine.photos import Photos
from simgen.refine.sensor import Sensor
from simgen.refine.workplace import Workplace
from simgen.report.contact_sheet import evenly
from simgen.sampling.streams import KeyedStream

Rgb = NDArray[np.uint8]
_FEWEST = 4
_EXPOSED = 40  # renders that are sent through the camera to see its tone


def fit_config(
    photos: Path, out: Path, dataset: Path | None = None, limit: int = 200, seed: int = 0
) -> dict[str, Any]:
    """Write a refine config whose camera explains the photographs.

    Args:
        photos: folder, or COCO file.
        out: YAML file.
        dataset: that is to be refined; None: only what photographs alone tell is fitted.
        limit: at most so many of either, evenly spaced.
        seed: of the cameras that are drawn to see what they do.

    Returns:
        The settings.

    Raises:
        DataError: too few photographs.
    """
    reals = Photos(photos)
    if len(reals) < _FEWEST:
        what = f"{len(reals)} photographs are too few to measure a camera"
        raise DataError(Fault(str(photos), what, f"give at least {_FEWEST}"))
    chosen = evenly(list(range(len(reals))), limit)
    with progress("photographs", len(chosen), "photographs") as advance:
        measured = []
        for number in chosen:
            measured.append(measure(reals.read(number)))
            advance(number)
    noise = noise_by_level(reals.read(number) for number in chosen)
    qualities = [jpeg_quality(reals.files[number]) for number in chosen]
    settings = own_settings(measured, noise, qualities)
    if dataset is not None:
        settings = _relative(settings, measured, dataset, limit, seed)
    _write(out, photos, dataset, len(chosen), settings)
    return settings


def _relative(
    settings: dict[str, Any],
    photos: Sequence[PhotoMeasures],
    dataset: Path,
    limit: int,
    seed: int,
) -> dict[str, Any]:
    source = Dataset.open(dataset)
    frames = evenly(list(source.frames()), limit)
    renders = [measure(source.rgb(frame)) for frame in frames]
    settings = settings | relative_settings(photos, renders)
    settings |= tone_settings(photos, _exposed(settings, source, frames, seed))
    # Tone changes the mean light a little: exposure is corrected by what is still missing.
    after = [m.light_ev for m in _exposed(settings, source, frames, seed)]
    missing = float(np.median([p.light_ev for p in photos]) - np.median(after))
    return settings | {"exposure_ev": _moved(settings["exposure_ev"], missing)}


def _exposed(
    settings: dict[str, Any], source: Dataset, frames: list[int], seed: int
) -> list[PhotoMeasures]:
    params = SensorParams.model_validate(settings)
    out = []
    with Sensor().open(params, Workplace()) as session:
        for frame in evenly(frames, _EXPOSED):
            rng = KeyedStream(seed, "frame", frame, "fit")
            out.append(measure(session.refine([source.sample(frame, ())], [rng])[0].rgb))
    return out


def _moved(setting: Any, by: float) -> Any:
    if isinstance(setting, dict):
        mean, std, low, high = setting["truncated_normal"]
        return {"truncated_normal": [round(v + s, 4) for v, s in zip(
            (mean, std, low, high), (by, 0, by, by), strict=True)]}  # fmt: skip
    return round(setting + by, 4)


def _write(
    out: Path, photos: Path, dataset: Path | None, count: int, settings: dict[str, Any]
) -> None:
    made_of = f"{count} photographs of {photos.name}"
    beside = f", relative to {dataset.name}" if dataset else ""
    head = f"# A camera measured by `simgen refine fit`: {made_of}{beside}.\n"
    data = {"refine": 1, "refiners": {"camera": {"kind": "sensor", **settings}}}
    text = yaml.safe_dump(data, sort_keys=False, default_flow_style=None, width=96)
    write_atomic(out, (head + text).encode())
