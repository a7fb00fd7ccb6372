"""The session of the refiner `sdedit`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.learn._torch_machine import open_machine
from simgen.learn.schedule import Machine
from simgen.plugin.protocols import Stream
from simgen.records.sample import Sample
from simgen.refine._torch_denoise import Denoiser
from simgen.refine._torch_memory import out_of_memory, torch_seed
from simgen.refine.sdedit import SdEditParams
from simgen.refine.workplace import OneByOne, Workplace


class SdEditSession(OneByOne):
    """An open model; works on one picture at a time, each with noise of its own.

    Raises:
        DataError: no such model, damaged, or one that wants categories.
    """

    def __init__(self, params: SdEditParams, data: Workplace) -> None:
        super().__init__("sdedit", self._change)
        machine = Machine(device=data.device, precision="float32", threads=data.threads)
        device = open_machine(machine).device
        self._params = params
        self._denoiser = Denoiser(params.model.location, device, params.steps, params.scale)

    def _change(
        self, sample: Sample, rng: Stream, strength: float
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        share = float(rng.draw(self._params).strength) * strength
        with out_of_memory("sdedit", "lower `scale`, or use a machine with more memory"):
            made = self._denoiser.edited(sample.rgb, share, torch_seed(rng.child("noise")))
        return made, {"share": share}
