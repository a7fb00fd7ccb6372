"""Augmentation: pixels and labels move together.

Purpose: more pictures out of those that there are, with labels that are as true as before. In
scope: the operators (plugins of the group `simgen.augmenters`), what they share, chains of them.
Out of scope: reading and writing sets, which samples meet (pipeline), pixel operators that know no
labels (imaging).

One model of a picture for all operators, the `Canvas`: rows of labels with their regions. An
operator moves regions, takes pixels away from them or adds new ones; what follows from that, box,
area, visibility, truncation, keypoints, parts, and which labels are too little to be kept, is
worked out once, in `Canvas.finished`. So no operator can forget it.

Laws (`conformance.augmenters`): a pixel has at most one owner; a box is the tight bound of its
mask; nothing lies outside the picture; inputs are never changed; the same stream gives the same.
"""
