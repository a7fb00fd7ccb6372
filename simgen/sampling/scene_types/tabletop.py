"""Objects on a table: dropped, standing, in a grid, or thin plates scattered, fanned, stacked."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from simgen.errors import Fault, SceneFileError
from simgen.plugin import (
    Integer,
    Kit,
    MaterialSetting,
    NonNegative,
    Number,
    Params,
    Positive,
    Sampled,
    Stream,
    Unit,
)
from simgen.records.world import Draft, DraftObject
from simgen.sampling.placing.dropping import place_dropped
from simgen.sampling.placing.spotted import place_spotted
from simgen.sampling.placing.standing import Grid, place_grid, place_upright
from simgen.sampling.placing.tally import Space, Tally, ball_m
from simgen.sampling.placing.thin import Spread, place_thin
from simgen.sampling.scene_types.finishes import TABLE_TOPS
from simgen.sampling.scene_types.surroundings import (
    Surroundings,
    eyes_above,
    reach_m,
    surrounded,
    table_of,
)
from simgen.spec.distributions import is_distribution, support
from simgen.spec.faults import suggest

Mode = Literal["drop", "upright", "grid", "scatter", "fan", "stack"]
Range = tuple[Number, Number]
Length = Annotated[Number, Field(gt=0, le=100)]  # in plate lengths
THIN = ("scatter", "fan", "stack")
# Room above the table for objects and heaps; counts into the scene's radius.
_HEADROOM_M = 0.6
# Share of the default region that the objects' bounding circles fill, by placement.
_FILL = {"drop": 0.6, "upright": 0.3, "grid": 0.4, "scatter": 0.6, "fan": 0.25, "stack": 0.2}


def _placement_form(value: Any) -> str:
    return "map" if isinstance(value, dict) and not is_distribution(value) else "mode"


class TabletopParams(Surroundings):
    """Settings of the table and of how objects come to lie on it."""

    placement: Annotated[
        Annotated[Sampled[Mode], Tag("mode")] | Annotated[dict[str, Sampled[Mode]], Tag("map")],
        Discriminator(_placement_form),
    ] = Field("drop", description="one for all, or a map from collection to placement")
    surface: Sampled[MaterialSetting] = Field(
        TABLE_TOPS, description="material of the table; default: woods, melamine, stone"
    )
    table_size_m: tuple[Sampled[Positive], Sampled[Positive]] = Field(
        (1.6, 1.2), description="width and depth of the table top, m; z = 0 is its top"
    )
    area_m: tuple[Sampled[Positive], Sampled[Positive]] | None = Field(
        None, description="region for objects, m; default: a square sized from the objects"
    )
    gap_m: Sampled[NonNegative] = Field(
        0.005, description="smallest distance of standing objects' footprints, m"
    )
    max_tries: Annotated[Integer, Field(ge=1, le=1000)] = Field(
        40, description="places tried per object (at most 4 drops)"
    )
    collision: Literal["auto", "hull", "decompose"] = Field(
        "auto",
        description="shapes for physics: convex hulls, convex pieces (computed once, seconds a "
        "mesh), or pieces of what has dents alone",
    )
    yaw_deg: Range = Field((0.0, 360.0), description="range of standing objects' yaw")
    grid_jitter_m: Sampled[NonNegative] = Field(
        0.0, description="largest offset from the grid along x and y, m"
    )
    face_down: Sampled[Unit] = Field(0.0, description="probability that a plate is face down")
    max_overlap: Sampled[Unit] = Field(
        0.6, description="share of a plate that later plates or groups may cover"
    )
    max_tilt_deg: Sampled[Annotated[Number, Field(gt=0, le=25)]] = Field(
        6.0, description="plates that would lie steeper are placed elsewhere"
    )
    group_size: Annotated[Integer, Field(ge=1)] | None = Field(
        None, description="plates per fan or stack; default: all in one"
    )
    fan_step_deg: Range = Field((9.0, 16.0), description="angle between neighbours in a fan")
    fan_radius: tuple[Length, Length] = Field(
        (0.8, 1.3), description="from a fan's pivot to the plates' centres, plate lengths"
    )
    jitter_m: Sampled[NonNegative] = Field(
        0.0008, description="standard deviation of plates' offsets in fans and stacks, m"
    )
    jitter_deg: Sampled[NonNegative] = Field(
        0.8, description="standard deviation of plates' angles in fans and stacks"
    )


class Tabletop:
    """Objects on a table, dropped with physics, standing, in a grid, or thin plates.

    Thin plates are placed first, then what randomizers want somewhere (as it fell where it is to
    be dropped, else on its own base), then what stands, then what is dropped.
    """

    api: ClassVar[int] = 1
    spots: ClassVar[bool] = True
    Params: ClassVar[type[Params]] = TabletopParams

    def radius_m(self, params: Any) -> float:
        """What stands on the table, or what is beyond it."""
        width, depth = (support(edge)[1] for edge in params.table_size_m)
        return max(_things_reach_m(params), reach_m(params, (width, depth)))

    def layout(self, params: Any, kit: Kit, rng: Stream) -> Draft:
        """Thin plates, then standing objects, then dropped ones; all counted.

        Raises:
            SceneFileError: a placement is for a collection that does not exist, or a thin
                placement meets a thick object.
        """
        modes = _modes(params, kit)
        size = (float(params.table_size_m[0]), float(params.table_size_m[1]))
        table = table_of(params, size, params.surface, kit, rng)
        space = self._space(params, kit, modes, table)
        tally = Tally(kit)
        place = rng.child("place")
        for mode in THIN:
            place_thin(_of(mode, kit, modes), space, _spread(params, mode), tally, place)
        yaw = (float(params.yaw_deg[0]), float(params.yaw_deg[1]))
        wanted = [thing for thing in kit.objects if thing.spot is not None]
        fallen = {thing.name for thing in wanted if modes[thing.collection] == "drop"}
        place_spotted(wanted, fallen, space, yaw, tally, place)
        grid = Grid(float(params.grid_jitter_m), yaw)
        place_grid(_of("grid", kit, modes), space, grid, tally, place)
        place_upright(_of("upright", kit, modes), space, yaw, tally, place)
        place_dropped(_of("drop", kit, modes), space, tally, place)
        facts = {
            "placement": params.placement,
            "area_m": list(space.area_m),
            "beyond": params.beyond,
        }
        return Draft(
            (*tally.in_order(), table, *surrounded(params, size, kit, rng)),
            radius_m=max(space.radius_m, reach_m(params, size)),
            counts=tally.counts(),
            facts=facts,
            eyes_m=eyes_above(),
        )

    def _space(self, params: Any, kit: Kit, modes: dict[str, str], table: DraftObject) -> Space:
        width, depth = (float(params.table_size_m[0]), float(params.table_size_m[1]))
        if params.area_m is None:
            side = _default_side_m(params, kit, modes)
            area = (min(side, width), min(side, depth))
        else:
            area = (min(float(params.area_m[0]), width), min(float(params.area_m[1]), depth))
        return Space(
            area,
            (width, depth),
            float(params.gap_m),
            params.max_tries,
            _things_reach_m(params),
            params.collision,
            fixed=(table,),
            floor=False,
        )


def _things_reach_m(params: Any) -> float:
    """Half the table's diagonal with headroom for what stands on it."""
    width, depth = (support(edge)[1] for edge in params.table_size_m)
    return math.hypot(width / 2, depth / 2, _HEADROOM_M)


def _default_side_m(params: Any, kit: Kit, modes: dict[str, str]) -> float:
    """Edge of a square that the objects' bounding circles fill by the share of their mode."""
    total, widest, fans = 0.0, 0.0, 0
    for thing in kit.objects:
        mode = modes[thing.collection]
        radius = ball_m(kit, thing)[1]
        group = 1.0
        if mode in ("fan", "stack") and thing.spot is None:
            # The plates of a group share one place.
            group = 1.0 / (params.group_size or len(_of(mode, kit, modes)))
            radius *= 2.0 if mode == "fan" else 1.0
            fans += mode == "fan"
        total += group * math.pi * radius**2 / _FILL[mode]
        widest = max(widest, radius)
    return max(math.sqrt(total), 2.2 * widest)


def _modes(params: Any, kit: Kit) -> dict[str, str]:
    """Placement by collection; collections that a map does not name are dropped.

    What randomizers add to plates stands: it is no plate.
    """
    keys = kit.collections
    if isinstance(params.placement, str):
        added = "upright" if params.placement in THIN else params.placement
        return {key: added if "." in key else params.placement for key in keys}
    faults = [
        Fault(f"scene.placement.{key}", f"there is no collection {key!r}", suggest(key, keys))
        for key in params.placement
        if key not in keys
    ]
    if faults:
        raise SceneFileError(faults)
    return {key: params.placement.get(key, "drop") for key in keys}


def _of(mode: str, kit: Kit, modes: dict[str, str]) -> list[DraftObject]:
    things = (thing for thing in kit.objects if thing.spot is None)
    return [thing for thing in things if modes[thing.collection] == mode]


def _spread(params: Any, mode: str) -> Spread:
    return Spread(
        mode,
        float(params.face_down),
        float(params.max_overlap),
        float(params.max_tilt_deg),
        params.group_size,
        (float(params.fan_step_deg[0]), float(params.fan_step_deg[1])),
        (float(params.fan_radius[0]), float(params.fan_radius[1])),
        float(params.jitter_m),
        float(params.jitter_deg),
    )
