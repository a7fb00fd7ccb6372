"""From geometry buffers to labels.

Purpose: instance map, depth and amodal masks become columns of boxes, masks, visibility and
poses, and point clouds. In scope: which instance is labelled and why another is not. Out of
scope: files, COCO's spelling, anything that moves a pixel.

A box is always the tight bound of its mask; an instance is either annotated or listed as
unlabelled with its reason, never silently missing.
"""
