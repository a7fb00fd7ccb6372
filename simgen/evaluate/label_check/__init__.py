"""Whether labels still hold after a refiner changed the pixels, instance by instance.

Purpose: generative refiners move, erase, warp and invent things. Each instance and each picture
gets scores of what was done to it, 0 where nothing was and about 1 where nothing is left;
`Limits` turn scores into suspicion, and the pipeline turns suspicion into a verdict. In scope:
scores from the pictures, the masks and depth; near copies of photographs; drift of boxes under a
detector. Out of scope: the verdict (pipeline), the pages (report).

How it measures. Tone, colour, blur and noise may change everywhere; structure may not. So
gradients are compared, not values, and each correlation is held against the one that noise and
contrast of this very picture let expect: a low one is no fault of the labels by itself. Scores:

- `drowned`: its outline is no longer above the noise;
- `edges`: gradients along the outline and the depth edges of an instance no longer agree;
- `faded`: its outline lost contrast beyond what the whole picture lost;
- `moved`: they agree better somewhere else, by this part of the instance's size;
- `part`: the worst eighth of the outline;
- `inside`: what is drawn inside the outline (pips, print) is no longer there;
- `colour`: its colour changed otherwise than the colours of the whole picture;
- `invented` (picture): new structure in the background, against that of the instances;
- `copied` (picture): likeness to the nearest real photograph (`copies.py`);
- `drift` (with a detector): how much worse a box fits that was found before (`drift.py`).

Measured on planted damage: docs/refine.md.
"""

from simgen.evaluate.label_check.scores import Check, Limits, check_labels

__all__ = ["Check", "Limits", "check_labels"]
