"""What a camera's processor does to display values: metering, tint, tone, sharpening, JPEG."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # Rec. 709, linear light
_DARKEST = 1e-4


def metered(light: Floats, grey: float, share: float) -> Floats:
    """Exposed so that the mean luminance moves towards `grey`, as automatic exposure does.

    Args:
        light: float32[H, W, 3], linear.
        grey: mean linear luminance that the camera aims at.
        share: how far it goes there, in stops: 0 not at all, 1 all the way.
    """
    if share == 0:
        return light
    mean = max(float((light @ LUMA).mean()), _DARKEST)
    return light * np.float32((grey / mean) ** share)


def balanced(light: Floats, share: float) -> Floats:
    """Channels scaled towards equal means, as automatic white balance (grey world) does.

    Args:
        light: float32[H, W, 3], linear.
        share: 0 not at all, 1 all the way.
    """
    if share == 0:
        return light
    means = np.maximum(light.reshape(-1, 3).mean(axis=0), _DARKEST)
    gains = (means[1] / means) ** np.float32(share)
    return np.asarray(light * gains.astype(np.float32))


def toned(display: Floats, contrast: float, saturation: float) -> Floats:
    """Contrast about middle grey, then saturation about the luma of each pixel.

    Args:
        display: float32[H, W, 3], display values in [0, 1].
        contrast: slope in the middle; an S-curve above 1, so that white stays white.
        saturation: factor.
    """
    out = display
    if contrast != 1:
        # Blend of the identity and smoothstep's family: f(0) = 0, f(1) = 1, f'(1/2) = contrast.
        centred = 2 * np.clip(out, 0, 1) - 1
        curved = centred * (1 + (contrast - 1) * (1 - centred * centred))
        out = np.clip(curved / 2 + 0.5, 0, 1)
    if saturation != 1:
        grey = (out @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
        out = grey + (out - grey) * np.float32(saturation)
    return np.asarray(out, np.float32)


def sharpened(display: Floats, amount: float, radius_px: float) -> Floats:
    """Unsharp mask: the picture plus `amount` times what a Gaussian of `radius_px` takes away."""
    import cv2

    if amount == 0:
        return display
    soft = cv2.GaussianBlur(display, (0, 0), radius_px, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(display + np.float32(amount) * (display - soft), np.float32)


def compressed(rgb: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """uint8[H, W, 3] through JPEG (4:2:0, as cameras write it)."""
    import cv2

    done, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    image = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(image[..., ::-1]).astype(np.uint8, copy=False)
