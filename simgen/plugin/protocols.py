"""What each kind of plugin must offer, and what it is given to work with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Asset, Image, Surface
from simgen.records.frame import FrameSpec, RenderedFrame
from simgen.records.marks import Marks
from simgen.records.material import Material, Texture
from simgen.records.pose import Pose, Vec3
from simgen.records.world import AssetRef, Draft, DraftObject, Environment, World, WorldObject
from simgen.spec.fields import Params

T = TypeVar("T")


class Stream(Protocol):
    """A keyed random stream: the same seed, index and name always give the same numbers."""

    def child(self, name: str) -> Stream:
        """An independent stream, named below this one; draws here do not move draws there."""

    def random(self) -> float:
        """A number in [0, 1)."""

    def uniform(self, low: float, high: float) -> float:
        """A number in [low, high)."""

    def normal(self, mean: float = 0.0, std: float = 1.0) -> float:
        """A normal number."""

    def integer(self, low: int, high: int) -> int:
        """A whole number, both ends included."""

    def choice(self, items: Sequence[T]) -> T:
        """One of the items, all equally likely."""

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in random order."""

    def direction(self) -> Vec3:
        """A unit vector, uniform on the sphere."""

    def rotation(self) -> tuple[float, float, float, float]:
        """A uniform rotation (SO(3)) as unit quaternion w, x, y, z."""

    def draw(self, setting: T) -> T:
        """`setting` with every distribution in it replaced by a draw, each keyed by its path."""


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


@dataclass(frozen=True)
class Settled:
    """What became of bodies that were dropped, in the order given.

    Args:
        poses: at rest.
        problems: "" or why this body cannot stay (`fell off`, `did not settle`,
            `interpenetrates parts.2`).
    """

    poses: tuple[Pose, ...]
    problems: tuple[str, ...]


class Kit(Protocol):
    """What scene types are given: the drawn objects, their geometry, physics."""

    @property
    def objects(self) -> tuple[DraftObject, ...]:
        """Objects and distractors of this world, drawn, not yet placed."""

    @property
    def collections(self) -> tuple[str, ...]:
        """Keys of all collections of the scene, those without objects in this world included."""

    def hull_m(self, thing: DraftObject) -> NDArray[np.float64]:
        """Vertices float64[N, 3] of the convex hull in the object's frame, scaled."""

    def bounds_m(self, thing: DraftObject) -> NDArray[np.float64]:
        """Smallest and largest corner in the object's frame, scaled, float64[2, 3]."""

    def box(
        self, name: str, size_m: Vec3, pose: Pose, material: Material, index: int = 0
    ) -> DraftObject:
        """A support (table, wall, shelf board): a box centred at `pose`.

        Args:
            name: settings call it `scene.NAME`; several of one name are told apart by `index`.
        """

    def support(
        self,
        name: str,
        asset: str,
        settings: Mapping[str, Any],
        pose: Pose,
        materials: Mapping[str, Material] | None = None,
        index: int = 0,
    ) -> DraftObject:
        """A support made by an asset source: its first variant with these concrete settings.

        Args:
            asset: name of the source.
            materials: instead of the asset's own, by slot; `*` is every slot.
            name, index: as in `box`.

        Raises:
            AssetError: the settings do not fit the source.
            PluginError: there is no such source.
        """

    def settle(
        self,
        bodies: Sequence[DraftObject],
        fixed: Sequence[DraftObject] = (),
        *,
        floor: bool = True,
        walls_m: float | None = None,
        collision: str = "hull",
        max_seconds: float = 4.0,
    ) -> Settled:
        """Drop posed bodies onto fixed ones (and the floor z = 0) until they rest."""

    def collides(
        self, things: Sequence[DraftObject], *, collision: str = "hull"
    ) -> list[tuple[int, int, float]]:
        """Pairs of posed things that touch: indices and penetration depth in metres."""


class SceneType(Protocol):
    """Group `simgen.scene_types`: lays a world out."""

    api: ClassVar[int]
    Params: ClassVar[type[Params]]

    def layout(self, params: Any, kit: Kit, rng: Stream) -> Draft:
        """A draft with every object placed or counted as dropped. Params arrive drawn."""

    def radius_m(self, params: Any) -> float:
        """Everything lies within this distance of the origin, supports included."""


class Randomizer(Protocol):
    """Group `simgen.randomizers`: changes a draft. Params arrive undrawn: use `rng.draw`."""

    api: ClassVar[int]
    Params: ClassVar[type[Params]]

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """A new draft; the input stays untouched."""


class Library(Protocol):
    """What engines are given: recipes realised as arrays, cached."""

    def asset(self, ref: AssetRef) -> Asset:
        """The asset, its digest checked."""

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
    an engine without it makes neither.
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

    Deriving from `simgen.detect.detector.TorchDetector` gives both methods to any network that
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
