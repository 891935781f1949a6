"""Aurora over a frozen lake: drifting curtains, stars, a ridge of mountains, the reflection below."""

from __future__ import annotations

import numpy as np  # type: ignore[import-not-found, unused-ignore]

from . import sound
from .picture import Array, Frame, cloud, enlarge, light, look_up, ramp, smoothstep, tile

FRAME = Frame(1280, 720)
DURATION_S = 7.0
EXPOSURE = 1.0
SHORE = 0.735
_SMALL = 2

_fold = cloud(512, 1.9, 31)
_ray = cloud(512, 1.15, 32)
_range = cloud(1024, 1.35, 33)


def _stars() -> Array:
    random = np.random.default_rng(7)
    sky = np.zeros((FRAME.height, FRAME.width, 3), dtype=np.float32)
    ys, xs = np.mgrid[-3:4, -3:4]
    for _ in range(520):
        row, column = int(random.uniform(4, FRAME.height * SHORE)), int(random.uniform(4, FRAME.width - 5))
        glow = 0.035 * random.pareto(1.25) + 0.02
        radius = 0.55 + 0.25 * min(glow, 1.4)
        tint = light(1.0, 0.93, 0.85) if random.random() < 0.3 else light(0.82, 0.91, 1.0)
        spot = np.exp(-(xs**2 + ys**2) / (2 * radius**2))[..., None] * tint * min(glow, 1.5)
        sky[row - 3 : row + 4, column - 3 : column + 4] += spot
    return sky


def _ridge(seed_row: float, height: float, rough: float) -> Array:
    """The skyline of one range of mountains: y of the crest for every column."""
    x = np.arange(FRAME.width) / FRAME.width
    rise = np.zeros(FRAME.width)
    for octave in range(7):
        row = np.full_like(x, seed_row + octave * 0.13)
        rise += (np.abs(tile(_range, x * 0.20 * 2**octave + seed_row, row) - 0.5)) * rough**octave
    return np.asarray(SHORE - height * (1.25 - rise / rise.max()))


_star_field = _stars()
_far, _near = _ridge(0.21, 0.17, 0.46), _ridge(0.67, 0.07, 0.5)


def _sheet(time_s: float, row: float, far: float, wander: float) -> Array:
    """Where one curtain of light stands: its lower hem, drawn as a density in (up, across) at half size.

    A curtain is a folded curve over the ground. Seen from the side its folds run along the line of sight
    and their light adds up, which is what gives an aurora its bright edges.
    """
    s = np.linspace(0, 1, 60_000)
    here = np.full_like(s, row)

    def wave(frequency: float, speed: float, lane: float) -> Array:
        return tile(_fold, s * frequency + time_s * speed, here + lane + time_s * 0.35 * speed) - 0.5

    east = (s - 0.5) * 7.5 + 1.5 * wave(1.1, 0.004, 0.1) + 0.95 * wave(3.4, 0.010, 0.3)
    east += 0.34 * wave(9.0, 0.02, 0.5)
    north = far + wander * wave(0.9, 0.005, 0.7) + 1.35 * wave(3.1, 0.009, 0.2) + 0.42 * wave(8.0, 0.02, 0.6)
    north = np.maximum(north, 0.7)
    rays = tile(_ray, s * 9 + time_s * 0.012, here) * tile(_ray, s * 31 - time_s * 0.02, here + 0.4)
    surge = smoothstep(0.25, 0.85, tile(_fold, s * 1.9 - time_s * 0.03, here + 0.5)) + 0.10
    weight = (0.22 + 1.15 * rays) * surge / north**0.6
    rows, columns = int(FRAME.height * SHORE) // _SMALL, FRAME.width // _SMALL
    x = (east / north / (FRAME.width / FRAME.height) * 0.9 + 0.5) * columns
    up = (0.62 / north) * FRAME.height / _SMALL
    inside = (x >= 0) & (x < columns - 1) & (up >= 0) & (up < rows - 1)
    x, up, weight = x[inside], up[inside], weight[inside]
    left, low = x.astype(np.int64), up.astype(np.int64)
    density = np.zeros((rows, columns))
    for dx, dy in ((0, 0), (0, 1), (1, 0), (1, 1)):
        share = np.abs(1 - dx - (x - left)) * np.abs(1 - dy - (up - low))
        np.add.at(density, (low + dy, left + dx), weight * share)
    return np.asarray(density * (columns / 60_000))


def _glow(time_s: float) -> Array:
    """The light of all curtains above the shore, at half size, the top row first."""
    density = _sheet(time_s, 0.15, 2.0, 1.9) + 0.7 * _sheet(time_s, 0.55, 3.1, 2.6)
    rows = density.shape[0]
    size = 2 * rows
    height = np.arange(size) * _SMALL / FRAME.height
    # Green from the hem upwards, blue and violet higher and longer: oxygen low, nitrogen and thin air above.
    rise = 1 - np.exp(-height / 0.012)
    green = np.exp(-height / 0.085) + 0.16 * np.exp(-height / 0.26)
    violet = np.exp(-(((height - 0.20) / 0.15) ** 2))
    profiles = {
        0: (0.10 * green + 0.20 * violet) * rise,
        1: (1.00 * green + 0.05 * violet) * rise,
        2: (0.46 * green + 0.36 * violet) * rise,
    }
    spectrum = np.fft.rfft(density, size, axis=0)
    channels = [
        np.fft.irfft(spectrum * np.fft.rfft(profile)[:, None], size, axis=0)[:rows]
        for profile in profiles.values()
    ]
    lit = np.stack(channels, axis=-1)[::-1].astype(np.float32)
    # Cold air scatters a little of it around.
    kernel = np.exp(-(np.linspace(-2.5, 2.5, 61) ** 2))
    halo = lit[::4, ::4]
    for axis in (0, 1):
        halo = np.apply_along_axis(np.convolve, axis, halo, kernel / kernel.sum(), mode="same")
    return np.asarray(lit * 1.0 + enlarge(halo, Frame(lit.shape[1], lit.shape[0])) * 0.42)


def _heaven(time_s: float) -> Array:
    shore = int(FRAME.height * SHORE)
    aurora = np.zeros((FRAME.height, FRAME.width, 3), dtype=np.float32)
    glow = _glow(time_s)
    # The rays are parallel to the field of the earth, so they lean towards one point high above the picture.
    down, across = np.mgrid[0:shore, 0 : FRAME.width].astype(np.float32)
    lean = 1 + 0.30 * (1 - down / shore) ** 1.2
    middle = FRAME.width * 0.56
    aurora[:shore] = look_up(glow, down / _SMALL, (middle + (across - middle) * lean * 0.8) / _SMALL)
    _, y_full = FRAME.grid()
    night = ramp(
        SHORE - y_full,
        (0.0, (0.020, 0.052, 0.070)),
        (0.25, (0.008, 0.022, 0.046)),
        (0.74, (0.004, 0.009, 0.026)),
    )
    twinkle = 1 - 0.12 * np.sin(time_s * 2.1 + np.arange(FRAME.width) * 0.37)[None, :, None]
    return night + aurora + _star_field * twinkle


def paint(time_s: float) -> Array:
    """The scene in linear light."""
    _, y = FRAME.grid()
    scene = _heaven(time_s)
    glow = scene[: int(FRAME.height * SHORE)].mean(axis=(0, 1))
    for crest, tone in ((_far, 0.20), (_near, 0.05)):
        mask = smoothstep(-0.0011, 0.0011, y - crest[None, :])[..., None]
        below = np.maximum(y - crest[None, :], 0)
        mist = 0.55 * smoothstep(0.10, 0.0, SHORE - y) + 0.25 * np.exp(-below * 60)
        scene = scene * (1 - mask) + glow * (tone + mist * tone * 3)[..., None] * mask

    shore = int(SHORE * FRAME.height)
    depth = (np.arange(shore, FRAME.height) - shore) + 0.5
    across, down = np.meshgrid(np.arange(FRAME.width, dtype=np.float32), depth.astype(np.float32))
    nearness = down / (FRAME.height - shore)
    u, v = across / FRAME.width, 1 / (nearness + 0.09)
    ripple = tile(_fold, u * (0.5 + nearness), v * 0.35 + time_s * 0.010) - 0.5
    small = tile(_ray, u * 2 * (0.4 + nearness), v * 1.3 - time_s * 0.016) - 0.5
    rows = shore - down * 1.5 - (14 * ripple + 9 * small) * (0.15 + nearness)
    mirror = look_up(scene, rows, across + 3.0 * small)
    for blur in (2.5, 5.0, 8.0):
        mirror = mirror + look_up(scene, rows - blur * (0.5 + nearness), across)
    ice = 0.72 - 0.30 * nearness + 0.10 * small
    scene[shore:] = mirror / 4 * ice[..., None] * light(0.80, 0.96, 1.02) + light(0.002, 0.006, 0.010)
    edge = np.exp(-(((y - SHORE) / 0.0035) ** 2))[..., None]
    return np.asarray(scene * (1 - 0.55 * edge) + glow * 0.35 * edge)


def hear() -> Array:
    """A wide, slow chord with glints above it, and a little wind."""
    time = sound.seconds(DURATION_S)
    wind = sound.noise(DURATION_S, 180, 900, 0.7, 9) * (0.5 + 0.5 * np.sin(time * 0.9 + 0.4))[:, None]
    low = ((73.42, 0.0, 0.0), (146.83, 0.0, -0.4), (220.0, 0.3, 0.4))
    chord = (*low, (329.63, 1.2, -0.2), (369.99, 2.6, 0.3))
    pad = sum(sound.tone(time, hertz, start, 2.4, 7.0, pan) for hertz, start, pan in chord)
    glints = ((1174.66, 0.9, -0.5), (1479.98, 2.3, 0.5), (1318.51, 3.9, -0.1), (1760.0, 5.0, 0.3))
    bells = sum(sound.tone(time, hertz, start, 0.02, 1.1, pan) for hertz, start, pan in glints)
    return sound.master(0.06 * wind + sound.room(np.asarray(0.2 * pad + 0.05 * bells), 3.0, 0.55))
