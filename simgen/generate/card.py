"""The card of a generator: read without torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from simgen.errors import DataError, Fault

CARD = "card.json"


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a generator's folder.

    Raises:
        DataError: there is none, or it is damaged, or of something else.
    """
    cure = "give the folder of `simgen generators train --out`, after the training has ended"
    try:
        card = json.loads((folder / CARD).read_bytes())
    except FileNotFoundError:
        what = "there is no generator: no card.json"
        raise DataError(Fault(str(folder), what, cure)) from None
    except (OSError, ValueError) as error:
        what = f"the card cannot be read: {error}"
        raise DataError(Fault(str(folder / CARD), what, "train again")) from None
    if not isinstance(card, dict) or "generator" not in card:
        raise DataError(Fault(str(folder / CARD), "this is no card of a generator", cure))
    return card
