"""Laws of asset sources: the same arrays every time, in metres, closed, with looks and licence."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from simgen.assets.digest import asset_digest
from simgen.assets.settings import plain_settings
from simgen.assets.sizes import MAX_M, MIN_M
from simgen.conformance.labels import valid_labels
from simgen.conformance.trial import Trial, other_process, survive_json
from simgen.errors import SimgenError
from simgen.plugin.conformance import Law, LawBroken, Subject, require
from simgen.plugin.protocols import Variant
from simgen.records.asset import Asset, Mesh
from simgen.records.pose import Pose
from simgen.sampling.streams import KeyedStream

_DRAWS = 3
_VARIANTS = 3
_AGAIN = 4
_POSES = 24
# Smooth normals may lean over a sharp edge; turned the wrong way round, all of them do.
_AGAINST = 0.25


def suite(subject: Subject) -> list[Law]:
    """The laws of an asset source."""
    trial = _SourceTrial(subject)
    return [
        Law("variants are there, named once each", lambda: _variants(trial)),
        Law("the same parameters give the same arrays", lambda: _same(trial)),
        Law("states are among those it declares", lambda: _states(trial)),
        Law("keypoints are among those it declares", lambda: _marks(trial)),
        Law("meshes are sound: metres, normals, UVs, slots", lambda: _meshes(trial)),
        Law("closed meshes are turned outside out", lambda: _outward(trial)),
        Law("a licence is there", lambda: _licence(trial)),
        Law("an asset can be built again from its record", lambda: _rebuilt(trial)),
        Law("frames have valid labels", lambda: valid_labels(trial)),
        Law("worlds survive JSON", lambda: survive_json(trial)),
        Law("another process draws the same worlds", lambda: other_process(trial), alone=True),
        Law("time per asset (measured)", lambda: _time(trial)),
    ]


@dataclass(frozen=True)
class _Built:
    """An asset and what it was built from."""

    params: Any
    variant: str
    asset: Asset

    def __str__(self) -> str:
        return f"{self.variant}: "


class _SourceTrial(Trial):
    @property
    def collection(self) -> Any:
        """The collection of the example that this source fills."""
        of = self.subject.name
        return next(c for c in self.scene.collections if c.section.asset == of)

    @property
    def source(self) -> Any:
        """The plugin."""
        return self.collection.source

    def params(self) -> Iterator[Any]:
        """Drawn parameters of the example."""
        for number in range(_DRAWS):
            yield KeyedStream(0, "world", number, "conformance").draw(self.collection.params)

    @cached_property
    def built(self) -> tuple[_Built, ...]:
        """Some variants under each draw."""
        out = []
        for number, params in enumerate(self.params()):
            variants = list(self.source.variants(params))
            step = max(1, len(variants) // _VARIANTS)
            chosen = variants[number % step :: step][:_VARIANTS]
            out += [_Built(params, v.name, _build(self.source, params, v.name)) for v in chosen]
        return tuple(out)


def _build(source: Any, params: Any, variant: str) -> Asset:
    try:
        asset: Asset = source.build(params, variant)
    except (SimgenError, ValueError) as error:
        raise LawBroken(f"{variant} cannot be built: {error}") from error
    require(isinstance(asset, Asset), f"build gives a {type(asset).__name__}, not an Asset")
    return asset


def _variants(trial: _SourceTrial) -> str:
    most = 0
    for params in (trial.collection.params, *trial.params()):
        found = list(trial.source.variants(params))
        require(found, "variants() is empty")
        require(all(isinstance(v, Variant) for v in found), "variants() gives no Variants")
        names = [v.name for v in found]
        twice = sorted({name for name in names if names.count(name) > 1})
        require(not twice, f"two variants are called {', '.join(twice)}")
        require(names == [v.name for v in trial.source.variants(params)], "their order changes")
        most = max(most, len(names))
    return f"{most} variants"


def _same(trial: _SourceTrial) -> str:
    for one in trial.built[:_AGAIN]:
        before = plain_settings(one.params)
        again = _build(trial.source, one.params, one.variant)
        require(_digest(trial, one, again) == _digest(trial, one, one.asset), f"{one}other arrays")
        require(plain_settings(one.params) == before, f"{one}build changes its parameters")
    return f"{len(trial.built)} assets"


def _digest(trial: _SourceTrial, one: _Built, asset: Asset) -> str:
    return asset_digest(trial.subject.name, 1, plain_settings(one.params), one.variant, asset)


def _states(trial: _SourceTrial) -> str:
    declare, look = (
        getattr(trial.source, "state_values", None),
        getattr(trial.source, "states", None),
    )
    if declare is None or look is None:
        return "no states"
    for one in trial.built:
        allowed = declare(one.params)
        for number in range(_POSES):
            turn = KeyedStream(0, "world", number, "pose").rotation()
            for name, value in look(one.params, one.variant, Pose((0, 0, 0), turn)).items():
                require(name in allowed, f"{one}the state {name!r} is not declared")
                require(value in allowed[name], f"{one}{name} = {value!r} is not declared")
    return ", ".join(declare(trial.collection.params)) or "no states"


def _marks(trial: _SourceTrial) -> str:
    declare = getattr(trial.source, "marks", None)
    for one in trial.built:
        names = set(declare(one.params, one.variant).keypoints) if declare else set()
        strange = {mark.name for mark in one.asset.keypoints} - names
        require(not strange, f"{one}keypoints that marks() does not name: {sorted(strange)}")
    return f"{max(len(one.asset.keypoints) for one in trial.built)} keypoints"


def _meshes(trial: _SourceTrial) -> str:
    faces = 0
    for one in trial.built:
        mesh, asset = one.asset.mesh, one.asset
        _numbers(mesh, str(one))
        low, high = mesh.bounds()
        longest = float((high - low).max())
        require(MIN_M <= longest <= MAX_M, f"{one}{longest:.3g} m long; lengths are metres")
        require(mesh.slot.min() >= 0, f"{one}a face without slot")
        require(mesh.slot.max() < len(asset.slots), f"{one}a face of a slot that is not there")
        require(mesh.uv is not None, f"{one}no UVs")
        faces = max(faces, len(mesh.faces))
    return f"at most {faces} faces"


def _numbers(mesh: Mesh, where: str) -> None:
    for name in ("vertices_m", "normals", "uv"):
        array = getattr(mesh, name)
        require(array is None or np.isfinite(array).all(), f"{where}{name} is not finite")
    require(len(mesh.faces), f"{where}no faces")
    require(mesh.faces.min() >= 0, f"{where}a face of a vertex below 0")
    require(mesh.faces.max() < len(mesh.vertices_m), f"{where}a face of a vertex that is not there")
    lengths = np.linalg.norm(mesh.normals, axis=2)
    require(bool((abs(lengths - 1) < 1e-3).all()), f"{where}normals are not unit vectors")


def _outward(trial: _SourceTrial) -> str:
    """A closed mesh that is inside out has a negative volume; its normals point inwards."""
    closed = 0
    for one in trial.built:
        mesh = one.asset.mesh
        corners = mesh.vertices_m.astype(np.float64)[mesh.faces]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        along = (across[:, None] * mesh.normals).sum(axis=2)
        against = float((along.min(axis=1) < -1e-3 * np.linalg.norm(across, axis=1)).mean())
        require(against < _AGAINST, f"{one}{against:.0%} of the normals point into their faces")
        if not _is_closed(mesh):
            continue
        closed += 1
        volume = float(np.einsum("ij,ij->", corners[:, 0], across)) / 6
        require(volume > 0, f"{one}inside out: its volume is {volume:.3g} m³")
    return f"{closed} of {len(trial.built)} are closed"


def _is_closed(mesh: Mesh) -> bool:
    """Whether every edge, by place, is passed once in each direction."""
    _, first = np.unique(mesh.vertices_m, axis=0, return_inverse=True)
    faces = first.reshape(-1)[mesh.faces].astype(np.int64)
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    keys, back = edges[:, 0] * len(first) + edges[:, 1], edges[:, 1] * len(first) + edges[:, 0]
    return bool((np.sort(keys) == np.sort(back)).all())


def _licence(trial: _SourceTrial) -> str:
    for one in trial.built:
        text = one.asset.licence
        require(text.strip(), f"{one}the licence is empty")
        made = not one.asset.files
        require(not (made and text == "unknown"), f"{one}made by code, yet of unknown licence")
    return ", ".join(sorted({one.asset.licence for one in trial.built}))


def _rebuilt(trial: _SourceTrial) -> str:
    """The library checks the digest of what it builds from a reference."""
    collection = f"objects.{trial.collection.key}"
    for one in trial.built[:_AGAIN]:
        ref = trial.library.ref(collection, trial.subject.name, one.params, one.variant)
        fresh = type(trial.library)(trial.scene, trial.subject.registry)
        try:
            fresh.asset(ref)
        except SimgenError as error:
            raise LawBroken(f"{one}{error}") from error
    return ""


def _time(trial: _SourceTrial) -> str:
    one = trial.built[0]
    began = time.perf_counter()
    _build(trial.source, one.params, one.variant)
    seconds = time.perf_counter() - began
    require(math.isfinite(seconds), "no time")
    return f"{1000 * seconds:.1f} ms"
