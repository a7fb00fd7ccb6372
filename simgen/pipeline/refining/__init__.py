"""`simgen refine`: a chain of refiners over a dataset, every result checked.

Purpose: pixels that look more like photographs, under labels that are known to hold. In scope:
the gate of refine configs (`gate`), the chain (`chain`), what becomes of a picture whose labels
no longer hold (`verdict`), the stage that runs over a dataset (`stage`, `run`), the preview
(`preview`). Out of scope: what a refiner does (refine), how labels are measured (evaluate).

Verdicts, written into each frame's provenance with all scores:
- `keep`: every label is believed;
- `composite`: some instances were not; their own pixels are laid back, feathered, and the result
  was measured again;
- `retry`: kept after another go from the same random numbers at lower strength;
- `drop`: nothing of it helped, and the frame is not made;
- `original`: the same, and the config says to keep the frame as it was.
"""
