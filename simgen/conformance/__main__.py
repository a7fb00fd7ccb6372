"""`python -m simgen.conformance`: worlds of a plugin's example, in a process of their own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from simgen.conformance.trial import Trial, digest
from simgen.plugin.conformance import subject_of


def main() -> None:
    """Read which plugin from stdin; print one digest."""
    question = json.loads(sys.stdin.read())
    subject = subject_of(
        question["kind"],
        question["name"],
        *map(Path, question["folders"]),
        settings=question["settings"],
        base=Path(question["base"]),
    )
    sys.stdout.write(digest(Trial(subject).drawings) + "\n")


if __name__ == "__main__":
    main()
