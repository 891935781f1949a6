"""Dawn over misty hills, in portrait: pine ridges one behind the other, a rising sun, a few birds."""

from __future__ import annotations

import numpy as np  # type: ignore[import-not-found, unused-ignore]

from . import sound
from .picture import Array, Frame, cloud, light, ramp, smoothstep, tile

FRAME = Frame(720, 1280)
DURATION_S = 7.0
EXPOSURE = 0.60
RIDGES = 8
SUN_X, SUN_Y = 0.055, 0.315

_ground = cloud(1024, 1.5, 71)
_fog = cloud(512, 1.7, 72)
_veil = cloud(512, 1.6, 73)


def _pines(x: Array, size: float, seed: float) -> Array:
    """How high the trees stand above the ground at x, in picture heights: narrow, uneven triangles."""
    top = np.zeros_like(x)
    for layer in range(3):
        step = size * (0.42 + 0.13 * layer)
        cell = np.floor(x / step + layer * 0.37 + seed)
        within = x / step + layer * 0.37 + seed - cell - 0.5
        chance = np.abs(np.sin(cell * 127.1 + seed * 311.7 + layer * 74.7) * 43758.5453) % 1
        shift = (np.abs(np.sin(cell * 269.5 + layer * 183.3) * 24634.6345) % 1 - 0.5) * 0.4
        tall = size * (0.25 + 1.05 * chance**1.6)
        boughs = 1 + 0.13 * np.sin(np.abs(within - shift) * 60)
        top = np.maximum(top, tall * (1 - np.abs(within - shift) * 2.5 * boughs))
    return np.maximum(top, 0)


def _range(x: Array, index: int, time_s: float) -> tuple[Array, Array]:
    """The ground of one range (y, downwards) and its trees. Nearer ranges slide faster, as from a dolly."""
    near = index / (RIDGES - 1)
    slid = x + time_s * (0.0012 + 0.0115 * near**2.2)
    seed = index * 0.173 + 0.05
    rise = np.zeros_like(x)
    for octave in range(6):
        row = np.full_like(x, seed + octave * 0.11)
        rise += (tile(_ground, slid * (0.30 + 0.16 * near) * 2**octave + seed * 3, row) - 0.5) * 0.5**octave
    level = 0.405 + 0.475 * near**1.12
    steep = 0.085 + 0.065 * near
    trees = _pines(slid, 0.0075 + 0.082 * near**2.3, seed * 7) if index > 1 else np.zeros_like(x)
    return level - steep * rise * 1.5, trees


def _sky(x: Array, y: Array, time_s: float) -> Array:
    base = ramp(
        y,
        (0.0, (0.10, 0.19, 0.42)),
        (0.14, (0.27, 0.33, 0.55)),
        (0.27, (0.80, 0.50, 0.47)),
        (0.38, (1.22, 0.68, 0.36)),
        (0.50, (1.30, 0.80, 0.46)),
    )
    rise = time_s * 0.0022
    from_sun = np.hypot(x - SUN_X, y - (SUN_Y - rise))
    base += light(1.3, 0.66, 0.26) * (0.85 * np.exp(-from_sun * 6.5))[..., None]
    streak = tile(_veil, x * 0.34 + time_s * 0.0035, y * 2.4 + 0.1) * 0.65
    streak += tile(_fog, x * 0.9, y * 5.5) * 0.35
    cover = smoothstep(0.48, 0.82, streak) * smoothstep(0.36, 0.16, y) * 0.75
    lit = ramp(from_sun, (0.0, (1.9, 1.05, 0.62)), (0.25, (1.35, 0.70, 0.52)), (0.6, (0.55, 0.40, 0.52)))
    base = base * (1 - cover[..., None]) + lit * cover[..., None]
    disc = smoothstep(0.0315, 0.0295, from_sun)
    return np.asarray(base * (1 - disc[..., None]) + light(5.5, 3.9, 2.2) * disc[..., None])


def _birds(scene: Array, time_s: float) -> None:
    random = np.random.default_rng(4)
    for index in range(7):
        behind = (index + 1) // 2
        side = 1 if index % 2 else -1
        x = -0.155 + time_s * 0.026 - behind * 0.027 + float(random.normal(0, 0.002))
        y = 0.228 - time_s * 0.004 + behind * side * 0.0085 + behind * 0.004
        beat = float(np.sin(time_s * (7.2 + 0.4 * random.random()) + index * 1.9))
        span = 0.0098
        row, column = int(y * FRAME.height), int((x + FRAME.width / FRAME.height / 2) * FRAME.height)
        if not (24 < row < FRAME.height - 24 and 24 < column < FRAME.width - 24):
            continue
        v, u = np.mgrid[-20:21, -20:21] / FRAME.height / span
        wing = -np.abs(u) * 0.75 * beat + 0.42 * u * u * beat + 0.10 * np.abs(u)
        thick = 0.115 * (1.15 - np.abs(u))
        mark = smoothstep(0.10, -0.02, np.abs(v - wing) - np.maximum(thick, 0)) * (np.abs(u) < 1)
        part = scene[row - 20 : row + 21, column - 20 : column + 21]
        part *= (1 - 0.86 * mark)[..., None]


def paint(time_s: float) -> Array:
    """The scene in linear light."""
    x, y = FRAME.grid()
    scene = _sky(x, y, time_s)
    _birds(scene, time_s)
    line = x[0].astype(np.float64)
    for index in range(RIDGES):
        near = index / (RIDGES - 1)
        ground, trees = _range(line, index, time_s)
        mask = smoothstep(-0.0007, 0.0007, y - (ground - trees)[None, :])[..., None]
        # The mist follows the ground, not every tree top.
        level = np.convolve(np.pad(ground, 30, mode="edge"), np.full(61, 1 / 61), mode="valid")
        below = y - level[None, :] + 0.02 * near
        air = (1 - near) ** 1.25
        warm = np.exp(-np.abs(x - SUN_X) * (2.2 + 2 * near))[..., None]
        far = ramp(y, (0.36, (0.98, 0.60, 0.42)), (0.55, (0.58, 0.40, 0.43)), (0.8, (0.20, 0.23, 0.33)))
        colour = light(0.006, 0.014, 0.021) * (1 - air) + (far * (0.62 + 0.4 * warm)) * air * 0.92
        # Mist lies in every valley and drifts on its own.
        drift = tile(_fog, x * 0.55 + index * 0.31 - time_s * (0.006 + 0.006 * near), y * 1.5 + index * 0.21)
        pool = smoothstep(0.0, 0.13 + 0.07 * near, below) * (0.42 + 0.85 * drift) * (0.93 - 0.42 * near)
        mist = far * (0.78 + 0.75 * warm * (1 - 0.5 * near))
        colour = colour * (1 - pool[..., None]) + mist * pool[..., None]
        scene = scene * (1 - mask) + colour * mask
    shine = np.exp(-np.hypot(x - SUN_X, (y - SUN_Y) * 0.8) * 4.2)[..., None]
    return np.asarray(scene + light(0.34, 0.17, 0.07) * shine * 0.55)


def hear() -> Array:
    """A warm drone, morning air, and two birds answering each other."""
    time = sound.seconds(DURATION_S)
    air = sound.noise(DURATION_S, 200, 1500, 0.8, 41) * (0.6 + 0.4 * np.sin(time * 0.7))[:, None]
    low = ((98.0, 0.0, 0.0), (146.83, 0.1, -0.3), (246.94, 0.8, 0.3))
    chord = (*low, (293.66, 1.9, -0.2), (440.0, 3.4, 0.2))
    pad = sum(sound.tone(time, hertz, start, 2.0, 6.5, pan) for hertz, start, pan in chord)
    song = np.zeros((len(time), 2))
    near = ((1.3, 3100, 0.25), (1.55, 3500, 0.25), (4.7, 3200, 0.3), (4.9, 3600, 0.3), (5.1, 3300, 0.3))
    for start, base, pan in (*near, (3.0, 2700, 0.8), (3.18, 2500, 0.8)):
        t = np.clip((time - start) / 0.13, 0, 1)
        sweep = 2 * np.pi * np.cumsum(base * (1 + 0.13 * np.sin(np.pi * t * 1.6))) / sound.RATE
        song += (np.sin(sweep) * np.sin(np.pi * t) ** 2)[:, None] * np.array([1 - pan, pan])
    wet = 0.10 * sound.room(np.asarray(pad), 2.2, 0.45) + 0.045 * sound.room(song, 1.8, 0.6)
    return sound.master(0.10 * air + wet)
