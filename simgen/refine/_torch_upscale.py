"""Super-resolution in overlapping tiles, and a sample whose labels follow."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simgen.errors import DataError, Fault
from simgen.learn._torch_machine import open_machine
from simgen.learn.schedule import Machine
from simgen.plugin.protocols import Stream
from simgen.records.sample import Sample
from simgen.refine._torch_memory import out_of_memory
from simgen.refine.scaling import enlarged
from simgen.refine.upscale import UpscaleParams
from simgen.refine.workplace import Workplace, refined

Rgb = NDArray[np.uint8]
_OVERLAP = 16  # pixels that tiles share on each side, so that no seam is seen


class UpscaleSession:
    """An open network.

    Raises:
        DataError: the weights cannot be used.
    """

    def __init__(self, params: UpscaleParams, data: Workplace) -> None:
        machine = Machine(device=data.device, precision="float32", threads=data.threads)
        self._params, self._device = params, open_machine(machine).device
        self._model = load_upscaler(params.weights.location)
        self._model.to(self._device).eval()
        self._own = int(self._model.scale)
        self.factor = params.factor or self._own
        if self.factor > self._own:
            what = f"factor {self.factor}; this network enlarges {self._own} times"
            raise DataError(Fault("upscale", what, f"set factor to {self._own} or less"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def refine(self, samples: Any, rngs: Any, strength: float = 1.0) -> list[Sample]:
        """The samples enlarged; at strength 0 by plain interpolation: the size is not a matter
        of degree."""
        return [self._one(s, rng, strength) for s, rng in zip(samples, rngs, strict=True)]

    def _one(self, sample: Sample, rng: Stream, strength: float) -> Sample:
        width, height = sample.size
        size = (width * self.factor, height * self.factor)
        plain = np.asarray(cv2.resize(sample.rgb, size, interpolation=cv2.INTER_CUBIC), np.uint8)
        rgb = plain
        if strength > 0:
            with out_of_memory("upscale", "lower `tile`"):
                made = self._network(sample.rgb)
            made = np.asarray(cv2.resize(made, size, interpolation=cv2.INTER_AREA), np.uint8)
            mix = plain + (made.astype(np.float32) - plain) * min(strength, 1.0)
            rgb = np.asarray(np.round(mix), np.uint8)
        larger = enlarged(sample, self.factor, rgb)
        return refined(larger, "upscale", rgb, strength, {"factor": self.factor})

    def _network(self, rgb: Rgb) -> Rgb:
        tile = self._params.tile or max(rgb.shape[:2])
        wide = np.pad(rgb, ((_OVERLAP,) * 2, (_OVERLAP,) * 2, (0, 0)), mode="symmetric")
        out = np.empty((rgb.shape[0] * self._own, rgb.shape[1] * self._own, 3), np.uint8)
        for top in range(0, rgb.shape[0], tile):
            for left in range(0, rgb.shape[1], tile):
                high, broad = min(tile, rgb.shape[0] - top), min(tile, rgb.shape[1] - left)
                part = wide[top : top + high + 2 * _OVERLAP, left : left + broad + 2 * _OVERLAP]
                made, own, edge = self._run(part), self._own, _OVERLAP * self._own
                inner = made[edge : edge + high * own, edge : edge + broad * own]
                out[top * own : (top + high) * own, left * own : (left + broad) * own] = inner
        return out

    def _run(self, rgb: Rgb) -> Rgb:
        picture = torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode():
            out: Tensor = self._model(picture.to(self._device))
        scaled = (out[0].clamp(0, 1) * 255).round().to(torch.uint8)
        return scaled.permute(1, 2, 0).contiguous().cpu().numpy()


def load_upscaler(path: Path) -> Any:
    """A network of spandrel's that makes RGB of RGB, larger.

    Raises:
        DataError: no such file, a pickle, damaged, or of no known network.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from spandrel import ImageModelDescriptor, ModelLoader, UnsupportedModelError

    if not path.is_file():
        raise DataError(Fault(str(path), "there are no weights", "check the path"))
    if path.suffix != ".safetensors":
        what = "these weights may be a pickle, which can run any code when it is loaded"
        raise DataError(Fault(str(path), what, "convert them to .safetensors"))
    try:
        model = ModelLoader().load_from_state_dict(load_file(path))
    except SafetensorError as error:
        raise DataError(Fault(str(path), f"not safetensors: {error}", "restore it")) from None
    except UnsupportedModelError:
        what = "spandrel knows no network with these tensors"
        raise DataError(Fault(str(path), what, "use weights of a published network")) from None
    if not isinstance(model, ImageModelDescriptor) or model.input_channels != 3:
        what = "this network does not make one RGB picture of another"
        raise DataError(Fault(str(path), what, "use a super-resolution network"))
    return model
