"""Samplers over scenes written in a test, with the installed plugins and the real library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simgen.assets.library import AssetLibrary
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.sampling.sampler import Sampler
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
