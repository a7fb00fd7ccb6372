"""Pixel operators that stages share: what a camera does, what a palette is, how pictures join.

Purpose: one implementation for refiners, augmentation and the label check. In scope: the sensor
chain (optics, noise, demosaicing, what the camera's processor does, JPEG), transfer of colours and
spectra from one picture to another, feathered compositing. Out of scope: labels, files, networks.

Pictures are uint8[H, W, 3] sRGB outside and float32 inside, display values or linear light in
[0, 1] as each function says. Functions are pure; those that draw take a stream and say so.
"""
