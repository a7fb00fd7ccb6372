"""Renderer settings, once per worker: with persistent data, a later change of some is ignored."""

from __future__ import annotations

from typing import Any

import bpy
from blenderproc.python.renderer import RendererUtility as renderer

from .albedo import add_albedo_pass


def apply_settings(settings: dict[str, Any]) -> None:
    """Set Cycles up.

    Args:
        settings: the engine's Params as plain data, `threads` resolved; `switches` are further
            passes of the view layer, `albedo` asks for the pass of base colours.

    Raises:
        ValueError: the device is not there.
    """
    scene = bpy.context.scene
    renderer.render_init()
    _set_device(settings)
    renderer.set_cpu_threads(settings["threads"])
    renderer.set_max_amount_of_samples(settings["samples"])
    renderer.set_noise_threshold(settings["noise_threshold"])
    renderer.toggle_light_tree(settings["light_tree"])
    renderer.set_light_bounces(
        diffuse_bounces=settings["diffuse_bounces"],
        glossy_bounces=settings["glossy_bounces"],
        ao_bounces_render=0,
        max_bounces=settings["max_bounces"],
        transmission_bounces=settings["transmission_bounces"],
        transparent_max_bounces=settings["transparent_bounces"],
        volume_bounces=0,
    )
    cycles = scene.cycles
    cycles.debug_use_spatial_splits = False  # slow builds pay off in long renders only
    cycles.use_auto_tile = False
    cycles.use_animated_seed = False
    cycles.sample_clamp_direct = 0.0
    cycles.sample_clamp_indirect = settings["clamp_indirect"]
    cycles.caustics_reflective = cycles.caustics_refractive = True
    cycles.blur_glossy = 1.0
    set_denoiser(settings)
    _set_output(scene, settings)


def _set_device(settings: dict[str, Any]) -> None:
    device = settings["device"].upper()
    if device == "CPU":
        renderer.set_render_devices(use_only_cpu=True)
        return
    preferences = bpy.context.preferences.addons["cycles"].preferences
    found = preferences.get_devices_for_type(device)
    wanted = settings["device_ids"] or list(range(len(found)))
    if not found or max(wanted) >= len(found):
        names = ", ".join(f"{i}: {d.name}" for i, d in enumerate(found)) or "none"
        raise ValueError(f"no such {device} device {wanted}; there are: {names}")
    renderer.set_render_devices(desired_gpu_device_type=device, desired_gpu_ids=wanted)


def set_denoiser(settings: dict[str, Any]) -> None:
    """Set Cycles' denoiser; settings as in `apply_settings`."""
    # blenderproc denoises in the compositor, without a choice of prefilter; Cycles' own way
    # needs no compositor and takes its guides from the same samples.
    on = settings["denoiser"] == "oidn"
    cycles = bpy.context.scene.cycles
    cycles.use_denoising = on
    bpy.context.view_layer.cycles.use_denoising = on
    if on:
        guides = {"none": "RGB", "albedo": "RGB_ALBEDO", "albedo_normal": "RGB_ALBEDO_NORMAL"}
        cycles.denoiser = "OPENIMAGEDENOISE"
        cycles.denoising_input_passes = guides[settings["guides"]]
        cycles.denoising_prefilter = settings["prefilter"].upper()
        cycles.denoising_quality = settings["denoiser_quality"].upper()
        cycles.denoising_use_gpu = settings["device"] != "cpu"


def _set_output(scene: Any, settings: dict[str, Any]) -> None:
    layer = bpy.context.view_layer
    layer.use_pass_z = layer.use_pass_normal = layer.use_pass_object_index = True
    for switch in settings["switches"]:
        setattr(layer, switch, True)
    if settings["albedo"]:
        add_albedo_pass()
    scene.render.use_compositing = scene.render.use_sequencer = False
    image = scene.render.image_settings
    image.file_format = "OPEN_EXR_MULTILAYER"
    image.color_depth, image.exr_codec = "32", "NONE"  # numpy reads it as it lies
    scene.render.use_file_extension = False
