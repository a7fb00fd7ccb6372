"""Splits: shares hold, nothing moves, faults are named."""

from __future__ import annotations

from collections import Counter

import pytest
from pydantic import TypeAdapter, ValidationError

from simgen.spec.splits import AssetSplit, Splits, split_of


@pytest.mark.parametrize("worlds", [10, 37, 1000])
@pytest.mark.parametrize("shares", [{"train": 0.9, "val": 0.1}, {"a": 0.5, "b": 0.3, "c": 0.2}])
def test_worlds_keep_to_their_shares(worlds: int, shares: dict[str, float]) -> None:
    found = Counter(split_of(world, shares) for world in range(worlds))
    for name, share in shares.items():
        assert abs(found[name] - share * worlds) <= 2


def test_the_order_of_the_shares_does_not_matter() -> None:
    there, back = {"train": 0.8, "val": 0.2}, {"val": 0.2, "train": 0.8}
    assert [split_of(w, there) for w in range(50)] == [split_of(w, back) for w in range(50)]


def test_assets_are_held_out_by_their_own_name() -> None:
    names = [f"thing{i}" for i in range(2000)]
    train, test = AssetSplit(share=0.8, part="train"), AssetSplit(share=0.8, part="test")
    kept = [name for name in names if train.holds(name)]
    assert 0.77 < len(kept) / len(names) < 0.83
    assert [name for name in names if not test.holds(name)] == kept
    wider = AssetSplit(share=0.9, part="train")
    assert all(wider.holds(name) for name in kept)


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ({"train": 0.9}, "add up to 0.9"),
        ({"train": 0.5, "Instances": 0.5}, "index of all"),
        ({"../x": 0.5, "y": 0.5}, "pattern"),
        ({"train": 1.0, "val": 0.0}, "less than 1"),
    ],
)
def test_faults(shares: dict[str, float], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        TypeAdapter(Splits).validate_python(shares)
