"""What each kind of plugin must offer, and what it is given to work with.

What scene types are given, `Kit`, has a file of its own, and so has `Stream`, which everything
that draws is given; both are known here too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.kit import Kit as Kit
from simgen.plugin.kit import Placed as Placed
from simgen.plugin.kit import Platform as Platform
from simgen.plugin.kit import Settled as Settled
from simgen.plugin.stream import Stream as Stream
from simgen.records.asset import Asset, Image, Surface
from simgen.records.frame import FrameSpec, RenderedFrame
from simgen.records.marks import Marks
from simgen.records.material import Texture
from simgen.records.pose import Pose
from simgen.records.world import AssetRef, Draft, Environment, World, WorldObject
from simgen.spec.fields import Params


@dataclass(frozen=True)
class Variant:
    """One of the things that an asset source can make.

    Args:
        name: unique in the source; also `{name}` in category templates by default.
        attributes: further names for templates (`rank`, `suit`); `name` may be replaced here.
        key: decides about train or test (`split:`); must not depend on what other variants
            there are. Default: `name`.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    key: str = ""


class AssetSource(Protocol):
    """Group `simgen.assets`: makes assets. Draws nothing: its Params arrive drawn.

    A source that derives from this class need not write what it does not have: states, marks.
    """

    api: ClassVar[int]
    Params: ClassVar[type[Params]]

    def variants(self, params: Any) -> Sequence[Variant]:
        """Everything this source can make, in a fixed order, cheap. Params may be undrawn."""

    def state_values(self, params: Any) -> Mapping[str, tuple[str, ...]]:
        """States and all their values: `{"top": ("one", ..., "six")}`; default: none.

        Params may be undrawn: a state that a setting fixes (open, closed) has the values that
        the setting can give.
        """
        return {}

    def states(self, params: Any, variant: str, pose: Pose) -> dict[str, str]:
        """The states of these drawn params in this pose: `{"top": "six"}`; default: none."""
        return {}

    def marks(self, params: Any, variant: str) -> Marks:
        """Names of keypoints and bones, cheap; default: none. Params may be undrawn.

        What `build` gives may lack some of them (a mug without a handle), never have others.
        """
        return Marks()

    def build(self, params: Any, variant: str) -> Asset:
        """The asset. Same arguments, same arrays.

        Raises:
            AssetError: the files cannot be used.
        """


class SceneType(Protocol):
    """Group `simgen.scene_types`: lays a world out.

    `spots`, which may be left out, says that objects with a `spot` are put there, or nearby.
    """

    api: ClassVar[int]
    Params: ClassVar[type[Params]]

    def layout(self, params: Any, kit: Kit, rng: Stream) -> Draft:
        """A draft with every object placed or counted as dropped. Params arrive drawn."""

    def radius_m(self, params: Any) -> float:
        """Everything lies within this distance of the origin, supports included."""


class Randomizer(Protocol):
    """Group `simgen.randomizers`: changes a draft. Params arrive undrawn: use `rng.draw`.

    `identity` holds settings with which it changes nothing (zero widths, no probability); None
    where there are none, because it always puts something in place.

    `stage` says when; it may be left out. `objects`: before anything is placed; the draft holds
    the drawn objects without poses, which may be changed (`scale`, `asset` with a `shape`),
    taken away, given a `spot`, or joined by distractors; `view` is the camera that the world's
    first frame would have, and `framing` says what all its views are to take in. `world`: after
    everything is placed. `view`: for every frame; the draft holds `view`, the camera.

    One that puts surfaces or cameras farther away than the scene says has a method
    `far_m(params, bound_m)`: the largest depth with it, given the one without it.

    What a randomizer adds (objects, lamps, facts) is named below its key by the sampler. An
    asset that it wants is a wish: an `AssetRef` with the digest "".
    """

    api: ClassVar[int]
    Params: ClassVar[type[Params]]
    stage: ClassVar[str] = "world"

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """A new draft; the input stays untouched."""


class Library(Protocol):
    """What engines are given: recipes realised as arrays, cached."""

    def asset(self, ref: AssetRef) -> Asset:
        """The asset, its digest checked."""

    def bounds_m(self, ref: AssetRef) -> NDArray[np.float64]:
        """Smallest and largest corner in the asset's frame, unscaled, float64[2, 3]."""

    def surfaces(self, thing: WorldObject) -> tuple[Surface, ...]:
        """One surface per slot of the object's asset, overrides of the world applied."""

    def texture(self, texture: Texture) -> Image:
        """uint8[H, W, 3] sRGB."""

    def environment(self, environment: Environment) -> NDArray[np.float32]:
        """Radiance float32[H, W, 3], equirectangular in world axes, strength and rotation in.

        Row 0 is straight up; column 0 is azimuth -180 deg, growing counter-clockwise seen
        from above, so that the image's centre is +x.
        """


class RenderSession(AbstractContextManager["RenderSession"], Protocol):
    """An open engine."""

    def render(self, world: World, frames: Iterable[FrameSpec]) -> Iterator[RenderedFrame]:
        """Each frame of one world, in order."""


class Renderer(Protocol):
    """Group `simgen.renderers`: makes images and geometry.

    `outputs` names what the engine can make besides colour and geometry: `albedo`, `passes`;
    an engine without it makes neither. Optional: `needs(params) -> records.needs.Needs`, what a
    worker with this engine takes of a machine.
    """

    api: ClassVar[int]
    Params: ClassVar[type[Params]]
    outputs: ClassVar[frozenset[str]]

    def open(
        self, params: Any, library: Library, threads: int, outputs: Collection[str]
    ) -> RenderSession:
        """An engine ready to render.

        Args:
            params: the preset's section for this engine.
            threads: that it may use; 0 is all.
            outputs: of the run; what is not among them need not be computed.
        """


class Detector(Protocol):
    """Group `simgen.detectors`: learns to find objects, then finds them.

    Deriving from `simgen.plugin.TorchDetector` gives both methods to any network that
    follows torchvision's calling convention; such a class names `build`, a
    `module:function(params, categories)`.
    """

    api: ClassVar[int]
    Params: ClassVar[type[Params]]
    build: ClassVar[str]
    learning_rate: ClassVar[float]

    def train(
        self, job: Any, out: Path, listen: Callable[[dict[str, Any]], None] | None = None
    ) -> dict[str, Any]:
        """Train a `simgen.detect.job.TrainJob` into `out`, or go on there; gives the card."""

    def predict(
        self, folder: Path, listing: Any, settings: Any, advance: Callable[[int], None]
    ) -> list[Any]:
        """Rows of COCO results for a `simgen.detect.listing.Listing`."""
