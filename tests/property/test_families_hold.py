"""Families over their parameters' ranges: a sound body, or a refusal that names the measure."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "assets"))
from family_cases import source

from simgen.errors import AssetError
from simgen.records.asset import Asset


def _length(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False).map(lambda v: round(v, 5))


_SEED = st.integers(0, 10_000)
RANGES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "box": {"size_m": st.tuples(*[_length(0.01, 0.5)] * 3), "bevel_m": _length(0, 0.01)},
    "can": {"height_m": _length(0.03, 0.3), "diameter_m": _length(0.03, 0.15),
            "open": st.booleans()},
    "bottle": {"height_m": _length(0.08, 0.45), "diameter_m": _length(0.03, 0.14),
               "open": st.booleans(), "label": st.booleans(), "seed": _SEED},
    "mug": {"height_m": _length(0.03, 0.2), "diameter_m": _length(0.04, 0.2),
            "wall_m": _length(0.001, 0.01), "handle_reach_m": _length(0.01, 0.08),
            "full": st.booleans(), "handle": st.booleans()},
    "bolt": {"thread_m": _length(0.002, 0.03), "length_m": _length(0.004, 0.12),
             "shank_m": _length(0, 0.05), "facets": st.integers(12, 48)},
    "screw": {"thread_m": _length(0.002, 0.012), "length_m": _length(0.005, 0.08),
              "drive": st.sampled_from(["slot", "phillips", "hex", "torx", "none"])},
    "nut": {"thread_m": _length(0.002, 0.03), "height_m": _length(0.001, 0.03)},
    "washer": {"thread_m": _length(0.002, 0.03), "outside_m": _length(0.004, 0.08),
               "thickness_m": _length(0.0003, 0.006)},
    "pipe": {"diameter_m": _length(0.01, 0.2), "wall_m": _length(0.001, 0.03),
             "length_m": _length(0.02, 0.5), "leg_m": _length(0.02, 0.4),
             "bend_radius_m": _length(0.01, 0.3),
             "ends": st.sampled_from(["plain", "socket", "flange"])},
    "bracket": {"base_m": _length(0.02, 0.2), "height_m": _length(0.02, 0.2),
                "width_m": _length(0.01, 0.1), "thickness_m": _length(0.001, 0.008),
                "holes": st.integers(0, 4), "rows": st.integers(1, 2),
                "hole_m": _length(0.002, 0.01)},
    "fruit": {"size_m": _length(0.02, 0.3), "slenderness": _length(0.6, 1.6),
              "irregularity": _length(0, 1), "ripeness": _length(0, 1), "seed": _SEED},
    "book": {"width_m": _length(0.06, 0.35), "height_m": _length(0.08, 0.45),
             "thickness_m": _length(0.003, 0.09), "open": st.booleans(),
             "open_at": _length(0.1, 0.9), "seed": _SEED},
    "crate": {"size_m": st.tuples(_length(0.2, 1.3), _length(0.15, 1.0), _length(0.1, 0.6)),
              "slats": st.integers(1, 6), "gap": _length(0.05, 0.6), "lid": st.booleans()},
    "carton": {"size_m": st.tuples(*[_length(0.03, 0.6)] * 3), "open": st.booleans(),
               "flap_deg": _length(10, 170), "seed": _SEED},
    "chess_piece": {"king_m": _length(0.02, 0.6), "facets": st.integers(16, 72)},
}  # fmt: skip


def _made(plugin: Any, params: Any, variant: str) -> tuple[Asset | None, str]:
    try:
        return plugin.build(params, variant), ""
    except AssetError as error:
        return None, str(error)


@pytest.mark.parametrize("family", RANGES)
def test_any_measures_give_a_sound_body_or_a_refusal(family: str) -> None:
    plugin = source(family)

    @settings(
        max_examples=8, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(setting=st.fixed_dictionaries(RANGES[family]), number=st.integers(0, 100))
    def holds(setting: dict[str, Any], number: int) -> None:
        params = plugin.Params.model_validate(setting)
        variants = plugin.variants(params)
        variant = variants[number % len(variants)].name
        asset, refusal = _made(plugin, params, variant)
        if asset is None:
            assert any(name in refusal for name in [*setting, "holes", "turns", "bevel_m"])
            return
        mesh = asset.mesh
        solid = trimesh.Trimesh(mesh.vertices_m, mesh.faces, process=False)
        assert solid.is_watertight
        assert solid.volume > 0
        assert np.isfinite(mesh.normals).all()
        printed = np.array([not s.uv_in_metres for s in asset.surfaces])[mesh.slot]
        assert mesh.uv is not None
        assert mesh.uv[printed].min(initial=0) >= -1e-6
        assert mesh.uv[printed].max(initial=1) <= 1 + 1e-6

    holds()
