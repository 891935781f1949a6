"""A street on a rainy night through a wet window: lights out of focus, drops that run down the glass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np  # type: ignore[import-not-found, unused-ignore]

from . import sound
from .picture import Array, Frame, cloud, enlarge, light, look_up, ramp, smoothstep, tile

FRAME = Frame(1280, 720)
DURATION_S = 7.0
EXPOSURE = 1.15
_SMALL = 2

_mist = cloud(512, 1.8, 51)
_AMBER, _RED, _TEAL = (1.0, 0.43, 0.08), (1.0, 0.05, 0.03), (0.06, 0.62, 0.60)
_WHITE, _ROSE, _BLUE = (1.0, 0.76, 0.48), (1.0, 0.12, 0.32), (0.10, 0.26, 1.0)


@dataclass(frozen=True)
class Lamp:
    """One light of the street: where it is, how it moves (picture heights a second), how wide its blur is."""

    x: float
    y: float
    radius: float
    colour: tuple[float, float, float]
    power: float
    drift: float = 0.0
    beat: float = 0.0


def _street() -> list[Lamp]:
    random = np.random.default_rng(17)
    lamps = []
    for side in (-1, 1):
        for step in range(9):  # Street lamps run to a vanishing point.
            depth = 1.0 + step * 0.62
            at = (0.08 + side * 1.02 / depth, 0.56 - 0.50 / depth)
            lamps.append(Lamp(*at, 0.085 / depth**0.55, _AMBER, 0.55, 0.006 * side / depth))
    for _ in range(46):  # Windows and signs along both sides.
        x = float(random.choice([-1, 1]) * random.uniform(0.16, 0.95))
        which = int(random.choice(5, p=[0.32, 0.26, 0.17, 0.14, 0.11]))
        colour = (_AMBER, _WHITE, _TEAL, _ROSE, _BLUE)[which]
        size = float(random.uniform(0.018, 0.06) * (0.5 + abs(x)))
        beat = float(random.uniform(0.5, 1.4)) if random.random() < 0.2 else 0.0
        y, power = float(random.uniform(0.12, 0.60)), float(random.uniform(0.15, 0.6))
        lamps.append(Lamp(x + 0.05, y, size, colour, power, 0.004 * float(np.sign(x)), beat))
    for car in range(7):  # White lamps come, red lamps go.
        start, speed = -0.75 + car * 0.24, 0.055 + 0.008 * (car % 3)
        comes = car % 2 == 0
        y, radius, colour = (0.675, 0.048, _WHITE) if comes else (0.640, 0.036, _RED)
        pace = speed if comes else -speed * 0.7
        lamps += [Lamp(start + wheel * 0.036, y, radius, colour, 1.15, pace) for wheel in (-1, 1)]
    return lamps


_lamps = _street()


def _bokeh(time_s: float) -> Array:
    """The street out of focus, at half size: each light a disc with a brighter rim, doubled in the road."""
    x, y = FRAME.grid(_SMALL)
    scene = ramp(y, (0.0, (0.006, 0.009, 0.022)), (0.55, (0.022, 0.015, 0.032)), (1.0, (0.008, 0.008, 0.016)))
    rows, columns = x.shape
    for lamp in _lamps:
        at = lamp.x + lamp.drift * time_s
        blink = 0.45 * (0.5 + 0.5 * np.sin(lamp.beat * 2 * np.pi * time_s)) if lamp.beat else 0.0
        power = lamp.power * (1 - blink)
        for mirrored in (False, True):
            centre = 0.70 + (0.70 - lamp.y) * 0.72 if mirrored else lamp.y
            wide, tall = lamp.radius * (0.8 if mirrored else 1), lamp.radius * (2.6 if mirrored else 1)
            top, bottom = int((centre - tall * 1.9) * rows), int((centre + tall * 1.9) * rows) + 2
            left = int((at - wide * 1.9) * rows + columns / 2)
            right = int((at + wide * 1.9) * rows + columns / 2) + 2
            top, left = max(top, 0), max(left, 0)
            if bottom <= top or right <= left or top >= rows or left >= columns:
                continue
            part = (slice(top, bottom), slice(left, right))
            reach = np.hypot((x[part] - at) / wide, (y[part] - centre) / tall)
            if mirrored:
                wet = 0.5 + tile(_mist, x[part] * 3, y[part] * 14 - time_s * 0.05)
                disc = np.exp(-((reach * 1.25) ** 2) * 1.6) * 0.34 * wet
            else:
                disc = smoothstep(1.07, 0.90, reach) * (0.55 + 0.45 * reach**3)
                disc = disc + 0.10 * np.clip(1 - reach / 1.9, 0, 1) ** 2
            scene[part] += light(*lamp.colour) * (disc * power * 0.6)[..., None]
    fog = tile(_mist, x * 0.30 + time_s * 0.006, y * 0.30)
    return np.asarray(scene + light(0.030, 0.018, 0.024) * (fog * smoothstep(0.95, 0.35, y))[..., None])


@dataclass(frozen=True)
class Drop:
    """One drop on the glass, in picture heights; speed_s is 0 for the many that rest."""

    x: float
    y: float
    radius: float
    stretch: float
    speed: float
    wobble: float


def _glass() -> tuple[list[Drop], list[Drop]]:
    random = np.random.default_rng(23)
    resting: list[Drop] = []
    while len(resting) < 430:
        radius = float(0.0035 + 0.0035 * random.pareto(2.1))
        if radius > 0.026:
            continue
        drop = Drop(
            float(random.uniform(-0.9, 0.9)),
            float(random.uniform(0, 1)),
            radius,
            float(random.uniform(1.0, 1.25)),
            0.0,
            float(random.uniform(0, 6)),
        )
        if all(np.hypot(drop.x - o.x, drop.y - o.y) > (drop.radius + o.radius) * 1.02 for o in resting):
            resting.append(drop)
    running = [
        Drop(-0.62, -0.10, 0.0200, 1.5, 0.115, 0.3),
        Drop(-0.23, 0.16, 0.0170, 1.5, 0.060, 2.1),
        Drop(0.17, -0.28, 0.0210, 1.6, 0.140, 4.0),
        Drop(0.44, 0.30, 0.0150, 1.4, 0.045, 1.2),
        Drop(0.73, -0.05, 0.0190, 1.5, 0.090, 5.1),
    ]
    return resting, running


_resting, _running = _glass()


def _path(drop: Drop, y: Array | float) -> Array:
    return np.asarray(
        drop.x + 0.008 * np.sin(np.asarray(y) * 17 + drop.wobble) + 0.004 * np.sin(np.asarray(y) * 43)
    )


def _lay(bend: Array, drop: Drop, x: float, y: float) -> None:
    """Put one drop on the glass: bend holds (dx, dy, cover, rim), dx and dy in picture heights."""
    height = FRAME.height
    tall, wide = drop.radius * drop.stretch, drop.radius
    top, bottom = int((y - tall) * height) - 1, int((y + tall) * height) + 2
    left, right = (
        int((x - wide) * height + FRAME.width / 2) - 1,
        int((x + wide) * height + FRAME.width / 2) + 2,
    )
    top, left = max(top, 0), max(left, 0)
    part = bend[top : max(bottom, 0), left : max(right, 0)]
    if part.size == 0:
        return
    rows = (np.arange(top, top + part.shape[0]) + 0.5) / height
    columns = (np.arange(left, left + part.shape[1]) + 0.5 - FRAME.width / 2) / height
    u, v = np.meshgrid((columns - x) / wide, (rows - y) / tall)
    v = v - 0.14 * u * u
    reach = np.hypot(u, v)
    cover = smoothstep(1.0, 0.84, reach)
    # A drop is a small fish-eye: it shows a wide piece of the street, upside down.
    lens = 0.16 * reach**1.5 + 0.10
    aim_x, aim_y = -u * lens - u * wide, -v * lens * 1.5 - v * tall
    for channel, value in enumerate((aim_x, aim_y)):
        part[..., channel] = part[..., channel] * (1 - cover) + value * cover
    part[..., 2] = np.maximum(part[..., 2], cover)
    rim = smoothstep(0.55, 1.0, reach) * cover * (0.6 - 0.4 * v)
    part[..., 3] = part[..., 3] * (1 - cover) + rim


def paint(time_s: float) -> Array:
    """The scene in linear light."""
    street = _bokeh(time_s)
    scene = enlarge(street, FRAME)
    bend = np.zeros((FRAME.height, FRAME.width, 4), dtype=np.float32)
    taken = [
        (drop, drop.y + drop.speed * time_s + 0.010 * np.sin(time_s * 2.3 + drop.wobble)) for drop in _running
    ]
    for drop in _resting:
        swept = any(abs(float(_path(r, drop.y)) - drop.x) < r.radius * 1.1 and drop.y < y for r, y in taken)
        if not swept:
            _lay(bend, drop, drop.x, drop.y)
    for drop, y in taken:
        for bead in range(1, 16):  # The trail breaks into beads.
            behind = y - 0.032 * bead - 0.010 * np.sin(bead * 5.3 + drop.wobble)
            size = drop.radius * (0.36 + 0.14 * np.sin(bead * 2.7 + drop.wobble)) * (1 - bead / 17)
            fixed = np.floor(behind / 0.032) * 0.032
            _lay(bend, Drop(drop.x, fixed, size, 1.25, 0, 0), float(_path(drop, fixed)), float(fixed))
        _lay(bend, drop, float(_path(drop, y)), float(y))
    rows, columns = np.mgrid[0 : FRAME.height, 0 : FRAME.width].astype(np.float32)
    seen = look_up(
        street,
        (rows + bend[..., 1] * FRAME.height) / _SMALL,
        (columns + bend[..., 0] * FRAME.height) / _SMALL,
    )
    cover, rim = bend[..., 2:3], bend[..., 3:4]
    drops = seen * (1.18 - 0.95 * rim) + light(0.012, 0.012, 0.016)
    return np.asarray(scene * (1 - cover) + drops * cover)


def hear() -> Array:
    """Rain on the glass, a few near drops, and four soft chords of an electric piano."""
    time = sound.seconds(DURATION_S)
    random = np.random.default_rng(29)
    rain = sound.noise(DURATION_S, 700, 7000, 0.35, 12) + 0.7 * sound.noise(DURATION_S, 90, 500, 0.6, 13)
    patter = np.zeros((len(time), 2))
    for start in random.uniform(0.1, DURATION_S - 0.2, 110):
        at, length = int(start * sound.RATE), int(0.02 * sound.RATE)
        pitch = random.uniform(900, 3200)
        tick = np.sin(2 * np.pi * pitch * np.arange(length) / sound.RATE) * np.exp(
            -np.arange(length) / length * 7
        )
        pan = random.uniform(0.2, 0.8)
        patter[at : at + length] += tick[:, None] * np.array([pan, 1 - pan]) * random.uniform(0.2, 1.0)
    chords = (
        (0.2, (130.81, 246.94, 311.13, 392.0)),
        (3.5, (116.54, 220.0, 293.66, 349.23)),
    )
    piano = sum(
        sound.tone(time, hertz, start + 0.045 * i, 0.015, 1.9, (-0.3, 0.2, -0.1, 0.3)[i])
        for start, notes in chords
        for i, hertz in enumerate(notes)
    )
    near = 0.05 * sound.room(patter, 0.5, 0.3)
    return sound.master(0.16 * rain + near + 0.11 * sound.room(np.asarray(piano), 1.6, 0.35))
