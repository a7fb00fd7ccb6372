"""Predictions of a detector on the images of an experiment, and what they were made from."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simgen.detect.card import read_card
from simgen.detect.job import Inference
from simgen.detect.listing import Listing, ResultRow, write_results
from simgen.learn.schedule import sha256_of

PREDICTIONS = "predictions.json"
_KEY = "predictions.key.json"


def key_of(
    detector: Path, labels: Path, mapping: Mapping[str, str | None], settings: Inference
) -> dict[str, Any]:
    """All that the predictions of a finished detector depend on, but for the machine.

    Args:
        detector: its folder.
        labels: COCO file of the images.
        mapping: names of that file -> names of the detector.
        settings: of the inference.

    Raises:
        DataError: there is no finished detector.
    """
    plain = dataclasses.asdict(settings)
    del plain["device"], plain["batch"]
    identity = read_card(detector).get("identity")
    return {
        "detector": identity,
        "labels": sha256_of(labels),
        "mapping": dict(mapping),
        "inference": plain,
    }


def are_current(detector: Path, key: Mapping[str, Any]) -> bool:
    """Whether the predictions in the folder were made from just this."""
    try:
        stored = json.loads((detector / _KEY).read_bytes())
    except (OSError, ValueError):
        return False
    return bool(stored == dict(key)) and (detector / PREDICTIONS).is_file()


def store(rows: list[ResultRow], listing: Listing, detector: Path, key: Mapping[str, Any]) -> None:
    """Write the predictions, then what they were made from."""
    (detector / _KEY).unlink(missing_ok=True)
    write_results(rows, listing, detector / PREDICTIONS)
    temporary = detector / f".{_KEY}.{os.getpid()}.tmp"
    temporary.write_text(json.dumps(dict(key), indent=1) + "\n")
    os.replace(temporary, detector / _KEY)
