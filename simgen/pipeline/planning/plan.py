"""The order of a plan: pilots, weights, edge cases, and the resolved file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import simgen
from simgen.assets.library import AssetLibrary
from simgen.errors import Fault, SceneFileError, WorkError
from simgen.pipeline.plan import RenderRequest, prepare
from simgen.pipeline.planning.misses import ClassPlan, case_faults, class_faults
from simgen.pipeline.planning.pilot import (
    Kinds,
    PilotKit,
    Tally,
    added,
    count_shares,
    part_of,
    run_pilot,
)
from simgen.pipeline.planning.quotas import CasePlan, plan_cases
from simgen.pipeline.planning.resolved import laid_over, write_resolved
from simgen.pipeline.planning.tilting import Tilt, expected_shares, natural, tilt
from simgen.pipeline.progress import progress
from simgen.plugin.registry import Registry
from simgen.plugin.scene import Scene
from simgen.sampling.views import usual_directions
from simgen.spec.document import Location
from simgen.spec.faults import place
from simgen.spec.quotas import targets

Floats = NDArray[np.float64]


@dataclass
class Plan:
    """What was found and written.

    Args:
        out: the resolved file.
        pilots: that were drawn; worlds: in each.
        classes: by category; empty without `balance:`.
        cases: by edge case.
        odds: by collection and kind, those that are not 1.
        counts: mean objects a world, before and after, of collections whose counts changed.
        notes: what is worth knowing, one sentence each.
    """

    out: str
    seed: int
    worlds: int
    pilots: int = 0
    classes: dict[str, ClassPlan] = field(default_factory=dict)
    cases: dict[str, CasePlan] = field(default_factory=dict)
    odds: dict[str, dict[str, float]] = field(default_factory=dict)
    counts: dict[str, tuple[float, float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def make_plan(
    request: RenderRequest, out: Path, worlds: int = 200, rounds: int = 3, force: bool = False
) -> Plan:
    """Draw pilots and write the resolved scene file.

    Args:
        worlds: of each pilot.
        rounds: pilots at most after the natural one.
        force: write the nearest plan even if a share or quota cannot be reached.

    Raises:
        SceneFileError: bad input, or the file asks for nothing that can be planned.
        WorkError: a wanted share is out of reach; the message says how near it can be brought.
    """
    registry = request.registry()
    _, scene = prepare(request, registry)
    _check_wishes(scene)
    planner = _Planner(scene, registry, request.seed, worlds, out)
    planner.carry_out(rounds)
    if not force:
        planner.stop_on_misses()
    notes = [
        f"Written by `simgen plan` of simgen {simgen.__version__} from {request.scene.name},",
        f"seed {request.seed}, pilots of {worlds} worlds. Render this file.",
    ]
    write_resolved(planner.scene, out, notes, registry)
    return planner.plan


def _check_wishes(scene: Scene) -> None:
    """Refuse a scene that asks for nothing, or that has been planned.

    Raises:
        SceneFileError: what to plan instead.
    """
    balance, stress = scene.file.balance, scene.file.stress
    if balance is None and not (stress and stress.cases):
        what = "there is nothing to plan: no `balance:` and no `stress:`"
        cure = "add for example `balance: {classes: uniform}` or `stress: {tiny: 0.1}`"
        raise SceneFileError(Fault(str(scene.path), what, cure))
    planned: list[Location] = [("balance", "planned")] if balance and balance.planned else []
    cases = stress.cases if stress else {}
    planned += [("stress", name, "frames") for name, case in cases.items() if case.frames]
    if planned:
        cure = "plan the file that it was made from, or take the weights out"
        what = "there are weights already: this file has been planned"
        raise SceneFileError([Fault(place(scene.document, at), what, cure) for at in planned])


class _Planner:
    """Holds the scene as planned so far."""

    def __init__(self, scene: Scene, registry: Registry, seed: int, worlds: int, out: Path) -> None:
        self.scene, self.registry, self.seed, self.worlds = scene, registry, seed, worlds
        self.plan = Plan(str(out), seed, worlds)
        self.original = {c.key: Kinds(c) for c in scene.collections}
        self.categories = [category.name for category in scene.categories]
        # Weights change what is drawn, never an asset: one library serves all pilots.
        self.library = AssetLibrary(scene, registry)
        self.tallies: list[Tally] = []  # newest first

    def carry_out(self, rounds: int) -> None:
        """Natural pilot, then weights and pilots in turn until the shares fit."""
        stress = self.scene.file.stress
        if self.scene.file.balance or (stress and stress.unusual_pose):
            self._pilot()
            self._usual_poses()
        if self.scene.file.balance is None:
            self._cases()
            return
        for number in range(rounds):
            self._weigh()
            if number == 0:
                self._cases()
            self._pilot()
            if self._missed(0.5) <= 1:
                break
        self._weigh()  # once more: by now the rates are known better than when they were tried
        self._close()

    def stop_on_misses(self) -> None:
        """Refuse a plan that does not bring what was asked for.

        Raises:
            WorkError: which shares, and how near they come.
        """
        faults = [
            *class_faults(self.scene, self.plan.classes, self.tallies),
            *case_faults(self.scene, self.plan.cases),
        ]
        if faults:
            raise WorkError(faults)

    def _kit(self) -> PilotKit:
        return PilotKit(self.scene, self.library, self.seed)

    def _pilot(self) -> None:
        stage = f"pilot{self.plan.pilots}"
        with progress(f"pilot {self.plan.pilots + 1}", self.worlds, "worlds") as advance:
            self.tallies.insert(0, run_pilot(self._kit(), stage, self.worlds, advance))
        self.plan.pilots += 1

    def _cases(self) -> None:
        """Shares of the frames for edge cases, under the weights of the day."""
        stress = self.scene.file.stress
        if stress is None or not stress.cases:
            return
        with progress("edge cases", self.worlds, "worlds") as advance:
            cases = plan_cases(self._kit(), "pilot.cases", self.worlds, advance)
        frames = {name: {"frames": round(case.frames, 4)} for name, case in cases.items()}
        self._lay({"stress": self._written_cases(frames)})
        self.plan.cases = cases

    def _usual_poses(self) -> None:
        """Usual directions of the natural pilot, where the file names none."""
        stress = self.scene.file.stress
        pose = stress.unusual_pose if stress else None
        if pose is not None and pose.usual is None:
            usual = usual_directions(self.tallies[0].views)
            found = {name: list(axis) for name, axis in usual.items()}
            self._lay({"stress": self._written_cases({"unusual_pose": {"usual": found}})})
            lacking = [name for name in self.categories if name not in usual]
            if lacking:
                what = "no usual direction (any is as frequent, or too few were seen)"
                self.plan.notes.append(f"unusual_pose: {', '.join(lacking)} have {what}")

    def _written_cases(self, more: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Changes of cases; one that is written as a number is written out."""
        stress = self.scene.file.stress
        assert stress is not None
        return {name: {"share": stress.cases[name].share, **extra} for name, extra in more.items()}

    def _lay(self, changes: dict[str, Any]) -> None:
        self.scene = laid_over(self.scene, changes, self.registry)

    def _targets(self) -> Floats:
        balance = self.scene.file.balance
        assert balance is not None
        wanted = targets(balance.classes, self.categories)
        return np.array([wanted[name] for name in self.categories])

    def _weigh(self) -> None:
        """New odds and counts from the rates that the pilots measured."""
        wanted, parts, kinds = self._targets(), [], []
        for own in self._labelled():
            part, names = part_of(own, self._pooled(), self.categories)
            parts.append(part)
            kinds.append((own, names))
        tilts, _ = tilt(parts, wanted)
        changes: dict[str, Any] = {}
        for (own, names), part, found in zip(kinds, parts, tilts, strict=True):
            changes[own.collection.key] = _written(own, names, part, found)
        self._lay({"objects": changes})

    def _labelled(self) -> list[Kinds]:
        return [Kinds(c) for c in self.scene.collections if c.section.category is not None]

    def _pooled(self) -> list[Tally]:
        """All pilots under weights as one, then the natural one, for kinds that they lack."""
        if len(self.tallies) == 1:
            return self.tallies
        return [added(self.tallies[:-1]), self.tallies[-1]]

    def _expected(self) -> Floats:
        """Shares that the weights of the day give, with the rates of all pilots."""
        tallies = self._pooled()
        parts = [part_of(own, tallies, self.categories)[0] for own in self._labelled()]
        return expected_shares(parts, natural(parts))

    def _missed(self, of_tolerance: float) -> float:
        """Largest miss of a wanted share as a multiple of what is tolerated."""
        balance, wanted = self.scene.file.balance, self._targets()
        assert balance is not None
        miss = np.abs(self._expected() - wanted)
        allowed = np.maximum(wanted * balance.tolerance * of_tolerance, 1e-4)
        return float((miss / allowed).max())

    def _close(self) -> None:
        """What the plan brought, into the report and into the file."""
        self._report_counts()
        wanted, expected = self._targets(), self._expected()
        measured = self.tallies[0].shares(self.categories)
        before = self.tallies[-1].shares(self.categories)
        for i, name in enumerate(self.categories):
            row = (wanted[i], before[i], expected[i], measured[i])
            self.plan.classes[name] = ClassPlan(*(round(float(v), 4) for v in row))
        facts = {
            "seed": self.seed,
            "worlds": self.worlds,
            "natural": {name: row.natural for name, row in self.plan.classes.items()},
            "expected": {name: row.expected for name, row in self.plan.classes.items()},
        }
        self._lay({"balance": {"planned": facts}})

    def _report_counts(self) -> None:
        for collection in self.scene.collections:
            odds = {k: v for k, v in collection.section.odds.items() if abs(v - 1) > 1e-3}
            if odds:
                self.plan.odds[collection.key] = odds
            before = _mean(self.original[collection.key].collection.section.count)
            after = _mean(collection.section.count)
            if abs(before - after) > 1e-6:
                self.plan.counts[collection.key] = (round(before, 3), round(after, 3))


def _written(own: Kinds, names: list[str], part: Any, found: Tilt) -> dict[str, Any]:
    """Settings of a collection with these weights, those that it had before included."""
    section = own.collection.section
    odds = {
        name: float(f"{section.odds.get(name, 1.0) * weight:.4g}")
        for name, weight in zip(names, found.odds, strict=True)
    }
    out: dict[str, Any] = {}
    if len(odds) > 1 and any(abs(weight - 1) > 1e-3 for weight in found.odds):
        out["odds"] = odds
    if np.abs(found.count_shares - part.count_shares).max() > 1e-4:
        pairs = zip(part.counts, found.count_shares, strict=True)
        out["count"] = {"weighted": [[int(n), float(f"{p:.5f}")] for n, p in pairs]}
    return out


def _mean(count: Any) -> float:
    values, shares = count_shares(count)
    return float(values @ shares)
