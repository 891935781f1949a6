"""What every scene paints with: noise, sampling, masks and the way from light to pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np  # type: ignore[import-not-found, unused-ignore]

#: An ndarray. Not typed as one: numpy is no dependency, and mypy has to pass where it is not installed.
Array: TypeAlias = Any


@dataclass(frozen=True)
class Frame:
    """The size of a picture in pixels, and its coordinates."""

    width: int
    height: int

    def grid(self, scale: int = 1) -> tuple[Array, Array]:
        """Pixel centres as (x, y); y runs 0 to 1 downwards, x is in the same unit and 0 in the middle."""
        rows, columns = self.height // scale, self.width // scale
        y = (np.arange(rows, dtype=np.float32) + 0.5) / rows
        x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns - 0.5) * (self.width / self.height)
        across, down = np.meshgrid(x, y)
        return across, down


def cloud(size: int, steepness: float, seed: int) -> Array:
    """A tileable noise texture, 0 to 1: white noise whose spectrum falls as frequency to the -steepness."""
    random = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]) * size
    frequency[0, 0] = 1.0
    spectrum = np.fft.rfft2(random.standard_normal((size, size))) / frequency**steepness
    spectrum[0, 0] = 0.0
    noise = np.fft.irfft2(spectrum, (size, size))
    low, high = np.percentile(noise, [1, 99])
    return np.clip((noise - low) / (high - low), 0, 1).astype(np.float32)


def tile(texture: Array, u: Array, v: Array) -> Array:
    """The texture at (u, v), bilinear, repeating with period 1. Its sides are powers of two."""
    rows, columns = texture.shape
    across, down = u * columns, v * rows
    left, top = np.floor(across), np.floor(down)
    fx, fy = across - left, down - top
    x0, y0 = left.astype(np.int64) & (columns - 1), top.astype(np.int64) & (rows - 1)
    x1, y1 = (x0 + 1) & (columns - 1), (y0 + 1) & (rows - 1)
    upper = texture[y0, x0] * (1 - fx) + texture[y0, x1] * fx
    lower = texture[y1, x0] * (1 - fx) + texture[y1, x1] * fx
    return upper * (1 - fy) + lower * fy


def look_up(image: Array, rows: Array, columns: Array) -> Array:
    """The image at fractional pixel positions, bilinear, its edges stretched."""
    height, width = image.shape[:2]
    rows, columns = np.clip(rows, 0, height - 1.001), np.clip(columns, 0, width - 1.001)
    top, left = rows.astype(np.int64), columns.astype(np.int64)
    fy, fx = (rows - top), (columns - left)
    if image.ndim == 3:
        fy, fx = fy[..., None], fx[..., None]
    upper = image[top, left] * (1 - fx) + image[top, left + 1] * fx
    lower = image[top + 1, left] * (1 - fx) + image[top + 1, left + 1] * fx
    return upper * (1 - fy) + lower * fy


def enlarge(image: Array, frame: Frame) -> Array:
    """A soft image painted small, brought to the size of the frame."""
    rows = (np.arange(frame.height, dtype=np.float32) + 0.5) * image.shape[0] / frame.height - 0.5
    columns = (np.arange(frame.width, dtype=np.float32) + 0.5) * image.shape[1] / frame.width - 0.5
    across, down = np.meshgrid(columns, rows)
    return look_up(image, down, across)


def smoothstep(low: float, high: float, value: Array) -> Array:
    """0 below low, 1 above high, and no corner between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def ramp(value: Array, *stops: tuple[float, tuple[float, float, float]]) -> Array:
    """Colours (linear light) between stops, by value."""
    at = [stop for stop, _ in stops]
    channels = [np.interp(value, at, [colour[i] for _, colour in stops]) for i in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def light(*rgb: float) -> Array:
    """One colour as a small array, to multiply masks with."""
    return np.array(rgb, dtype=np.float32)


def develop(scene: Array, *, exposure: float, vignette: float = 0.25, grain: Array | None = None) -> Array:
    """Linear light to 8-bit sRGB: a film-like shoulder, darker corners, a little grain against banding."""
    height, width = scene.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    lit = np.maximum(scene, 0) * (exposure * (1 - vignette * (0.5 * (x * x + y * y))))[..., None]
    filmic = (lit * (2.51 * lit + 0.03)) / (lit * (2.43 * lit + 0.59) + 0.14)
    encoded = np.clip(filmic, 0, 1) ** (1 / 2.2) * 255
    if grain is not None:
        encoded = encoded + grain[..., None]
    return np.clip(encoded + 0.5, 0, 255).astype(np.uint8)
