"""Opening diffusers pipelines: local first, safetensors alone, every failure explained."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers import (
    AutoPipelineForImage2Image,
    AutoPipelineForInpainting,
    ControlNetModel,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    UniPCMultistepScheduler,
)

from simgen.errors import DataError, Fault, SimgenError
from simgen.learn._torch_machine import open_machine
from simgen.learn.schedule import Machine
from simgen.refine.diffusion import DiffusionParams, ModelSection
from simgen.refine.workplace import Workplace

_SCHEDULERS = {
    "ddim": DDIMScheduler,
    "dpm": DPMSolverMultistepScheduler,
    "euler": EulerDiscreteScheduler,
    "unipc": UniPCMultistepScheduler,
}
_PRECISION = {"float32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


def open_pipeline(params: DiffusionParams, data: Workplace) -> tuple[Any, torch.device]:
    """The pipeline of these settings, on its device.

    Raises:
        DataError: a model is not there, is a pickle, or damaged; no such device.
    """
    device = open_machine(Machine(device=data.device, threads=data.threads)).device
    for library in (diffusers, transformers):  # simgen has a bar of its own
        library.utils.logging.disable_progress_bar()
    diffusers.utils.logging.set_verbosity(logging.CRITICAL)  # errors are told below
    precision = params.precision
    if precision == "auto":
        precision = "fp16" if device.type == "cuda" else "float32"
    options: dict[str, Any] = {
        "dtype": _PRECISION[precision],
        "use_safetensors": True,
        "local_files_only": not params.download,
    }
    parts: dict[str, Any] = {}
    if params.controls:
        nets = [_load(ControlNetModel, c, options) for c in params.controls.values()]
        parts["controlnet"] = nets if len(nets) > 1 else nets[0]
    index = _index(params)
    # Parts that a pipeline was saved without: not every kind of pipeline counts them as optional.
    parts |= {name: None for name, part in index.items() if part == [None, None]}
    if "safety_checker" in index:  # it paints pictures black; nobody reads these
        parts |= {"safety_checker": None, "requires_safety_checker": False}
    kind = AutoPipelineForInpainting if params.mode == "background" else AutoPipelineForImage2Image
    pipeline = _load(kind, params, options | parts)
    if params.scheduler != "own":
        pipeline.scheduler = _SCHEDULERS[params.scheduler].from_config(pipeline.scheduler.config)
    _adapt(pipeline, params)
    pipeline.set_progress_bar_config(disable=True)
    if params.offload == "none" or device.type == "cpu":
        return pipeline.to(device), device
    if params.offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    else:
        pipeline.enable_sequential_cpu_offload(device=device)
    return pipeline, device


def _index(section: ModelSection) -> dict[str, Any]:
    """What a local folder says about its parts; empty for ids."""
    if section.folder is None:
        return {}
    try:
        found = json.loads((section.folder.location / "model_index.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _load(kind: Any, section: ModelSection, options: dict[str, Any]) -> Any:
    local = section.folder is not None
    model = str(section.folder.location) if section.folder else str(section.model)
    where = f"diffusers model {model}"
    if local:
        _check_folder(Path(model), where)
    try:
        return kind.from_pretrained(model, **options)
    except SimgenError:
        raise
    except Exception as error:  # diffusers and its friends raise a dozen kinds
        raise _explained(error, where, local, options["local_files_only"]) from None


def _check_folder(folder: Path, where: str) -> None:
    if not folder.is_dir():
        what = f"there is no folder {folder}"
        raise DataError(Fault(where, what, "fix the path, or give a model id (owner/name)"))
    if not (folder / "model_index.json").is_file() and not (folder / "config.json").is_file():
        what = "this is no model of diffusers: there is no model_index.json or config.json"
        raise DataError(Fault(where, what, "give the folder that `save_pretrained` wrote"))
    weights = [p for p in folder.rglob("*") if p.suffix in (".safetensors", ".bin", ".pt", ".pth")]
    if weights and not any(p.suffix == ".safetensors" for p in weights):
        what = "its weights are pickles, which can run any code when they are loaded"
        raise DataError(Fault(where, what, "convert them to safetensors"))


def _explained(error: Exception, where: str, local: bool, offline: bool) -> DataError:
    said = str(error).strip().splitlines()
    first = said[0] if said else type(error).__name__
    if isinstance(error, torch.OutOfMemoryError):
        cure = "set offload: model, or precision: fp16"
        return DataError(Fault(where, "does not fit into the GPU's memory", cure))
    absent = any(words in first.lower() for words in ("no file named", "could not find"))
    if absent and "safetensors" in first.lower():
        what = "there are no safetensors weights; pickles are never loaded"
        return DataError(Fault(where, what, "use a model that has them, or convert it"))
    if local:
        return DataError(Fault(where, f"cannot be loaded: {first}", "restore the folder"))
    if offline:
        cure = "set download: true, or fetch it once: huggingface-cli download"
        return DataError(Fault(where, "is not on this machine, and downloads are off", cure))
    cure = "check the id and the network; gated models need a login of the hub"
    return DataError(Fault(where, f"cannot be fetched: {first}", cure))


def _adapt(pipeline: Any, params: DiffusionParams) -> None:
    """Load the adapters, if the pipeline takes them."""
    for name, lora in params.loras.items():
        path = lora.path.location
        where = f"diffusers loras.{name}"
        if not path.is_file():
            raise DataError(Fault(where, f"there is no file {path}", "fix the path"))
        if path.suffix != ".safetensors":
            what = "an adapter that is a pickle can run any code when it is loaded"
            raise DataError(Fault(where, what, "convert it to .safetensors"))
        if not hasattr(pipeline, "load_lora_weights"):
            raise DataError(Fault(where, "this pipeline takes no adapters", "leave it out"))
        try:
            pipeline.load_lora_weights(
                str(path.parent), weight_name=path.name, adapter_name=name, use_safetensors=True
            )
        except Exception as error:
            what = f"cannot be loaded: {str(error).splitlines()[0]}"
            raise DataError(Fault(where, what, "use an adapter of this model's family")) from None
    if params.loras:
        weights = [lora.weight for lora in params.loras.values()]
        pipeline.set_adapters(list(params.loras), adapter_weights=weights)
