"""The annotators that a scene file asks for, run on rendered frames."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from simgen.errors import Fault, PluginError
from simgen.plugin.protocols import Library
from simgen.plugin.scene import AnnotatorStep, Scene
from simgen.records.annotations import Annotations, Unlabelled
from simgen.records.frame import RenderedFrame
from simgen.records.sample import Extras, Sample
from simgen.records.world import World
from simgen.sampling.streams import KeyedStream

Labels = tuple[Annotations, tuple[Unlabelled, ...]]


def annotator_outputs(scene: Scene) -> list[str]:
    """Outputs that the scene's annotators add."""
    return [
        output
        for step in scene.annotators
        for output in sorted(getattr(step.plugin, "outputs", frozenset()))
    ]


def annotate_more(
    scene: Scene,
    seed: int,
    rendered: RenderedFrame,
    world: World,
    labels: Labels,
    library: Library,
) -> Extras:
    """What all annotators of the scene add to a frame.

    Raises:
        PluginError: one gave columns that do not fit the labels, or two gave the same.
    """
    columns: dict[str, Any] = {}
    captions: tuple[str, ...] = ()
    arrays: dict[str, NDArray[Any]] = {}
    if not scene.annotators:
        return Extras()
    sample = sample_of(rendered, world, labels)
    for step in scene.annotators:
        rng = KeyedStream(seed, "frame", sample.frame, f"annotators.{step.key}")
        found = step.plugin.annotate(sample, library, rng.child("settings").draw(step.params), rng)
        _check(step, found, sample, columns)
        columns |= found.columns
        captions += found.captions
        arrays |= found.arrays
    return Extras(columns, captions, arrays)


def sample_of(rendered: RenderedFrame, world: World, labels: Labels) -> Sample:
    """A rendered frame as a sample; nothing is copied."""
    spec, geometry = rendered.spec, rendered.geometry
    return Sample(
        rendered.rgb,
        labels[0],
        spec.frame,
        spec.world,
        spec.view,
        instances=geometry.instances,
        depth_m=geometry.depth_m,
        normals=geometry.normals,
        albedo=rendered.albedo,
        camera=spec.camera,
        exposure=spec.exposure,
        exposure_ev=rendered.exposure_ev,
        agreement=rendered.agreement,
        unlabelled=labels[1],
        scene=world,
    )


def _check(step: AnnotatorStep, found: Extras, sample: Sample, before: dict[str, Any]) -> None:
    where = f"annotators.{step.key} ({step.kind}), frame {sample.frame}"
    for name, column in found.columns.items():
        if len(column) != len(sample.annotations):
            what = f"column {name!r} has {len(column)} values for {len(sample.annotations)} labels"
            raise PluginError(Fault(where, what, "a bug of the annotator"))
        if name in before or name in Annotations.__dataclass_fields__:
            what = f"there is a column {name!r} already"
            raise PluginError(Fault(where, what, "ask for one annotator of a kind"))
