"""Golden hour over a calm sea: low sun, thin cloud, long swell, a path of light to the viewer."""

from __future__ import annotations

import numpy as np  # type: ignore[import-not-found, unused-ignore]

from . import sound
from .picture import Array, Frame, cloud, light, ramp, smoothstep, tile

FRAME = Frame(1280, 720)
DURATION_S = 7.0
EXPOSURE = 0.62
HORIZON = 0.56
SUN_X, SUN_HEIGHT = 0.22, 0.062
EYE_M = 2.6

_random = np.random.default_rng(11)
_WAVES = 34
_length_m = np.geomspace(22, 0.24, _WAVES)
_heading = _random.normal(1.75, 0.62, _WAVES)
_phase = _random.uniform(0, 2 * np.pi, _WAVES)
_slope = 0.034 * (_length_m / 22) ** 0.02 * _random.uniform(0.7, 1.3, _WAVES)
_wisps = cloud(512, 1.55, 21)
_bands = cloud(512, 1.75, 8)


def _sky(x: Array, up: Array, time_s: float) -> Array:
    """The sky in the direction x, at the height `up` above the horizon (in picture heights)."""
    up = np.maximum(up, 0.0)
    base = ramp(
        up,
        (0.0, (1.00, 0.40, 0.13)),
        (0.07, (0.92, 0.36, 0.17)),
        (0.20, (0.50, 0.28, 0.27)),
        (0.38, (0.19, 0.20, 0.33)),
        (0.62, (0.06, 0.105, 0.27)),
    )
    from_sun = np.hypot(x - SUN_X, (up - SUN_HEIGHT) * 1.15)
    base += light(1.0, 0.46, 0.14) * (0.95 * np.exp(-from_sun * 5.5))[..., None]
    base += light(1.0, 0.62, 0.28) * (1.4 * np.exp(-from_sun * 24))[..., None]
    # A flat cloud deck seen in perspective: its features shrink towards the horizon.
    depth = 1 / (up + 0.075)
    u, v = x * depth * 0.055 + time_s * 0.0022, depth * 0.115 - time_s * 0.0011
    deck = 0.62 * tile(_bands, u, v * 1.6) + 0.38 * tile(_wisps, u * 2.3 + 0.3, v * 3.4)
    cover = smoothstep(0.44, 0.74, deck) * smoothstep(0.02, 0.17, up) * 0.9
    lit = ramp(
        np.clip(from_sun * 1.1, 0, 1.2),
        (0.0, (1.9, 0.95, 0.42)),
        (0.3, (1.25, 0.47, 0.24)),
        (0.7, (0.52, 0.25, 0.28)),
        (1.2, (0.23, 0.17, 0.28)),
    )
    return base * (1 - cover[..., None]) + lit * cover[..., None]


def paint(time_s: float) -> Array:
    """The scene in linear light."""
    x, y = FRAME.grid()
    above = HORIZON - y
    scene = _sky(x, above, time_s)
    disc = smoothstep(0.0275, 0.0235, np.hypot(x - SUN_X, above - SUN_HEIGHT))
    scene += light(7.0, 4.6, 2.1) * disc[..., None]

    first = int(HORIZON * FRAME.height)
    down = np.maximum(-above[first:], 0.5 / FRAME.height)
    across = x[first:]
    distance = EYE_M / down * 1.15
    east, north = across * distance / 1.15, distance
    slope_x, slope_y, rough = np.zeros_like(down), np.zeros_like(down), np.full_like(down, 0.0007)
    footprint = distance * distance / EYE_M * (1.0 / FRAME.height)
    for length, heading, phase, slope in zip(_length_m, _heading, _phase, _slope, strict=True):
        number = 2 * np.pi / length
        kx, ky = number * np.cos(heading), number * np.sin(heading)
        angle = kx * east + ky * north + phase + np.sqrt(9.81 * number) * time_s * 0.62
        # Waves finer than a pixel become roughness, or the far sea would flicker.
        seen = np.clip(length / (footprint * 2.2) - 0.5, 0, 1)
        wave = slope * (np.cos(angle) + 0.35 * np.cos(2 * angle + 0.6))
        slope_x += np.cos(heading) * wave * seen
        slope_y += np.sin(heading) * wave * seen
        rough += slope * slope * 0.5 * (1 - seen * seen)
    # The reflected ray: tilting the water by a slope turns the ray by twice that.
    glance = np.abs(down + 2 * slope_y * 0.62 + 0.35 * slope_x * slope_x + np.sqrt(rough) * 0.55)
    look_x = across + 2 * slope_x * 0.62
    mirror = _sky(look_x, glance, time_s)
    facing = np.clip(down * 0.9 - slope_y, 0, 1)
    fresnel = 0.04 + 0.96 * (1 - np.clip(facing, 0, 1)) ** 5
    water = light(0.006, 0.028, 0.045) + light(0.012, 0.022, 0.018) * np.clip(facing, 0, 1)[..., None]
    sea = mirror * fresnel[..., None] * 0.86 + water
    spread = 0.00042 + rough * 0.9
    miss = (look_x - SUN_X) ** 2 + ((glance - SUN_HEIGHT) * 0.55) ** 2
    sparkle = np.exp(-miss / (2 * spread)) * 0.0042 / (spread + 0.0006)
    sea += light(1.0, 0.60, 0.25) * (sparkle * np.maximum(fresnel, 0.16) * 2.2)[..., None]
    haze = np.exp(-down * 46)[..., None]
    scene[first:] = sea * (1 - haze * 0.6) + _sky(across, np.full_like(across, 0.004), time_s) * haze * 0.6
    return scene


def hear() -> Array:
    """Two slow swells on a warm fifth."""
    time = sound.seconds(DURATION_S)
    swell = 0.35 + 0.65 * np.sin(np.pi * (time / 3.5 + 0.15)) ** 2
    hiss = sound.noise(DURATION_S, 300, 2600, 0.9, 3) * (swell**1.6)[:, None]
    deep = sound.noise(DURATION_S, 60, 420, 0.8, 4) * swell[::-1, None]
    pad = sum(
        sound.tone(time, hertz, start, 2.2, 6.0, pan)
        for hertz, start, pan in (
            (110.0, 0.0, 0.0),
            (164.81, 0.2, -0.3),
            (220.0, 0.6, 0.3),
            (277.18, 1.8, 0.2),
            (329.63, 3.2, -0.2),
        )
    )
    return sound.master(0.34 * hiss + 0.4 * deep + 0.085 * sound.room(np.asarray(pad), 2.5, 0.5))
