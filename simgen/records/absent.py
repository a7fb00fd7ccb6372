"""Fields that old records do not have: absent from JSON while they are None."""

from __future__ import annotations

from typing import Any


def leave_out(record: Any, *names: str) -> None:
    """For `__post_init__`: forget fields that are None, so that they are not written.

    The class still answers with the field's default, None. Records made before the field
    existed keep their bytes, and with them the hashes of datasets.
    """
    for name in names:
        if getattr(record, name) is None:
            vars(record).pop(name, None)
