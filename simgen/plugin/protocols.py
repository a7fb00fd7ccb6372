"""What each kind of plugin must offer, and what it is given to work with."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, TypeVar

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
        problems: "" or why this body cannot stay (`fell off`, `fell through the floor`,
            `exploded`, `did not settle`, `interpenetrates parts.2`). Such a body must be drawn
            again or dropped; what lay on it has to settle once more.
        seconds: simulated time until all was quiet.
    """

    poses: tuple[Pose, ...]
    problems: tuple[str, ...]
    seconds: float = 0.0


@dataclass(frozen=True)
class Platform:
    """A level rectangle that things can rest on: a table's top, a shelf's board, a floor.

    Args:
        name: what drawn places are keyed by, and what messages say.
        pose: of its middle; local z is the world's up, x runs along the width.
        size_m: width and depth.
        headroom_m: free height above it.
        support: the posed support that it belongs to; None: an endless floor.
    """

    name: str
    pose: Pose
    size_m: tuple[float, float]
    headroom_m: float = math.inf
    support: DraftObject | None = None


@dataclass(frozen=True)
class Placed:
    """What became of things that were put onto a platform.

    Args:
        things: with poses, in the order given, without those that found no place.
        dropped: reason by name of the others.
        redrawn: places that were thrown away and drawn again.
    """

    things: tuple[DraftObject, ...]
    dropped: dict[str, str]
    redrawn: int = 0


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

    def contact_m(
        self, thing: DraftObject, collision: str = "auto"
    ) -> tuple[NDArray[np.float64], ...]:
        """Convex pieces float64[N, 3] that physics uses, in the object's frame, scaled."""

    def box(
        self,
        name: str,
        size_m: Vec3,
        pose: Pose,
        material: Material,
        *,
        bevel_m: float = 0.0,
        index: int = 0,
    ) -> DraftObject:
        """A support (table, wall, shelf board): a box centred at `pose`.

        Args:
            name: `scene.NAME` is its collection, which randomizers may target.
            bevel_m: radius of its edges.
            index: tells supports of one name apart.
        """

    def support(
        self,
        name: str,
        asset: str,
        settings: Mapping[str, Any],
        pose: Pose,
        materials: Mapping[str, Material] | None = None,
        *,
        index: int = 0,
    ) -> DraftObject:
        """A support of any shape: what an asset source makes of concrete settings.

        Args:
            asset: an asset source; its first variant is taken.
            settings: of its `Params`, without distributions.
            materials: by slot; "*" is every slot. Default: the asset's own.
        """

    def settle(
        self,
        bodies: Sequence[DraftObject],
        fixed: Sequence[DraftObject] = (),
        *,
        floor: bool = True,
        walls_m: float | None = None,
        collision: str = "auto",
        max_seconds: float = 4.0,
    ) -> Settled:
        """Drop posed bodies onto fixed ones (and the floor z = 0) until they rest.

        Args:
            fixed: posed things that do not move.
            walls_m: half the edge of a square of invisible walls about the origin.
            collision: `hull`; `decompose` for convex pieces; `auto`: pieces of what has dents,
                and of what brings its own.
            max_seconds: simulated time after which a moving body `did not settle`.
        """

    def collides(
        self, things: Sequence[DraftObject], *, collision: str = "auto"
    ) -> list[tuple[int, int, float]]:
        """Pairs of posed things that touch: indices and penetration depth in metres."""

    def platform(
        self, support: DraftObject, *, inset_m: float = 0.0, headroom_m: float = math.inf
    ) -> Platform:
        """The top of a posed box: its upper side, `inset_m` narrower all around."""

    def place_on(
        self,
        things: Sequence[DraftObject],
        platform: Platform,
        rng: Stream,
        *,
        around: Sequence[DraftObject] = (),
        how: Literal["stand", "drop"] = "stand",
        gap_m: float = 0.005,
        yaw_deg: tuple[float, float] = (0.0, 360.0),
        max_tries: int = 40,
        collision: str = "auto",
    ) -> Placed:
        """Put things onto a platform so that they rest there and nothing touches.

        Every place comes from the stream `THING.tryN` (or `THING.dropN`) below `rng`, so a place
        that is drawn again moves no other thing's draws.

        Args:
            around: posed things that must not be touched: walls, what stands there already. The
                platform's own support is always among them.
            how: `stand` on their own base with free yaw, kept apart by their footprints; `drop`:
                with physics, in any pose.
            gap_m: smallest distance of standing things' footprints.
            yaw_deg: range of standing things' yaw about the platform's z.
        """


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
