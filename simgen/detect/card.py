"""The card of a detector: read without torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from simgen.errors import DataError, Fault

CARD = "card.json"


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a detector's folder.

    Raises:
        DataError: there is none, or it is damaged.
    """
    try:
        card = json.loads((folder / CARD).read_bytes())
        if not isinstance(card, dict) or not {"detector", "build", "categories"} <= set(card):
            raise ValueError("keys are missing")
    except FileNotFoundError:
        what = "there is no detector: no card.json"
        cure = "give the folder of `simgen train --out`, after the training has ended"
        raise DataError(Fault(str(folder), what, cure)) from None
    except (OSError, ValueError) as error:
        what = f"the card cannot be read: {error}"
        raise DataError(Fault(str(folder / CARD), what, "train again")) from None
    return card


def categories_of(card: dict[str, Any]) -> dict[str, int]:
    """Name -> id of each category, in the order of the network's labels."""
    return {str(row["name"]): int(row["id"]) for row in card["categories"]}
