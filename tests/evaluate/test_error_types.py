"""Each TIDE type on a case made for it; costs; confusion; boxes."""

from __future__ import annotations

import numpy as np
import pytest
from sets import as_detections, found, judged, label, labels, random_set

from simgen.evaluate.confusion import box_bias, confusion
from simgen.evaluate.error_types import TYPES, classify, costs
from simgen.evaluate.matching import _machinery

BOX = [20.0, 20.0, 40.0, 40.0]
HALF = [40.0, 20.0, 40.0, 40.0]  # IoU 1/3 with BOX
AWAY = [150.0, 150.0, 20.0, 20.0]


def _types(dets: list, rows: list | None = None) -> tuple[list[str], list[bool]]:
    truth = labels(rows or [label(1, 3, BOX)])
    matches, per_image, _ = judged(truth, dets)
    errors = classify(matches, per_image)
    order = np.argsort(matches.det_row)
    names = ["right" if errors.kind[i] < 0 else TYPES[errors.kind[i]] for i in order]
    return names, errors.missed.tolist()


@pytest.mark.parametrize(
    ("dets", "kinds", "missed"),
    [
        ([found(1, 3, BOX, 0.9)], ["right"], False),
        ([found(1, 7, BOX, 0.9)], ["classification"], False),
        ([found(1, 3, HALF, 0.9)], ["localisation"], False),
        ([found(1, 7, HALF, 0.9)], ["both"], True),
        ([found(1, 3, AWAY, 0.9)], ["background"], True),
        ([found(1, 3, BOX, 0.9), found(1, 3, BOX, 0.8)], ["right", "duplicate"], False),
        ([], [], True),
    ],
)
def test_types(dets: list, kinds: list[str], missed: bool) -> None:
    assert _types(dets) == (kinds, [missed])


def test_a_mended_type_gives_what_it_costs() -> None:
    rows = [label(1, 3, BOX), label(1, 3, AWAY)]
    dets = [found(1, 3, HALF, 0.9), found(1, 3, AWAY, 0.8)]
    truth = labels(rows)
    matches, per_image, _ = judged(truth, dets)
    priced = {c.name: c for c in costs(matches, classify(matches, per_image), np.ones((1, 1)), 0)}
    # Wrong at 0.9, right at 0.8: precision 1/2 up to recall 1/2. Mended, both are right.
    assert priced["localisation"].gain.value == pytest.approx(1 - 51 / 101 / 2)
    assert priced["localisation"].count == 1
    assert priced["missed"].count == 0
    assert priced["background"].gain.value == 0.0


def test_missed_labels_leave_the_denominator() -> None:
    truth = labels([label(1, 3, BOX), label(1, 3, AWAY)])
    matches, per_image, _ = judged(truth, [found(1, 3, BOX, 0.9)])
    priced = {c.name: c for c in costs(matches, classify(matches, per_image), np.ones((1, 1)), 0)}
    assert priced["missed"].gain.value == pytest.approx(1 - 51 / 101)


def test_equals_hotcoco() -> None:
    pytest.importorskip("hotcoco")
    make, judge = _machinery("hotcoco")
    names = dict(zip(TYPES, ("Cls", "Loc", "Both", "Dupe", "Bkg", "Miss"), strict=True))
    for seed in range(8):
        truth, dets = random_set(seed, images=15, crowds=False)
        matches, per_image, _ = judged(truth, dets)
        ours = costs(matches, classify(matches, per_image), np.ones((1, 15)), 0)
        rows = [{**a, "id": i} for i, a in enumerate(truth.annotations, start=1)]
        sets = {"images": list(truth.images),
                "categories": [{"id": i, "name": n} for i, n in truth.names.items()]}  # fmt: skip
        coco = make({**sets, "annotations": rows})
        run = judge(coco, coco.load_res(dets), "bbox")
        run.evaluate()
        run.accumulate()
        theirs = run.tide_errors()
        for cost in ours:
            assert cost.count == theirs["counts"][names[cost.name]]
            gain = max(theirs["delta_ap"][names[cost.name]], 0.0)
            assert cost.gain.value == pytest.approx(gain, abs=1e-9)


def test_confusion_counts_everything_once() -> None:
    rows = [label(1, 3, BOX), label(1, 7, AWAY), label(1, 9, [100.0, 20.0, 30.0, 30.0])]
    dets = [found(1, 3, BOX, 0.9), found(1, 3, AWAY, 0.8), found(1, 9, [0.0, 150.0, 9.0, 9.0], 0.7)]
    matches, per_image, _ = judged(labels(rows), [*dets, found(1, 9, BOX, 0.1)])
    table = confusion(matches, per_image, score=0.5)
    assert table.names == ("cat", "dog", "owl")
    assert table.counts == ((1, 0, 0, 0), (1, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0))


def test_box_bias_sees_tight_boxes() -> None:
    truth = labels([label(1, 3, BOX)])
    matches, per_image, _ = judged(truth, [found(1, 3, [24.0, 24.0, 32.0, 36.0], 0.9)])
    bias = box_bias(matches, per_image)
    assert (bias.pairs, bias.width, bias.height) == (1, pytest.approx(0.8), pytest.approx(0.9))
    assert bias.down == pytest.approx(2 / 40)
    assert box_bias(*judged(truth, [])[:2]) is None
    exact = box_bias(*judged(truth, as_detections(truth))[:2])
    assert (exact.width, exact.across) == (1.0, 0.0)
