"""Equal quality: what samples and denoiser variants give, against 1024 samples, and their time.

Three scenes at 320x240 (tabletop, cards, dice; world 0, view 0), bounces as in `standard`,
adaptive sampling off unless a column says otherwise. The reference takes other random numbers
than the pictures and is not denoised. PSNR (higher is better) and FLIP (lower is better;
Andersson et al., "FLIP: A Difference Evaluator for Alternating Images", HPG 2020, at its usual
67 pixels per degree) are taken on the finished 8-bit sRGB pictures. Seconds are those of the
worker for a further view of a loaded world; the median of the frames.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.pipeline.plan import RenderRequest, prepare
from simgen.pipeline.pool import cores
from simgen.plugin.registry import Registry
from simgen.records.frame import FrameSpec
from simgen.records.serial import to_json
from simgen.render.cycles import Cycles
from simgen.render.cycles.export import frame_message
from simgen.render.cycles.picture import compose, read_passes
from simgen.render.cycles.process import Worker
from tests.bench.cycles_worlds import Drawn, draw, worker_settings

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "out" / "bench" / "quality"
SCENES = ("tabletop", "cards", "dice")
SAMPLES = (4, 8, 16, 32, 64, 128)
REFERENCE = 1024
# What decides how a world looks: results of another version are not taken from the cache.
_SOURCES = ("export", *(f"worker/{name}" for name in ("lens", "lights", "materials", "meshes")))
_SOURCES += ("worker/settings", "worker/stage")
_REFERENCE_FRAME = 10**6  # its number is its seed
_PASSES = [(g, p) for g in ("albedo", "albedo_normal") for p in ("none", "fast", "accurate")]
VARIANTS: dict[str, dict[str, Any]] = {
    "none": {"denoiser": "none"},
    "oidn": {"denoiser": "oidn", "guides": "none"},
    **{f"oidn {g}, {p}": {"denoiser": "oidn", "guides": g, "prefilter": p} for g, p in _PASSES},
}
# `standard` stops early where a pixel is done; the same variant as its own, for comparison.
VARIANTS["oidn albedo_normal, accurate, adaptive 0.02"] = {
    **VARIANTS["oidn albedo_normal, accurate"],
    "noise_threshold": 0.02,
}


def measure(tiny: bool = False) -> list[dict]:
    """One row a variant and number of samples; what was measured before comes from the cache."""
    scenes, samples, size = SCENES, SAMPLES, (320, 240)
    if tiny:
        scenes, samples, size = SCENES[:1], (4, 8), (96, 72)
    repeats, reference = (1, 32) if tiny else (2, REFERENCE)
    found: dict[tuple[str, int], list[dict]] = {}
    for name in scenes:
        sets = (f"render.size=[{size[0]},{size[1]}]", "views_per_world=1")
        with draw(ROOT / "scenes" / f"{name}.yaml", 1, sets) as drawn:
            bench = Bench(name, drawn, size, reference)
            for variant, settings in VARIANTS.items():
                for count in samples:
                    result = bench.result(settings | {"samples": count}, repeats)
                    found.setdefault((variant, count), []).append(result)
                    print(name, variant, count, json.dumps(result), file=sys.stderr, flush=True)
    return [_row(variant, count, results) for (variant, count), results in found.items()]


def _row(variant: str, samples: int, results: list[dict]) -> dict:
    def mean(key: str) -> float:
        return float(np.mean([value for result in results for value in result[key]]))

    seconds = statistics.fmean(statistics.median(result["seconds"]) for result in results)
    return {
        "variant": variant,
        "samples": samples,
        "psnr_db": round(mean("psnr_db"), 2),
        "flip": round(mean("flip"), 4),
        "seconds": round(seconds, 3),
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
        self.ev = self._exposure()
        settings = {"samples": reference, "denoiser": "none", "noise_threshold": 0.0}
        self.reference = self._reference(settings)

    def result(self, settings: dict[str, Any], repeats: int) -> dict:
        """Metrics and seconds of some frames that differ in their random numbers."""
        key = {"settings": settings, "repeats": repeats, "reference": _digest(self.reference)}
        path = self._cached(key, "json")
        if not path.is_file():
            # The first frame warms up: with it, Cycles builds the scene.
            pictures, seconds = self._render(settings, repeats + 1)
            errors = [_errors(self.reference, picture) for picture in pictures]
            made = {
                "psnr_db": [psnr for psnr, _ in errors],
                "flip": [flip for _, flip in errors],
                "seconds": seconds[1:],
            }
            _commit(path, lambda part: part.write_text(json.dumps(made)))
        result: dict = json.loads(path.read_text())
        return result

    def _exposure(self) -> float:
        params = Cycles.Params(samples=1, denoiser="none")
        with Cycles().open(params, self.drawn.library, cores()) as session:
            return next(iter(session.shots(self.world, [self.spec]))).exposure_ev

    def _reference(self, settings: dict[str, Any]) -> NDArray[np.uint8]:
        path = self._cached({"settings": settings, "reference": True}, "npy")
        if not path.is_file():
            print(f"{self.name}: the reference, {settings['samples']} samples", file=sys.stderr)
            pictures, _ = self._render(settings, 1, _REFERENCE_FRAME)
            _commit(path, lambda part: np.save(part.open("wb"), pictures[0]))
        picture: NDArray[np.uint8] = np.load(path)
        return picture

    def _render(
        self, settings: dict[str, Any], count: int, first: int = 0
    ) -> tuple[list[NDArray[np.uint8]], list[float]]:
        """Pictures and the worker's seconds; a worker of its own, since settings are for good."""
        settings = self.standard | {"noise_threshold": 0.0, "threads": cores()} | settings
        exchange = self.drawn.exchange
        worker = Worker(exchange.folder, worker_settings(settings, self.drawn.library), "")
        pictures, seconds = [], []
        try:
            worker.send({"do": "world", "path": self.drawn.messages[0]})
            worker.answer(600)
            for number in range(first, first + count):
                spec: FrameSpec = replace(self.spec, frame=number)
                message = frame_message(spec, self.world, exchange)
                worker.send(message)
                seconds.append(float(worker.answer(3600)["seconds"]))
                path = Path(message["path"])
                passes = read_passes(path, spec.camera.intrinsics)
                path.unlink()
                pictures.append(compose(passes, self.ev, self.backdrop))
        finally:
            worker.kill()
        return pictures, seconds

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


def _digest(picture: NDArray[np.uint8]) -> str:
    return hashlib.sha256(picture.tobytes()).hexdigest()


def _commit(path: Path, write: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    write(part)
    os.replace(part, path)
