"""How good detections are, where they fail, and how far synthetic images are from real ones.

Purpose: numbers with intervals that tell what to change in a scene. In scope: COCO metrics,
average precision by slices of any recorded parameter, error types, confusion, bootstrap
intervals, the gap between two image sets. Out of scope: training and prediction (detect), pages
and pictures (report). Input is plain: COCO JSON for labels, COCO results JSON for detections.

Matching. COCO's own protocol (pycocotools, the reference) matches once, over all labels, and
`matching.py` turns the outcome into columns. All that follows only weighs these columns, so
slices, error types and a thousand bootstrap resamples cost no second matching.

Slices of an instance parameter. COCO's area ranges match again for every range and prefer labels
inside it, so that one detection may serve two ranges. Here a detection has one fate:
- matched to a label: counts in the label's slice, does not exist in the others;
- unmatched, overlapping some label by IoU >= 0.1: a false positive of that label's slice,
  because that instance provoked it;
- unmatched on background: of the slice its own box falls into where the parameter can be read
  off a box (size, aspect, category); otherwise of every slice of its category, with the weight
  that the slice has among the labels of that category. A slice of a tenth of the labels pays a
  tenth of the background errors, so that a random slice has the AP of the whole (up to noise).
Labels as detections give 1 in every slice, as no false positive is left to share out. Slices of
an image parameter hold these images, whole: pycocotools restricted to them gives the same value.

Bootstrap. Percentile intervals over images; views of one world are resampled together, as they
share objects and light. Resampled images are integer weights of the columns (`precision.py`).
Predictions of several seeds are repeats: see `bootstrap.py`.

Libraries looked at before anything was written here (November 2026):
- pycocotools (BSD-2): the reference for matching and headline numbers.
- hotcoco 1.3.0 (MIT, wheels, only numpy, released monthly by one maintainer): COCO numbers bit
  equal to pycocotools, forty times faster by itself and twice with our columns; TIDE totals,
  confusion matrix. Optional (`--evaluator hotcoco`). Its TIDE does not say which detection is
  which error, which the gallery needs; its slices are of images only, and its bootstrap compares
  two models.
- faster-coco-eval 1.8.0 (Apache-2.0, kept): fast, but no error types, and a confusion matrix
  without a score threshold.
- tidecv 1.0.1 (MIT, last release 2020): the source of the error types; not kept.
- clean-fid, torch-fidelity: the formulas are fine and tied to Inception weights that must be
  downloaded; FID, KID, density and coverage are a few lines of numpy and scipy each.
"""
