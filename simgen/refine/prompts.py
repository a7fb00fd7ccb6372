"""Prompts out of a template and what is known about the scene."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from simgen.errors import DataError, Fault
from simgen.records.sample import Sample

_FIELD = re.compile(r"\{([^{}]+)\}")
_CONSONANTS = ("one", "uni", "use", "eu")  # spelt with a vowel, spoken without
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def prompt_of(template: str, sample: Sample) -> str:
    """The template with its {names} filled in.

    Known names: `objects` ("two mugs and a can"), `categories` ("mug, can"), `count`, and every
    fact of the frame by its dotted name; `{light|daylight}` says what stands there where the
    frame does not know.

    Raises:
        DataError: an unknown name without such a default; the known ones are listed.
    """
    known = scene_words(sample)

    def fill(match: re.Match[str]) -> str:
        name, bar, default = match[1].partition("|")
        if name in known:
            return known[name]
        if bar:
            return default
        cure = f"known: {', '.join(sorted(known))}; or write {{{name}|words instead}}"
        raise DataError(Fault("diffusers prompt", f"there is no {{{name}}}", cure))

    return " ".join(_FIELD.sub(fill, template).split())


def scene_words(sample: Sample) -> dict[str, str]:
    """Words for a prompt by name."""
    counts = Counter(sample.annotations.category)
    parts = [_counted(name, number) for name, number in counts.most_common()]
    words = {name: _text(value) for name, value in sample.facts.items()}
    words |= {
        "objects": _joined(parts) if parts else "an empty scene",
        "categories": ", ".join(counts),
        "count": str(len(sample.annotations)),
    }
    if sample.captions:
        words["caption"] = sample.captions[0]
    return words


def _counted(name: str, number: int) -> str:
    word = name.replace("_", " ")
    if number == 1:
        vowel = word[:1].lower() in "aeiou" and not word.lower().startswith(_CONSONANTS)
        return f"{'an' if vowel else 'a'} {word}"
    plural = f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"
    return f"{_NUMBERS[number] if number < len(_NUMBERS) else 'many'} {plural}"


def _joined(parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _text(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
