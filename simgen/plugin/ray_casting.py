"""The way from a renderer plugin to the ray caster, from which the labels of every engine come."""

from __future__ import annotations

from simgen.plugin.protocols import Renderer


def ray_caster() -> Renderer:
    """simgen's ray caster: open it beside your own engine and take its `geometry` as labels.

    Labels have one source in simgen; an engine that makes its own would disagree with the others
    at every silhouette.
    """
    from simgen.plugin.registry import Registry

    engine: Renderer = Registry.installed().get("renderers", "raycast")
    return engine
