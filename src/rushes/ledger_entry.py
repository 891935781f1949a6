"""One operation as it is written down: what is kept of it, and how it reads."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlsplit

from rushes.data_directory import OperationKey
from rushes.shortened import shortened

_SAMPLE_NAME = re.compile(r"sample-([1-9][0-9]{0,3})\.mp4")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STATUSES = frozenset({"running", "succeeded", "filtered", "empty", "failed"})
_LONGEST_TEXT = 2000
_MOST_REASONS = 20


@dataclass(frozen=True)
class StoredSample:
    """One video in the data directory.

    Attributes:
        path: the file.
        bytes: its length.
        sha256: hexadecimal.
        mime_type: as the provider gave it, or None.
    """

    path: Path
    bytes: int
    sha256: str
    mime_type: str | None = None


@dataclass(frozen=True, repr=False)
class LedgerEntry:
    """An operation that this machine has watched. `watch(entry)` attaches to it again.

    Attributes:
        model_name: without "models/".
        operation_id: without "operations/".
        origin: scheme, host and port of the endpoint.
        base_url: the endpoint.
        provider: "gptproto", "google" or "custom".
        label: what the user called it, or None.
        status: "running" (at least when it was last seen), "succeeded", "filtered", "empty" or "failed".
        started_at: when it was first watched; aware.
        finished_at: when its end was seen, or None; aware.
        total_s: seconds that the generation took, or None.
        began_at: what they count from, in this machine's time, or None; aware. That is the beginning of the generation
            by the provider's believable word, else of the watch that saw its end.
        create_time: when the provider says it began, or None; aware.
        video_count: how many videos the finished operation named.
        filtered_count: how many videos a safety filter withheld.
        filtered_reasons: the provider's words for that.
        error_code: the provider's code of a failed operation, or None.
        error_message: the provider's words, or None.
        samples: the videos in the data directory; fewer than `video_count` once the quota has taken some.
    """

    model_name: str
    operation_id: str
    origin: str
    base_url: str
    provider: str
    label: str | None
    status: str
    started_at: datetime
    finished_at: datetime | None = None
    total_s: float | None = None
    began_at: datetime | None = None
    create_time: datetime | None = None
    video_count: int = 0
    filtered_count: int = 0
    filtered_reasons: tuple[str, ...] = ()
    error_code: int | str | None = None
    error_message: str | None = None
    samples: tuple[StoredSample, ...] = ()

    @property
    def name(self) -> str:
        """The full operation name, "models/M/operations/X"."""
        return f"models/{self.model_name}/operations/{self.operation_id}"

    @property
    def key(self) -> OperationKey:
        """What tells it from every other operation on disk."""
        return OperationKey(self.origin, self.model_name, self.operation_id)

    def __repr__(self) -> str:
        words = [
            f"{self.started_at.astimezone():%Y-%m-%d %H:%M}",
            self.status,
            _short(self.model_name, 32),
            _short(self.operation_id, 24),
        ]
        if self.label is not None:
            words.append(f'"{_short(self.label, 40)}"')
        facts = []
        if self.status == "succeeded":
            kept = len(self.samples)
            facts.append(f"{kept} video{'' if kept == 1 else 's'}" if kept else "no video on disk")
        if self.status == "filtered":
            facts.append(f"{self.filtered_count} withheld" if self.filtered_count else "withheld")
        if self.total_s is not None:
            facts.append(f"{math.floor(self.total_s)} s")  # those that have passed, as on the card
        return f"<{' '.join(words)}{' ' + ', '.join(facts) if facts else ''}>"


def sample_file_name(sample: int) -> str:
    """The file name of a sample (0-based); the files count from 1."""
    return f"sample-{sample + 1}.mp4"


def sample_number(sample: StoredSample) -> int:
    """The 0-based index of a stored sample, -1 for a file name that no sample has."""
    found = _SAMPLE_NAME.fullmatch(sample.path.name)
    return int(found[1]) - 1 if found else -1


def entry_to_json(entry: LedgerEntry) -> dict[str, object]:
    """What is kept: no key, prompt, URI or absolute path; samples are named within their directory."""
    return {
        "version": 1,
        "model_name": entry.model_name,
        "operation_id": entry.operation_id,
        "origin": entry.origin,
        "base_url": _without_secrets(entry.base_url) or entry.origin,
        "provider": entry.provider,
        "label": entry.label,
        "status": entry.status,
        "started_at": entry.started_at.isoformat(),
        "finished_at": entry.finished_at.isoformat() if entry.finished_at else None,
        "total_s": round(entry.total_s, 3)
        if entry.total_s is not None and math.isfinite(entry.total_s)
        else None,
        "began_at": entry.began_at.isoformat() if entry.began_at else None,
        "create_time": entry.create_time.isoformat() if entry.create_time else None,
        "video_count": entry.video_count,
        "filtered_count": entry.filtered_count,
        "filtered_reasons": [reason[:_LONGEST_TEXT] for reason in entry.filtered_reasons[:_MOST_REASONS]],
        "error_code": entry.error_code,
        "error_message": entry.error_message[:_LONGEST_TEXT] if entry.error_message else None,
        "samples": [
            {
                "file": sample.path.name,
                "bytes": sample.bytes,
                "sha256": sample.sha256,
                "mime_type": sample.mime_type,
            }
            for sample in entry.samples
            if _SAMPLE_NAME.fullmatch(sample.path.name)
        ],
    }


def entry_from_json(value: Mapping[str, object], directory: Path) -> LedgerEntry | None:
    """Read an entry whose videos lie in `directory`; None where it does not say which operation it is about.

    Whatever else is missing or garbled counts as not known.
    """
    names = [value.get(field) for field in ("model_name", "operation_id", "origin", "base_url", "provider")]
    started_at = _time(value.get("started_at"))
    if started_at is None or not all(isinstance(name, str) and name for name in names):
        return None
    model_name, operation_id, origin, base_url, provider = map(str, names)
    status = value.get("status")
    code = value.get("error_code")
    return LedgerEntry(
        model_name=model_name,
        operation_id=operation_id,
        origin=origin,
        base_url=base_url,
        provider=provider,
        label=_text(value.get("label")),
        status=status if isinstance(status, str) and status in _STATUSES else "running",
        started_at=started_at,
        finished_at=_time(value.get("finished_at")),
        total_s=_seconds(value.get("total_s")),
        began_at=_time(value.get("began_at")),
        create_time=_time(value.get("create_time")),
        video_count=_count(value.get("video_count")),
        filtered_count=_count(value.get("filtered_count")),
        filtered_reasons=tuple(text for text in map(_text, _list(value.get("filtered_reasons"))) if text),
        error_code=code if isinstance(code, (int, str)) and not isinstance(code, bool) else None,
        error_message=_text(value.get("error_message")),
        samples=tuple(filter(None, (_sample(item, directory) for item in _list(value.get("samples"))))),
    )


def _sample(value: object, directory: Path) -> StoredSample | None:
    if not isinstance(value, dict):
        return None
    file, sha256, mime_type = value.get("file"), value.get("sha256"), value.get("mime_type")
    # Only names that we give: a file altered by hand must not lead out of the directory.
    if not (isinstance(file, str) and _SAMPLE_NAME.fullmatch(file)):
        return None
    if not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
        return None
    return StoredSample(directory / file, _count(value.get("bytes")), sha256, _text(mime_type))


def _without_secrets(url: str) -> str:
    """The URL without user name, password, query and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    return f"{parts.scheme}://{host}{parts.path}"


def _short(text: str, length: int) -> str:
    """At most `length` characters, all on one line."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return shortened(line, length)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    # Beyond these years some systems cannot show a time in the local zone.
    if not 1971 <= time.year <= 9998:
        return None
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)
