"""Plugins that break one law each, made from good ones."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from typing import Any, ClassVar

import numpy as np
from pydantic import ConfigDict, Field

from simgen.assets.box import Box
from simgen.augment.operators.erase import Erase
from simgen.errors import DataError, Fault
from simgen.plugin import NonNegative, Number, Params, Sampled, Unit
from simgen.plugin.registry import Registry
from simgen.records.frame import RenderedFrame
from simgen.records.pose import Pose
from simgen.render.raycast import Raycast
from simgen.sampling.randomizers.backdrop import Backdrop
from simgen.sampling.scene_types.flying import Flying


def registry(group: str, plugin: str) -> Registry:
    """The installed plugins and one of these, under the name `wrong`."""
    found = Registry.installed()
    point = EntryPoint("wrong", f"wrong_plugins:{plugin}", f"simgen.{group}")
    found.points[group].append(point)
    return found


# Of any kind.
class Speechless(Flying):
    pass


Speechless.__doc__ = None


class Rambling(Flying):
    """No sentence"""


class Undescribed(Flying):
    """A setting without description."""

    class Params(Flying.Params):  # type: ignore[name-defined]
        """Settings."""

        step: Unit = 0.5


class Unbounded(Flying):
    """A number without bounds."""

    class Params(Flying.Params):  # type: ignore[name-defined]
        """Settings."""

        step_m: Number = Field(0.5, description="a step, m")


class Unitless(Flying):
    """A number with an open end and no unit."""

    class Params(Flying.Params):  # type: ignore[name-defined]
        """Settings."""

        step: Sampled[NonNegative] = Field(0.5, description="a step")


class Lenient(Flying):
    """Takes any setting."""

    class Params(Flying.Params):  # type: ignore[name-defined]
        """Settings."""

        model_config = ConfigDict(frozen=True, extra="allow")


class BadExample(Flying):
    """Its example is refused."""

    example: ClassVar[dict[str, Any]] = {"scene": {"type": "wrong"}, "objets": {}}


# Scene types.
class GlobalDice(Flying):
    """Draws from the process's generator."""

    def layout(self, params: Any, kit: Any, rng: Any) -> Any:
        return replace(super().layout(params, kit, rng), facts={"luck": random.random()})


class NumpyDice(Flying):
    """Draws from numpy's generator."""

    def layout(self, params: Any, kit: Any, rng: Any) -> Any:
        return replace(super().layout(params, kit, rng), facts={"luck": float(np.random.rand())})


class Counting(Flying):
    """Remembers how often it was called."""

    calls = 0

    def layout(self, params: Any, kit: Any, rng: Any) -> Any:
        Counting.calls += 1
        return replace(super().layout(params, kit, rng), facts={"calls": Counting.calls})


class Reaching(Flying):
    """Says that it is smaller than it is."""

    def radius_m(self, params: Any) -> float:
        return 0.05


class Lying(Flying):
    """Gives drafts a larger radius than it promised."""

    def layout(self, params: Any, kit: Any, rng: Any) -> Any:
        draft = super().layout(params, kit, rng)
        return replace(draft, radius_m=draft.radius_m + 1)


class Losing(Flying):
    """Loses an object and does not count it."""

    def layout(self, params: Any, kit: Any, rng: Any) -> Any:
        draft = super().layout(params, kit, rng)
        return replace(draft, objects=draft.objects[1:])


class Changing(Flying):
    """Makes objects larger."""

    def layout(self, params: Any, kit: Any, rng: Any) -> Any:
        draft = super().layout(params, kit, rng)
        return replace(draft, objects=tuple(replace(t, scale=1.1) for t in draft.objects))


class Piling(Flying):
    """Puts everything almost in one place: in one and the same, none would be seen."""

    def layout(self, params: Any, kit: Any, rng: Any) -> Any:
        draft = super().layout(params, kit, rng)
        places = (Pose((0.01 * n, 0.0, 0.0)) for n in range(len(draft.objects)))
        things = zip(draft.objects, places, strict=True)
        return replace(draft, objects=tuple(replace(t, pose=pose) for t, pose in things))


class Unplain(Flying):
    """Facts that JSON does not know."""

    def layout(self, params: Any, kit: Any, rng: Any) -> Any:
        return replace(super().layout(params, kit, rng), facts={"x": np.float64(1.0)})


class Broken(Flying):
    """Falls over."""

    def layout(self, params: Any, kit: Any, rng: Any) -> Any:
        raise RuntimeError("fell over")


# Asset sources.
class Restless(Box):
    """Other arrays every time."""

    def build(self, params: Any, variant: str) -> Any:
        asset = super().build(params, variant)
        moved = asset.mesh.vertices_m + np.float32(random.random())
        return replace(asset, mesh=replace(asset.mesh, vertices_m=moved))


class Twice(Box):
    """Two variants of one name."""

    def variants(self, params: Any) -> Any:
        return [*super().variants(params)] * 2


class Unlicensed(Box):
    """Made by code, of unknown licence."""

    def build(self, params: Any, variant: str) -> Any:
        return replace(super().build(params, variant), licence="unknown")


class InsideOut(Box):
    """Faces turned inwards."""

    def build(self, params: Any, variant: str) -> Any:
        asset = super().build(params, variant)
        mesh = asset.mesh
        turned = replace(mesh, faces=mesh.faces[:, ::-1].copy(), normals=-mesh.normals[:, ::-1])
        return replace(asset, mesh=turned)


class WrongNormals(Box):
    """Normals that point inwards."""

    def build(self, params: Any, variant: str) -> Any:
        asset = super().build(params, variant)
        return replace(asset, mesh=replace(asset.mesh, normals=-asset.mesh.normals))


class Millimetres(Box):
    """Thinks in millimetres."""

    def build(self, params: Any, variant: str) -> Any:
        asset = super().build(params, variant)
        grown = asset.mesh.vertices_m * np.float32(1e7)
        return replace(asset, mesh=replace(asset.mesh, vertices_m=grown))


class NoCoordinates(Box):
    """No UVs."""

    def build(self, params: Any, variant: str) -> Any:
        asset = super().build(params, variant)
        return replace(asset, mesh=replace(asset.mesh, uv=None))


class Stateful(Box):
    """A state that it did not declare."""

    def states(self, params: Any, variant: str, pose: Pose) -> dict[str, str]:
        return {"mood": "good"}


class Unmarked(Box):
    """Keypoints that it did not declare."""

    def marks(self, params: Any, variant: str) -> Any:
        return type(super().marks(params, variant))()


# Randomizers.
class Vandal(Backdrop):
    """Writes into the draft it is given."""

    def apply(self, draft: Any, params: Any, rng: Any) -> Any:
        draft.facts["been"] = "here"
        draft.objects[0].attributes["been"] = "here"
        return super().apply(draft, params, rng)


class Idle(Backdrop):
    """Never does anything."""

    def apply(self, draft: Any, params: Any, rng: Any) -> Any:
        return draft


class Stubborn(Backdrop):
    """Does something even with probability 0."""

    def apply(self, draft: Any, params: Any, rng: Any) -> Any:
        return super().apply(draft, params.model_copy(update={"probability": 1.0}), rng)


class Silent(Backdrop):
    """Does not say when it changes nothing."""

    identity: ClassVar[Any] = "never"


class Whimsical(Backdrop):
    """Follows the process's generator."""

    def apply(self, draft: Any, params: Any, rng: Any) -> Any:
        done = super().apply(draft, params, rng)
        return replace(done, facts={**done.facts, "luck": random.random()})


# Renderers.
class _Session:
    """Changes what the ray caster makes."""

    def __init__(self, inner: Any, change: Any) -> None:
        self.inner, self.change = inner, change

    def __enter__(self) -> _Session:
        self.inner.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.inner.__exit__(*error)

    def render(self, world: Any, frames: Any) -> Iterator[RenderedFrame]:
        for frame in self.inner.render(world, frames):
            yield self.change(frame)


class _Changed(Raycast):
    """A ray caster whose frames are changed."""

    def change(self, frame: RenderedFrame) -> RenderedFrame:
        return frame

    def open(self, params: Any, library: Any, threads: int = 0, outputs: Any = ()) -> Any:
        return _Session(super().open(params, library, threads, outputs), self.change)


class Ghosts(_Changed):
    """Ids of things that are not there."""

    def change(self, frame: RenderedFrame) -> RenderedFrame:
        ids = np.where(frame.geometry.instances > 0, 99, 0).astype(np.int32)
        return replace(frame, geometry=replace(frame.geometry, instances=ids))


class Mirrored(_Changed):
    """Left and right exchanged."""

    def change(self, frame: RenderedFrame) -> RenderedFrame:
        g = frame.geometry
        flipped = replace(g, instances=g.instances[:, ::-1], depth_m=g.depth_m[:, ::-1],
                          normals=g.normals[:, ::-1])  # fmt: skip
        return replace(frame, geometry=flipped)


class Shallow(_Changed):
    """Half the depth."""

    def change(self, frame: RenderedFrame) -> RenderedFrame:
        g = frame.geometry
        return replace(frame, geometry=replace(g, depth_m=g.depth_m / 2))


class Noisy(_Changed):
    """Other noise every time."""

    def change(self, frame: RenderedFrame) -> RenderedFrame:
        rgb = frame.rgb.copy()
        rgb[0, 0] = random.randrange(256)
        rgb[0, 1] = random.randrange(256)
        return replace(frame, rgb=rgb)


class Dark(_Changed):
    """Nothing to be seen."""

    def change(self, frame: RenderedFrame) -> RenderedFrame:
        return replace(frame, rgb=np.zeros_like(frame.rgb))


class Boastful(_Changed):
    """Names an output that it does not make."""

    outputs: ClassVar[frozenset[str]] = frozenset({"albedo", "passes"})


# Detectors.
class _Hasty:
    """Answers without looking."""

    api: ClassVar[int] = 1
    build: ClassVar[str] = ""
    learning_rate: ClassVar[float] = 0.1
    rows: ClassVar[list[dict[str, Any]]] = []

    class Params(Params):
        """None."""

    def train(self, job: Any, out: Any, listen: Any = None) -> dict[str, Any]:
        out.mkdir(parents=True)
        names = [{"id": 1, "name": "red"}, {"id": 2, "name": "blue"}]
        card = {"detector": "wrong", "build": "", "categories": names}
        (out / "card.json").write_text(json.dumps(card))
        return card

    def predict(self, folder: Any, listing: Any, settings: Any, advance: Any) -> list[Any]:
        return list(self.rows)


class Empty(_Hasty):
    """Finds boxes without area."""

    rows: ClassVar[list[dict[str, Any]]] = [
        {"image_id": 1, "category_id": 1, "bbox": [1.0, 1.0, 0.0, 3.0], "score": 0.5}
    ]


class Blind(_Hasty):
    """Finds nothing, ever."""


# Augmenters.
class Sloppy(Erase):
    """Boxes stay as they were."""

    def augment(self, samples: Any, params: Any, rng: Any) -> Any:
        out = super().augment(samples, params, rng)
        old = dict(
            zip(samples[0].annotations.instance, samples[0].annotations.box_xywh_px, strict=True)
        )
        boxes = tuple(old[i] for i in out.annotations.instance)
        return replace(out, annotations=replace(out.annotations, box_xywh_px=boxes))


class Greedy(Erase):
    """Labels come twice."""

    def augment(self, samples: Any, params: Any, rng: Any) -> Any:
        out = super().augment(samples, params, rng)
        labels = out.annotations
        twice = labels.take([*range(len(labels)), *range(len(labels))])
        fresh = tuple(range(1, len(twice) + 1))
        return replace(out, annotations=replace(twice, instance=fresh), instances=None)


class Overwriting(Erase):
    """Paints into what it was given."""

    def augment(self, samples: Any, params: Any, rng: Any) -> Any:
        samples[0].rgb[:4] = 0
        return super().augment(samples, params, rng)


class Moody(Erase):
    """Another picture every time."""

    def augment(self, samples: Any, params: Any, rng: Any) -> Any:
        out = super().augment(samples, params, rng)
        noise = np.uint8(random.randrange(256))
        return replace(out, rgb=out.rgb ^ noise)


class Silenced(Erase):
    """Says nothing of what it did."""

    def augment(self, samples: Any, params: Any, rng: Any) -> Any:
        return replace(super().augment(samples, params, rng), provenance=())


class Guessing(Erase):
    """Refuses box-only labels without a reason."""

    def augment(self, samples: Any, params: Any, rng: Any) -> Any:
        if any(mask is None for mask in samples[0].annotations.mask):
            raise DataError(Fault("here", "no", ""))
        return super().augment(samples, params, rng)


class Revealing(Erase):
    """Says that all is to be seen."""

    def augment(self, samples: Any, params: Any, rng: Any) -> Any:
        out = super().augment(samples, params, rng)
        labels = out.annotations
        return replace(
            out, annotations=replace(labels, visibility=tuple(2.0 for _ in labels.visibility))
        )
