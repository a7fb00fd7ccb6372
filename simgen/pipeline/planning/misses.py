"""Which wishes a plan does not bring, how near they come, and what to change in the scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simgen.errors import Fault
from simgen.pipeline.planning.pilot import Tally
from simgen.pipeline.planning.quotas import CasePlan
from simgen.plugin.scene import Scene
from simgen.spec.faults import place


@dataclass(frozen=True)
class ClassPlan:
    """One category.

    Args:
        wanted, natural: shares of the labels: asked for, and of the scene as it was.
        expected: under the final weights, by the rates of all pilots.
        measured: of the last pilot's labels, before its rates corrected the weights once more.
    """

    wanted: float
    natural: float
    expected: float
    measured: float


def class_faults(
    scene: Scene, classes: Mapping[str, ClassPlan], tallies: Sequence[Tally]
) -> list[Fault]:
    """A fault for each category whose share the plan does not bring."""
    balance = scene.file.balance
    if balance is None:
        return []
    seen = {name for tally in tallies for _, _, name in tally.labels}
    faults = []
    for name, row in classes.items():
        if abs(row.expected - row.wanted) <= balance.tolerance * max(row.wanted, 1e-3):
            continue
        where = place(scene.document, ("balance", "classes", name))
        what = f"{name}: wanted {row.wanted:.3f} of the labels, {row.expected:.3f} in reach"
        cure = "widen the `count` of its collection (from 0), or give it assets of its own"
        if name not in seen:
            what += f"; none of {sum(t.frames for t in tallies)} pilot frames shows one"
            cure = "look at what hides or drops it, or at `labels.min_pixels`"
        faults.append(Fault(where, what, cure + "; --force writes the nearest plan"))
    return faults


def case_faults(scene: Scene, cases: Mapping[str, CasePlan]) -> list[Fault]:
    """A fault for each edge case whose quota the plan does not bring."""
    faults = []
    for name, case in cases.items():
        if case.expected >= case.share * 0.98:
            continue
        where = place(scene.document, ("stress", name))
        what = (
            f"wanted {case.share:.3f}, {case.expected:.3f} in reach "
            f"({case.best:.3f} if every frame were chosen for it; a view is found in "
            f"{100 * case.met:.0f} % of the frames)"
        )
        cure = _WIDEN[name] + "; --force writes the nearest plan"
        faults.append(Fault(where, what, cure))
    return faults


_WIDEN = {
    "heavy_occlusion": "raise `count`, lower camera.elevation_deg, or raise stress.tries",
    "truncation": "raise camera.look_at_jitter_m or lower distance_m, or raise stress.tries",
    "tiny": "raise camera.distance_m or fov_deg, lower `scale`, or raise stress.tries",
    "unusual_pose": "widen camera.elevation_deg or roll_deg, or the objects' poses",
    "extreme_light": "widen camera.exposure.ev or the lamps' power, or raise stress.tries",
}
