"""Samplers over scenes written in a test, with the installed plugins and the real library."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # lets the tests of this room import `at_rest`

from simgen.assets.library import AssetLibrary
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.sampling.kit import SamplingKit
from simgen.sampling.sampler import Sampler
from simgen.sampling.streams import KeyedStream
from simgen.spec.document import parse_document

MakeSampler = Callable[..., Sampler]


@pytest.fixture
def make_sampler(tmp_path: Path) -> MakeSampler:
    """`make_sampler(yaml, seed=0)`: a sampler of a scene text."""
    registry = Registry.installed()

    def make(text: str, seed: int = 0) -> Sampler:
        document = parse_document("simgen: 1\n" + text, "scene.yaml", tmp_path)
        scene = scene_from(document, tmp_path / "scene.yaml", registry)
        return Sampler(scene, AssetLibrary(scene, registry, tmp_path / "cache"), seed)

    return make


@pytest.fixture
def make_kit(make_sampler: MakeSampler) -> Callable[[str], SamplingKit]:
    """`make_kit(yaml)`: the kit that a scene type would be given for world 0 of a scene text."""

    def make(text: str) -> SamplingKit:
        sampler = make_sampler(text)
        drawn = sampler._drawer.draw(KeyedStream(0, "world", 0))
        keys = [collection.key for collection in sampler._scene.collections]
        return SamplingKit([entry.thing for entry in drawn], sampler._shapes, keys)

    return make
