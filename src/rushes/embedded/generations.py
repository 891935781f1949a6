"""The generations that the embedded endpoint pretends to run: what was asked for, and how it ends."""

from __future__ import annotations

import hashlib
import math
import re
import secrets
import string
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from rushes.embedded.clips import Clip, choose
from rushes.errors import InvalidInputError

#: How an operation can end, or never does.
OUTCOMES = ("succeeded", "filtered", "partly_filtered", "audio_filtered", "empty", "failed", "running")
#: Every poll of the operation is answered with this HTTP error, from the first one on.
HTTP_ERRORS = ("http_400", "http_401", "http_403", "http_404", "http_429", "http_500", "http_503")
STATUSES = OUTCOMES + HTTP_ERRORS
#: As with Google: one to four videos a request.
MAX_SAMPLES = 4
#: The oldest operation is forgotten (and answers 404) beyond so many.
MAX_OPERATIONS = 4096

MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class SampleFile:
    """One generated file: the ID under which it is served, and what it shows."""

    file_id: str
    clip: Clip


@dataclass(frozen=True)
class Generation:
    """One operation. Times are seconds since the epoch; `seconds` is how long it runs, perhaps for ever."""

    model_name: str
    operation_id: str
    status: str
    created_at: float
    seconds: float
    samples: int
    files: tuple[SampleFile, ...]

    @property
    def name(self) -> str:
        """The name that a submit answers with."""
        return f"models/{self.model_name}/operations/{self.operation_id}"

    @property
    def finished_at(self) -> float:
        """When it is over; infinite if it never is."""
        return self.created_at + self.seconds

    @property
    def withheld(self) -> int:
        """How many videos the pretended safety filter keeps back."""
        return self.samples - len(self.files) if self.status in ("filtered", "partly_filtered") else 0

    def done(self, now: float) -> bool:
        """Whether it is over."""
        return now >= self.finished_at


class Generations:
    """All operations of one endpoint, in memory, safe to use from several threads.

    Prompts are not kept: of each only a hash is looked at, to choose a clip.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._operations: OrderedDict[str, Generation] = OrderedDict()
        self._files: dict[str, tuple[Generation, SampleFile]] = {}
        self._created = 0

    def create(
        self,
        model_name: str,
        *,
        seconds: float,
        status: str,
        samples: int,
        prompt: str | None = None,
        aspect_ratio: str | None = None,
    ) -> Generation:
        """Begin a generation now.

        Args:
            prompt: chooses the clip; without one they take turns.
            aspect_ratio: "16:9" or "9:16"; None for any.

        Raises:
            InvalidInputError: an option that cannot be meant.
        """
        check(model_name=model_name, seconds=seconds, status=status, samples=samples)
        delivered = {"partly_filtered": samples - samples // 2, "filtered": 0, "empty": 0, "failed": 0}
        with self._lock:
            start = self._created if prompt is None else _number(prompt)
            self._created += 1
            chosen = choose(start, delivered.get(status, samples), aspect_ratio)
            generation = Generation(
                model_name=model_name,
                operation_id=_random_id(),
                status=status,
                created_at=self.clock(),
                seconds=math.inf if status == "running" else float(seconds),
                samples=samples,
                files=tuple(SampleFile(_random_id(), clip) for clip in chosen),
            )
            self._operations[generation.operation_id] = generation
            self._files.update({file.file_id: (generation, file) for file in generation.files})
            while len(self._operations) > MAX_OPERATIONS:
                _, oldest = self._operations.popitem(last=False)
                for file in oldest.files:
                    del self._files[file.file_id]
        return generation

    def find(self, model_name: str, operation_id: str) -> Generation | None:
        """The operation, if this model has it."""
        with self._lock:
            generation = self._operations.get(operation_id)
        return generation if generation is not None and generation.model_name == model_name else None

    def find_file(self, file_id: str) -> tuple[Generation, SampleFile] | None:
        """A file of a finished generation."""
        with self._lock:
            found = self._files.get(file_id)
        return found if found is not None and found[0].done(self.clock()) else None


def check(*, model_name: str, seconds: float, status: str, samples: int) -> None:
    """Refuse what cannot be meant, saying what could.

    Raises:
        InvalidInputError: see the message.
    """
    if not isinstance(model_name, str) or not MODEL_NAME.fullmatch(model_name):
        raise InvalidInputError(
            f"{model_name!r} is not a model name.",
            next_step='It has letters, digits, ".", "_" and "-", as in "veo-3.1-generate-preview".',
        )
    if status not in STATUSES:
        raise InvalidInputError(
            f"{status!r} is not something the embedded endpoint can show.",
            next_step=f"Choose one of: {', '.join(STATUSES)}.",
        )
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds >= 0:
        raise InvalidInputError(
            f"seconds={seconds!r} is not a duration.", next_step="Pass a number of seconds, 0 or more."
        )
    least = 2 if status == "partly_filtered" else 1
    if isinstance(samples, bool) or not isinstance(samples, int) or not least <= samples <= MAX_SAMPLES:
        raise InvalidInputError(
            f"samples={samples!r} is not a number of videos.",
            next_step=f"Pass a whole number from {least} to {MAX_SAMPLES} with status={status!r}.",
        )


def _random_id() -> str:
    """Twelve letters and digits, as in the documented IDs; google-genai cuts file IDs at anything else."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


def _number(prompt: str) -> int:
    return int.from_bytes(hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).digest()[:4], "big")
