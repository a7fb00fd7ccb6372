"""World: everything in a scene with final numbers; Draft: the same while it is being made.

A `Draft` is what scene types and randomizers pass along; `sampling.freeze` turns it into a
`World` (ids, categories, checks). Both are frozen: a stage returns a new one
(`dataclasses.replace`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from simgen.records.absent import leave_out
from simgen.records.camera import Camera
from simgen.records.deformation import Deformation
from simgen.records.exposure import Exposure
from simgen.records.finish import Finish
from simgen.records.material import FileRef, Material, Rgb, Texture
from simgen.records.places import Framing, Spot
from simgen.records.pose import Pose, Vec3, Velocity

_INSTANCE = re.compile(r"\b([A-Za-z_][A-Za-z0-9_-]*)\.\d+\b")
_MEASURE = re.compile(r" \([^()]*\d[^()]*\)$")  # `larger than the volume (0.52 m across)`


@dataclass(frozen=True)
class AssetRef:
    """An asset by plugin, drawn parameters and content; never by absolute path.

    Args:
        plugin: name in the `simgen.assets` group.
        collection: dotted scene-file path of the collection (`objects.parts`), or the scene
            type's own (`scene.table`); tells the library which roots to read from.
        variant: which of the source's variants (a mesh's relative name, `queen-hearts`, ...).
        params: the drawn, concrete parameters without path settings.
        digest: content hash of everything above plus the files' bytes; checked when loaded.
            "" is a wish, of a randomizer: the sampler fills in what the library makes of it.
        shape: bends and twists, in order; None: as the source makes it.
    """

    plugin: str
    collection: str
    variant: str
    params: dict[str, Any]
    digest: str
    shape: tuple[Deformation, ...] | None = None

    def __post_init__(self) -> None:
        leave_out(self, "shape")


@dataclass(frozen=True)
class DraftObject:
    """One object of a draft; `pose` is None until a scene type has placed it.

    Args:
        collection: the user's key in `objects` (or the scene type's own name for supports).
        index: number inside the collection.
        role: `object` may carry a label, `distractor` never does, `support` (table, floor)
            is background: instance id 0.
        attributes: drawn and asset attributes for category templates (`color`, `rank`).
        materials: overrides by material slot name; "*" is every slot. Empty: the asset's own.
        scale: uniform factor on the asset's metres.
        slots: names of the asset's material slots; empty if nobody said.
        velocity: how it moves while a shutter is open; None rests.
        finish: what has happened to its surface, in order.
        extent_m: edges of the drawn asset's bounding box, unscaled and before it is deformed;
            None if nobody said.
        spot: where a randomizer wants it; scene types with `spots` put it there or nearby.
    """

    collection: str
    index: int
    asset: AssetRef
    role: Literal["object", "distractor", "support"] = "object"
    attributes: dict[str, str] = field(default_factory=dict)
    materials: dict[str, Material] = field(default_factory=dict)
    scale: float = 1.0
    pose: Pose | None = None
    slots: tuple[str, ...] = ()
    velocity: Velocity | None = None
    finish: tuple[Finish, ...] = ()
    extent_m: Vec3 | None = None
    spot: Spot | None = None

    @property
    def name(self) -> str:
        """Unique name inside a world, `parts.3`; also the name of its random streams."""
        return f"{self.collection}.{self.index}"


@dataclass(frozen=True)
class Light:
    """A lamp in Blender's units.

    Args:
        kind: point, area, sun or spot.
        power: watts of radiant flux; for a sun W/m^2 of irradiance.
        color: linear sRGB, largest component 1.
        pose: the lamp shines along its local -z (as Blender's lamps do).
        radius_m: radius of a point or spot lamp's sphere; gives soft shadows.
        size_m: edge lengths of an area lamp's rectangle.
        angle_deg: a sun's angular diameter, or a spot's full cone.
        blend: soft fraction of a spot's cone.
    """

    name: str
    kind: Literal["point", "area", "sun", "spot"]
    power: float
    color: Rgb = (1.0, 1.0, 1.0)
    pose: Pose = field(default_factory=Pose)
    radius_m: float = 0.0
    size_m: tuple[float, float] = (0.0, 0.0)
    angle_deg: float = 0.5
    blend: float = 0.15


@dataclass(frozen=True)
class Environment:
    """Light from everywhere.

    Args:
        kind: `constant` colour, `hdri` file, or procedural `sky`.
        color: linear sRGB of the constant environment.
        strength: factor on radiance.
        rotation_deg: about world z, counter-clockwise seen from above.
        file: equirectangular HDRI; its centre looks along +x before rotation.
        params: concrete numbers of the sky.
    """

    kind: Literal["constant", "hdri", "sky"] = "constant"
    color: Rgb = (1.0, 1.0, 1.0)
    strength: float = 1.0
    rotation_deg: float = 0.0
    file: FileRef | None = None
    params: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PlacementCounts:
    """What became of the objects that were asked for.

    Args:
        requested: objects drawn.
        placed: objects in the world.
        redrawn: placements that were thrown away and drawn again.
        dropped: `name: reason` of objects that found no place.
    """

    requested: int = 0
    placed: int = 0
    redrawn: int = 0
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class DraftView:
    """A view in the making.

    Args:
        camera: of a rig, the camera that its settings would give without the rig.
        exposure: of all its cameras.
        target_m: the point looked at, world.
    """

    camera: Camera
    exposure: Exposure
    target_m: Vec3


def drop_reason(text: str) -> tuple[str, str]:
    """Name and reason of an entry of `PlacementCounts.dropped`; the reason names collections where
    the entry names single objects and no measures, so that reasons can be counted. Without a
    name: ""."""
    name, colon, reason = text.partition(": ")
    plain = _INSTANCE.sub(r"\1", reason if colon else name)
    return (name if colon else ""), _MEASURE.sub("", plain)


@dataclass(frozen=True)
class Draft:
    """A world in the making.

    Args:
        objects: placed or not yet placed objects, supports included.
        lights, environment, background: `background` is painted behind all geometry in
            image space; None shows the environment.
        interest_m: points that cameras look at; empty means the placed objects' centres.
        radius_m: everything of interest lies within this distance of the origin.
        facts: drawn parameters worth slicing by, by dotted name.
        eyes_m: smallest and largest corner of the box that cameras stand in; None: anywhere.
        collections: keys of all collections of the scene, those without objects in this world
            included; what settings may name.
        view: the view of a frame, for randomizers of stage `view`; for those of stage `objects`
            the one that the world's first frame would have, about the origin; otherwise None.
        framing: what views take in, if a randomizer decided that.
    """

    objects: tuple[DraftObject, ...] = ()
    lights: tuple[Light, ...] = ()
    environment: Environment = field(default_factory=Environment)
    background: Texture | None = None
    interest_m: tuple[Vec3, ...] = ()
    radius_m: float = 1.0
    counts: PlacementCounts = field(default_factory=PlacementCounts)
    facts: dict[str, Any] = field(default_factory=dict)
    eyes_m: tuple[Vec3, Vec3] | None = None
    collections: tuple[str, ...] = ()
    view: DraftView | None = None
    framing: Framing | None = None


@dataclass(frozen=True)
class WorldObject:
    """One object of a finished world.

    Args:
        id: 1..N for objects and distractors in order; 0 for supports.
        category: name from the category list, or None for no label.
        Other fields as in `DraftObject`; `states` is what the pose says (`top: six`).
    """

    id: int
    collection: str
    index: int
    role: Literal["object", "distractor", "support"]
    asset: AssetRef
    pose: Pose
    scale: float
    category: str | None
    attributes: dict[str, str]
    states: dict[str, str]
    materials: dict[str, Material]
    velocity: Velocity | None = None
    finish: tuple[Finish, ...] | None = None

    def __post_init__(self) -> None:
        leave_out(self, "velocity", "finish")

    @property
    def name(self) -> str:
        """Unique name inside a world, `parts.3`."""
        return f"{self.collection}.{self.index}"


@dataclass(frozen=True)
class World:
    """A finished world: from here on nothing is random.

    Args:
        index: world number W; frames W * views_per_world ... show it.
        scene_type: plugin that laid it out.
        drawn: what every distribution of the scene file gave, by the name of its stream (of a
            choice: which one), also for objects that found no place; None in old records.
        Other fields as in `Draft`.
    """

    index: int
    scene_type: str
    objects: tuple[WorldObject, ...]
    lights: tuple[Light, ...]
    environment: Environment
    background: Texture | None
    interest_m: tuple[Vec3, ...]
    radius_m: float
    counts: PlacementCounts
    facts: dict[str, Any]
    drawn: dict[str, Any] | None = None
    eyes_m: tuple[Vec3, Vec3] | None = None
    framing: Framing | None = None

    def __post_init__(self) -> None:
        leave_out(self, "drawn", "eyes_m", "framing")

    @property
    def instances(self) -> tuple[WorldObject, ...]:
        """Objects and distractors in the order of their ids (1..N)."""
        return tuple(o for o in self.objects if o.id > 0)
