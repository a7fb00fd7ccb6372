"""Equal quality: what samples and denoiser variants give, against 1024 samples, and their time.

Three scenes at 320x240 (tabletop, cards, dice; world 0, view 0), bounces as in `standard`,
adaptive sampling off unless a column says otherwise. The reference takes other random numbers
than the pictures and is not denoised. PSNR (higher is better) and FLIP (lower is better;
Andersson et al., "FLIP: A Difference Evaluator for Alternating Images", HPG 2020, at its usual
67 pixels per degree) are taken on the finished 8-bit sRGB pictures, mean of two frames that
differ in their random numbers. One rendering serves all variants of the denoiser, which Cycles
runs on the passes that it stored. Seconds are processor time (of all cores together, so that
other work on the machine hardly counts) of the second frame of a loaded world with the variant's
denoising in place of the one that was rendered with; without a denoiser, less it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.pipeline.plan import RenderRequest, prepare
from simgen.pipeline.pool import cores
from simgen.plugin.registry import Registry
from simgen.records.serial import to_json
from simgen.render.cycles import Cycles
from simgen.render.cycles.export import frame_message
from simgen.render.cycles.exr import read_layers
from simgen.render.cycles.picture import compose, read_passes
from tests.bench.cycles_worlds import Drawn, draw, worker_settings
from tests.bench.ways.talk import Way

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "out" / "bench" / "quality"
SCENES = ("tabletop", "cards", "dice")
SAMPLES = (4, 8, 16, 32, 64, 128)
REFERENCE = 1024
# What decides how a world looks: results of another version are not taken from the cache.
_SOURCES = ("export", *(f"worker/{name}" for name in ("lens", "lights", "materials", "meshes")))
_SOURCES += ("worker/settings", "worker/stage")
_REFERENCE_FRAME = 10**6  # its number is its seed
_GUIDES = [(g, p) for g in ("albedo", "albedo_normal") for p in ("none", "fast", "accurate")]
# Denoisers by file-safe name; all are tried on the passes of one rendering.
DENOISERS: dict[str, dict[str, Any]] = {
    "oidn": {"denoiser": "oidn", "guides": "none"},
    **{f"oidn {g} {p}": {"denoiser": "oidn", "guides": g, "prefilter": p} for g, p in _GUIDES},
}
DENOISERS |= {
    f"{name} {quality}": {**DENOISERS[name], "denoiser_quality": quality}
    for name in ("oidn albedo none", "oidn albedo_normal accurate")
    for quality in ("balanced", "fast")
}
_OWN = "oidn albedo_normal accurate"  # what the rendering itself is denoised with
ADAPTIVE = f"{_OWN}, adaptive 0.02"  # as `standard`, which stops where a pixel is done
_FRAMES = 2


def measure(tiny: bool = False) -> list[dict]:
    """One row a variant and number of samples; what was measured before comes from the cache."""
    scenes, samples, size = SCENES, SAMPLES, (320, 240)
    if tiny:
        scenes, samples, size = SCENES[:1], (4, 8), (96, 72)
    found: dict[tuple[str, int], list[dict]] = {}
    for name in scenes:
        sets = (f"render.size=[{size[0]},{size[1]}]", "views_per_world=1")
        with draw(ROOT / "scenes" / f"{name}.yaml", 1, sets) as drawn:
            bench = Bench(name, drawn, size, 32 if tiny else REFERENCE)
            for count in samples:
                results = bench.result(count, 0.0, list(DENOISERS))
                adaptive = bench.result(count, 0.02, [_OWN])
                results[ADAPTIVE] = adaptive[_OWN]
                for variant, result in results.items():
                    found.setdefault((variant, count), []).append(result)
                print(name, count, json.dumps(results), file=sys.stderr, flush=True)
    rows = [_row(variant, count, results) for (variant, count), results in found.items()]
    order = ["none", *DENOISERS, ADAPTIVE]
    return sorted(rows, key=lambda row: (order.index(row["variant"]), row["samples"]))


def _row(variant: str, samples: int, results: list[dict]) -> dict:
    def mean(key: str) -> float:
        return float(np.mean([result[key] for result in results]))

    return {
        "variant": variant,
        "samples": samples,
        "psnr_db": round(mean("psnr_db"), 2),
        "flip": round(mean("flip"), 4),
        "seconds": round(mean("seconds"), 3),
    }


class Bench:
    """One scene with its reference.

    Args:
        name: of the scene.
        drawn: its world and view.
        size: of the picture.
        reference: its samples.
    """

    def __init__(self, name: str, drawn: Drawn, size: tuple[int, int], reference: int) -> None:
        self.name, self.drawn = name, drawn
        self.world, self.spec = drawn.worlds[0], drawn.specs[0][0]
        self.standard = _standard(ROOT / "scenes" / f"{name}.yaml")
        self.backdrop = None
        if self.world.background is not None:
            self.backdrop = drawn.library.texture(self.world.background)
        self.gain = self.spec.exposure.gain(self._exposure())
        settings = {"samples": reference, "denoiser": "none", "noise_threshold": 0.0}
        self.reference = self._reference(settings)

    def result(self, samples: int, noise_threshold: float, denoisers: list[str]) -> dict[str, Any]:
        """By variant: metrics, and seconds of a frame of a loaded world."""
        settings = DENOISERS[_OWN] | {"samples": samples, "noise_threshold": noise_threshold}
        reference = hashlib.sha256(self.reference.tobytes()).hexdigest()
        key = {"settings": settings, "denoisers": denoisers, "reference": reference}
        path = self._cached(key, "json")
        if not path.is_file():
            made = self._measured(settings, denoisers)
            _commit(path, lambda part: part.write_text(json.dumps(made)))
        result: dict[str, Any] = json.loads(path.read_text())
        return result

    def _measured(self, settings: dict[str, Any], denoisers: list[str]) -> dict[str, Any]:
        settings = self._whole(settings)
        specs = [replace(self.spec, frame=number) for number in range(_FRAMES)]
        exchange = self.drawn.exchange
        views = [frame_message(spec, self.world, exchange) for spec in specs]
        plan = {
            "settings": worker_settings(settings, self.drawn.library),
            "message": self.drawn.messages[0],
            "views": views,
            "variants": {name: DENOISERS[name] for name in denoisers},
        }
        errors: dict[str, list[tuple[float, float]]] = {}
        with tempfile.TemporaryDirectory() as folder:
            with Way("denoise", plan, Path(folder) / "way") as way:
                seconds = [way.make(number) for number in range(_FRAMES)]
            for view in views:
                for name, picture in self._pictures(Path(view["path"]), denoisers).items():
                    errors.setdefault(name, []).append(_errors(self.reference, picture))
            times = json.loads(Path(f"{views[-1]['path']}.json").read_text())
        times["none"] = 0.0
        return {
            name: {
                "psnr_db": float(np.mean([psnr for psnr, _ in found])),
                "flip": float(np.mean([flip for _, flip in found])),
                "seconds": seconds[-1] - times[_OWN] + times[name],
            }
            for name, found in errors.items()
        }

    def _pictures(self, path: Path, denoisers: list[str]) -> dict[str, NDArray[np.uint8]]:
        lens = self.spec.camera.intrinsics
        passes = read_passes(path, lens)
        layers = read_layers(path)
        noisy = np.stack([layers[f"Noisy Image.{c}"] for c in "RGBA"], axis=-1)
        out = {"none": compose(replace(passes, color=noisy), self.gain, self.backdrop)}
        for name in denoisers:
            clean = read_passes(Path(f"{path}.{name}.exr"), lens)
            out[name] = compose(clean, self.gain, self.backdrop)
        return out

    def _whole(self, settings: dict[str, Any]) -> dict[str, Any]:
        return self.standard | {"noise_threshold": 0.0, "threads": cores()} | settings

    def _exposure(self) -> float:
        params = Cycles.Params(samples=1, denoiser="none")
        with Cycles().open(params, self.drawn.library, cores()) as session:
            return next(iter(session.shots(self.world, [self.spec]))).exposure_ev

    def _reference(self, settings: dict[str, Any]) -> NDArray[np.uint8]:
        path = self._cached({"settings": settings, "reference": True}, "npy")
        if not path.is_file():
            print(f"{self.name}: the reference, {settings['samples']} samples", file=sys.stderr)
            found = self._rendered(settings)
            _commit(path, lambda part: np.save(part.open("wb"), found))
        picture: NDArray[np.uint8] = np.load(path)
        return picture

    def _rendered(self, settings: dict[str, Any]) -> NDArray[np.uint8]:
        params = Cycles.Params(**{**self._whole(settings), "timeout_s": 3600.0})
        spec = replace(self.spec, frame=_REFERENCE_FRAME)
        with Cycles().open(params, self.drawn.library, cores()) as session:
            shot = next(iter(session.shots(self.world, [spec])))
        return compose(shot.passes, self.gain, self.backdrop)

    def _cached(self, key: dict, suffix: str) -> Path:
        """Where something is kept that depends on this scene, these settings, this Blender."""
        plain = {
            **key,
            "world": json.loads(to_json(self.world)),
            "view": json.loads(to_json(self.spec)),
            "standard": self.standard,
            "bpy": version("bpy"),
            "engine": _engine_digest(),
        }
        text = json.dumps(plain, sort_keys=True)
        return CACHE / f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:24]}.{suffix}"


def _standard(scene: Path) -> dict[str, Any]:
    request = RenderRequest(scene, renderer="cycles", quality="standard")
    plan, _ = prepare(request, Registry.installed())
    return dict(plan.manifest.quality)


def _errors(reference: NDArray[np.uint8], picture: NDArray[np.uint8]) -> tuple[float, float]:
    """PSNR in dB and mean FLIP of a picture."""
    import flip_evaluator

    true, made = (image.astype(np.float32) / 255 for image in (reference, picture))
    psnr = -10 * np.log10(np.mean((true - made) ** 2, dtype=np.float64))
    _, flip, _ = flip_evaluator.evaluate(true, made, "LDR", applyMagma=False)
    return float(psnr), float(flip)


def _engine_digest() -> str:
    folder = ROOT / "simgen" / "render" / "cycles"
    sources = b"".join((folder / f"{name}.py").read_bytes() for name in _SOURCES)
    return hashlib.sha256(sources).hexdigest()


def _commit(path: Path, write: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    write(part)
    os.replace(part, path)
