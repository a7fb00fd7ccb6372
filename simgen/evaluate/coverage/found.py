"""What came out: values of every setting, read from the ledgers of worlds and frames."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simgen.evaluate.coverage.laws import values_of_parts
from simgen.evaluate.coverage.wanted import Setting, Wanted
from simgen.records.world import World

_OBJECT = re.compile(r"^objects\.([^.]+)\.(\d+)\.(.+)$")
_COUNT = re.compile(r"^objects\.([^.]+)\.count$")
_SECTION = re.compile(r"^(randomizers\.[^.]+)\.(.+)$")


@dataclass
class Values:
    """Realised values of one setting.

    Args:
        setting: that gave them.
        part: which number of a vector; "" for plain ones.
        plain: of draws that stand as they were drawn.
        chosen: of views that were chosen for an edge case, after others were thrown away.
        lost: number of draws of objects that found no place.
    """

    setting: Setting
    part: str = ""
    plain: list[Any] = field(default_factory=list)
    chosen: list[Any] = field(default_factory=list)
    lost: int = 0


@dataclass
class Found:
    """All realised values.

    Args:
        values: by setting's identity and part.
        unknown: stream names that no setting explains, with how often they came up.
    """

    wanted: Wanted
    values: dict[tuple[int, str], Values] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)

    def add_world(self, world: World) -> None:
        """The draws of a world that are in it: of placed objects, its layout and looks."""
        placed = {thing.name: thing for thing in world.objects}
        counts = Counter(thing.collection for thing in world.objects)
        for name, value in (world.drawn or {}).items():
            count, thing = _COUNT.match(name), _OBJECT.match(name)
            if count:
                self._add(f"objects.{count[1]}", "count", counts[count[1]])
            elif thing:
                held = placed.get(f"{thing[1]}.{thing[2]}")
                if held is None:
                    self._lose(f"objects.{thing[1]}", thing[3])
                elif not thing[3].startswith("attributes."):
                    self._add(f"objects.{thing[1]}", thing[3], value, held.attributes)
            elif name.startswith("scene."):
                self._add("scene", name.removeprefix("scene."), value)
            else:
                section = _SECTION.match(name)
                if section and not self._again(section[1], section[2], world.drawn or {}):
                    self._add(section[1], section[2], value)
        for one in world.instances:
            own = f"objects.{one.collection}"
            self._add_text(own, "variant", one.asset.variant)
            for attribute, text in one.attributes.items():
                self._add_text(own, f"attributes.{attribute}", text)

    def add_frame(self, drawn: Mapping[str, Any], chosen: bool) -> None:
        """The draws of a camera."""
        for name, value in drawn.items():
            self._add("camera", name, value, chosen=chosen)

    def _add(
        self,
        section: str,
        stream: str,
        value: Any,
        attributes: Mapping[str, str] | None = None,
        chosen: bool = False,
    ) -> None:
        setting = self.wanted.find(section, stream, attributes)
        if setting is None:
            self.unknown[f"{section}.{re.sub(r'[0-9]+', 'N', stream)}"] += 1
            return
        parts = {"": value}
        if isinstance(value, (list, tuple)) and setting.distribution is not None:
            parts = values_of_parts(setting.distribution, value)
        for part, number in parts.items():
            self._store(setting, part, number, chosen)

    def _again(self, section: str, stream: str, drawn: Mapping[str, Any]) -> bool:
        """Whether the setting has a draw under its very name, and this is another one of it: each
        lamp draws all settings of lamps, `count` included, which only counts once."""
        setting = self.wanted.find(section, stream)
        return (
            setting is not None
            and setting.stream != stream
            and f"{section}.{setting.stream}" in drawn
        )

    def _add_text(self, section: str, stream: str, text: str) -> None:
        setting = self.wanted.find(section, stream)
        if setting is not None:
            self._store(setting, "", text, False)

    def _lose(self, section: str, stream: str) -> None:
        """A draw of an object that is not in its world."""
        setting = self.wanted.find(section, stream)
        if setting is not None:
            self._held(setting, "").lost += 1

    def _store(self, setting: Setting, part: str, value: Any, chosen: bool) -> None:
        held = self._held(setting, part)
        (held.chosen if chosen else held.plain).append(value)

    def _held(self, setting: Setting, part: str) -> Values:
        return self.values.setdefault((id(setting), part), Values(setting, part))

    def of(self, setting: Setting) -> Iterable[Values]:
        """What a setting gave; empty if it never did."""
        return [v for (key, _), v in self.values.items() if key == id(setting)]
