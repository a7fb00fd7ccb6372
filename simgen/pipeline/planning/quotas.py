"""Shares of the frames whose views are chosen for edge cases, so that every quota is met.

Each case's view of each pilot frame is looked for as a run will look for it. With a_xy the
in-case labels of case y in a frame chosen for case x, and l_x its labels (x = 0: the ordinary
view), frames drawn with the shares pi hold enough of case y if

    sum_x pi_x (a_xy - s_y l_x) + (1 - sum_x pi_x) (a_0y - s_y l_0) >= 0,

which is linear in pi. The least sum of pi that does it for all cases at once is a linear
programme (HiGHS, Huangfu and Hall 2018); ordinary frames count, and one case's frames may serve
another's quota. A twentieth is added to every quota for the pilot's noise; where quotas are out of
reach, what is lacking is a variable with a high price, so that the others are still met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.errors import SceneFileError, WorkError
from simgen.pipeline.planning.pilot import PilotKit
from simgen.sampling.views import View, in_case, shows
from simgen.spec.quotas import Case, ExtremeLight, Stress

Floats = NDArray[np.float64]
_MARGIN = 1.05
_SHORTFALL = 20.0


@dataclass(frozen=True)
class CasePlan:
    """What a case needs.

    Args:
        share: wanted, of labels (of frames for light).
        natural: share in ordinary views.
        frames: share of the frames whose view is to be chosen for it.
        met: share of such frames in which a view was found.
        best: largest share that choosing every frame for this case alone would give.
        expected: share with all `frames` as planned.
    """

    share: float
    natural: float
    frames: float
    met: float
    best: float
    expected: float


@dataclass
class _Seen:
    """Views of the pilot's frames: the ordinary ones, and those chosen for each case."""

    ordinary: list[View]
    chosen: dict[str, list[View]]
    met: dict[str, int]


def plan_cases(
    kit: PilotKit, stage: str, worlds: int, advance: Callable[[int], None]
) -> dict[str, CasePlan]:
    """Shares of the frames for every case; `expected` below `share` cannot be helped.

    Args:
        kit: scene with the weights of its classes and the usual directions of poses.
        worlds: pilot worlds, the first view of each.
    """
    stress = kit.scene.file.stress
    assert stress is not None
    seen = _look(kit, stress, stage, worlds, advance)
    names, cases = list(stress.cases), list(stress.cases.values())
    rows = [seen.ordinary, *(seen.chosen[name] for name in names)]
    found = np.array([[_counts(case, views) for case in cases] for views in rows])
    frames = _least(found[..., 0], found[..., 1], np.array([c.share for c in cases]))
    mixed = np.concatenate([[1 - frames.sum()], frames])
    expected = np.einsum("x,xyk->yk", mixed, found)
    return {
        name: CasePlan(
            case.share,
            _ratio(found[0, y]),
            float(frames[y]),
            seen.met[name] / max(len(seen.ordinary), 1),
            _ratio(found[y + 1, y]),
            _ratio(expected[y]),
        )
        for y, (name, case) in enumerate(zip(names, cases, strict=True))
    }


def _look(
    kit: PilotKit, stress: Stress, stage: str, worlds: int, advance: Callable[[int], None]
) -> _Seen:
    probe, light = kit.probe(), stress.extreme_light is not None
    sampler, views = kit.sampler(stage), kit.scene.file.frames_per_world
    seen = _Seen([], {name: [] for name in stress.cases}, dict.fromkeys(stress.cases, 0))
    for index in range(worlds):
        try:
            world = sampler.world(index)
            specs = sampler.candidates(index * views, world, stress.tries)
            found: dict[str, View] = {}
            ordinary = None
            for spec in specs:
                view = probe.look(world, spec, light)
                ordinary = view if ordinary is None else ordinary
                for name, case in stress.cases.items():
                    if name not in found and shows(case, view):
                        found[name] = view
                if len(found) == len(stress.cases):
                    break
        except (WorkError, SceneFileError):
            continue  # it costs itself, as in a run
        finally:
            advance(index)
        if ordinary is None:
            continue
        seen.ordinary.append(ordinary)
        for name in stress.cases:
            seen.chosen[name].append(found.get(name, ordinary))
            seen.met[name] += name in found
    return seen


def _counts(case: Case, views: list[View]) -> tuple[float, float]:
    """Mean number in the case and of all, a frame: of labels, or of frames for light."""
    hits = [in_case(case, view) for view in views]
    number = max(len(views), 1)
    if isinstance(case, ExtremeLight):
        return float(sum(h.sum() for h in hits)) / number, 1.0
    return float(sum(h.sum() for h in hits)) / number, sum(len(h) for h in hits) / number


def _least(hits: Floats, totals: Floats, shares: Floats) -> Floats:
    """Smallest shares of frames float64[Y] that meet the quotas; those out of reach are neared.

    Args:
        hits, totals: float64[1 + Y, Y], ordinary views first.
        shares: float64[Y], wanted.
    """
    from scipy.optimize import linprog

    number = len(shares)
    wanted = np.minimum(shares * _MARGIN, 0.999)
    gain = hits - wanted * totals
    rows = (gain[1:] - gain[0]).T  # [quota, chosen case]
    # What is lacking of each quota, as a part of it, costs more than any number of frames.
    lacking = np.diag(np.maximum(wanted * totals[0], 1e-9))
    answer = linprog(
        np.concatenate([np.ones(number), np.full(number, _SHORTFALL)]),
        A_ub=np.block([[-rows, -lacking], [np.ones((1, number)), np.zeros((1, number))]]),
        b_ub=np.concatenate([gain[0], [1.0]]),
        bounds=[(0, 1)] * number + [(0, None)] * number,
        method="highs",
    )
    if not answer.success:  # with room to fall short there is always an answer
        raise RuntimeError(f"linear programme: {answer.message}")
    return np.clip(np.asarray(answer.x[:number], np.float64), 0, 1)


def _ratio(pair: Floats) -> float:
    return float(pair[0] / pair[1]) if pair[1] > 0 else 0.0
