"""What every scene sounds with: filtered noise, soft tones, a small room. All is (samples, 2) at RATE."""

from __future__ import annotations

import numpy as np  # type: ignore[import-not-found, unused-ignore]

from .picture import Array

RATE = 48_000


def seconds(duration_s: float) -> Array:
    """The time of every sample."""
    return np.arange(int(duration_s * RATE)) / RATE


def noise(duration_s: float, low_hz: float, high_hz: float, tilt: float, seed: int) -> Array:
    """Stereo noise between two frequencies, falling as frequency to the -tilt; its loudest sample is 1."""
    samples = int(duration_s * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((samples, 2)), axis=0)
    frequency = np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 1.0)
    band = 1 / (1 + (low_hz / frequency) ** 4) / (1 + (frequency / high_hz) ** 4)
    band *= (low_hz / frequency) ** tilt
    shaped = np.fft.irfft(spectrum * band[:, None], samples, axis=0)
    return np.asarray(shaped / np.abs(shaped).max())


def tone(time: Array, hertz: float, start_s: float, attack_s: float, decay_s: float, pan: float) -> Array:
    """A soft tone with three partials, two strings a hair apart. pan: -1 left to 1 right."""
    t = np.maximum(time - start_s, 0)
    envelope = np.minimum(t / attack_s, 1) ** 2 * np.exp(-np.maximum(t - attack_s, 0) / decay_s)
    wave = np.zeros((len(time), 2))
    for partial, level in ((1, 1.0), (2, 0.28), (3, 0.1)):
        for side, detune in enumerate((0.9985, 1.0015)):
            wave[:, side] += level * np.sin(2 * np.pi * hertz * partial * detune * t)
    return np.asarray(wave * envelope[:, None] * np.array([1 - max(pan, 0), 1 + min(pan, 0)]))


def room(dry: Array, decay_s: float, wet: float, seed: int = 5) -> Array:
    """The sound in a room: convolved with noise that dies away."""
    tail = seconds(decay_s * 2)
    impulse = np.random.default_rng(seed).standard_normal((len(tail), 2))
    impulse *= np.exp(-tail / decay_s * 3)[:, None]
    impulse /= np.sqrt((impulse**2).sum(axis=0))
    size = len(dry) + len(tail)
    echo = np.fft.irfft(np.fft.rfft(dry, size, axis=0) * np.fft.rfft(impulse, size, axis=0), size, axis=0)
    return np.asarray(dry * (1 - wet) + echo[: len(dry)] * wet)


def master(mix: Array, peak: float = 0.5) -> Array:
    """Level the mix, and fade both ends so that no clip starts or stops with a click."""
    time = np.arange(len(mix)) / RATE
    fade = np.clip(time / 0.4, 0, 1) * np.clip((time[-1] - time) / 1.0, 0, 1)
    return np.asarray(mix / np.abs(mix).max() * peak * fade[:, None])
