"""Shares of frames for edge cases: the fewest that meet all quotas, the nearest where none do."""

from __future__ import annotations

import numpy as np

from simgen.pipeline.planning.quotas import _least

# Labels a frame: five in ordinary views and in those chosen for the first case, three in the
# others; rows: ordinary, chosen for a, chosen for b. Columns: labels in case a, in case b.
HITS = np.array([[0.1, 0.3], [2.0, 0.3], [0.1, 1.5]])
TOTALS = np.array([[5.0, 5.0], [5.0, 5.0], [3.0, 3.0]])


def realised(frames: np.ndarray, hits: np.ndarray = HITS) -> np.ndarray:
    mixed = np.concatenate([[1 - frames.sum()], frames])
    return (mixed @ hits) / (mixed @ TOTALS)


def test_quotas_are_met_with_a_twentieth_to_spare() -> None:
    wanted = np.array([0.1, 0.15])
    frames = _least(HITS, TOTALS, wanted)
    np.testing.assert_allclose(realised(frames), wanted * 1.05, rtol=1e-6)


def test_what_ordinary_views_show_often_enough_needs_no_frames() -> None:
    frames = _least(HITS, TOTALS, np.array([0.1, 0.05]))
    assert frames[1] == 0
    assert realised(frames)[1] > 0.05


def test_one_cases_frames_serve_anothers_quota() -> None:
    both = HITS.copy()
    both[1, 1] = 2.0  # what shows a shows b as well
    frames = _least(both, TOTALS, np.array([0.2, 0.15]))
    assert frames[1] == 0
    assert (realised(frames, both) >= [0.2, 0.15]).all()


def test_a_hopeless_quota_does_not_cost_the_others_theirs() -> None:
    hopeless = HITS.copy()
    hopeless[:, 1] = 0.0
    frames = _least(hopeless, TOTALS, np.array([0.1, 0.15]))
    found = realised(frames, hopeless)
    assert found[0] >= 0.1
    assert found[1] == 0


def test_a_quota_just_out_of_reach_is_neared() -> None:
    frames = _least(HITS, TOTALS, np.array([0.1, 0.6]))
    found = realised(frames)
    assert found[0] >= 0.1 - 1e-9
    assert found[1] > 0.3
