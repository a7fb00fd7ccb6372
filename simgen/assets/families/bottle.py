"""Asset source `bottle`: bottles and jars of glass and plastic, labelled, closed or opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.closure import closure_of, closure_values
from simgen.assets.families.assembly import Seed
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Color, Marks, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset
from simgen.records.pose import Pose

Kind = Literal["wine", "burgundy", "beer", "water", "soda", "milk", "sauce", "jar"]


class BottleParams(Oriented):
    """Which bottles, how large, of what colour."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind), description="shapes to draw from; `name` is bottle, of `jar` jar"
    )
    height_m: Sampled[Positive] | None = Field(
        None, description="with its cap on, m; default: the kind's own"
    )
    diameter_m: Sampled[Positive] | None = Field(
        None, description="of the body, m; default: the kind's own"
    )
    open: Sampled[bool] = Field(
        False, description="state `closure`: the cap is off and the bottle empty"
    )
    color: Color | None = Field(
        None, description="of the glass or plastic with what is in it; default: by kind and `seed`"
    )
    clearness: Sampled[Unit] | None = Field(None, description="0 opaque, 1 clear; default: by kind")
    roughness: Sampled[Unit] = Field(0.05, description="of glass and plastic; 0 mirror, 1 chalk")
    cap_color: Color | None = Field(None, description="default: by kind and `seed`")
    label: Sampled[bool] = Field(True, description="it carries a printed label")
    label_color: Color | None = Field(
        None, description="ground of the label; default: chosen by `seed`"
    )
    label_roughness: Sampled[Unit] = Field(0.45, description="0 mirror, 1 chalk")
    seed: Sampled[Seed] = Field(0, description="chooses colours and the design of the label")


class Bottle(OrientedSource):
    """A bottle or jar standing on z = 0; slots `body`, `label`, `cap`.

    States: `orientation`, `closure` (open, closed). Keypoints: `base` and `top` (centres), `neck`
    (on the front where the shoulder ends), `front` (middle of the label, towards -y). Parts:
    `body`, `label`, `cap`. A closed bottle is full: one clear body; an open one is a hollow shell.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = BottleParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind; attributes `name` (bottle or jar), `kind`."""
        names = {kind: "jar" if kind == "jar" else "bottle" for kind in params.kinds}
        return [Variant(kind, {"name": name, "kind": kind}) for kind, name in names.items()]

    def state_values(self, params: Any) -> Mapping[str, tuple[str, ...]]:
        """`orientation` and `closure`."""
        return {**super().state_values(params), "closure": closure_values(params.open)}

    def states(self, params: Any, variant: str, pose: Pose) -> dict[str, str]:
        """Tilt, and whether it is open."""
        return {**super().states(params, variant, pose), "closure": closure_of(params.open)}

    def marks(self, params: Any, variant: str) -> Marks:
        """`base`, `neck`, `top`, `front`."""
        return Marks(("base", "neck", "top", "front"), (("base", "neck"), ("neck", "top")))

    def build(self, params: Any, variant: str) -> Asset:
        """Closed; the label's UVs run once around.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.bottle_shape import bottle_asset

        return bottle_asset(params, variant)
