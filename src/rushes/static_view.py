"""What a notebook shows where no kernel runs: a few lines of HTML beside the live card.

GitHub, nbconvert and an untrusted notebook show it; it is written when the card is displayed and may be read
years later, so every sentence in it stays true. No key, URL or absolute path goes in.
"""

from __future__ import annotations

import re
from datetime import datetime
from html import escape

from rushes.snapshot import Snapshot

_LONGEST_REASON = 300

_OUTCOMES = {
    "succeeded": "Finished",
    "filtered": "Withheld by the provider's safety filter",
    "empty": "Finished without a video",
    "failed": "Failed",
    "stopped": "The watch was stopped",
    "timed_out": "The watch's time was up",
}

_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_ABSOLUTE_PATH = re.compile(r"(?<![\w.])(?:~|[A-Za-z]:)?(?:[/\\][^\s/\\'\"<>|]+){2,}[/\\]?")


def static_html(snapshot: Snapshot) -> str:
    """The card as HTML without a script, under 2 kB."""
    model_name, operation_id = escape(snapshot["model_name"]), escape(_shortened(snapshot["operation_id"]))
    lines = [f"<b>{model_name}</b> <code>{operation_id}</code>"]
    if snapshot["label"]:
        lines.append(escape(_public(snapshot["label"])))
    lines.append(escape(_sentence(snapshot)))
    lines.extend(escape(reason) for reason in _reasons(snapshot))
    return '<div class="rushes-static">' + "<br>".join(lines) + "</div>"


def static_text(snapshot: Snapshot) -> str:
    """The same in one line, for terminals and diffs."""
    return f"{snapshot['model_name']} {snapshot['operation_id']}: {_sentence(snapshot)}"


def _sentence(snapshot: Snapshot) -> str:
    clock = snapshot["clock"]
    started = "" if clock is None else _moment(clock["started_at_ms"])
    outcome = _OUTCOMES.get(snapshot["status"])
    if outcome is None:
        return (
            f"Started {started}; re-run the cell to see the result."
            if started
            else "Re-run the cell to see the result."
        )
    total_ms = None if clock is None else clock["total_ms"]
    after = "" if total_ms is None else f" after {_duration(total_ms)}"
    return f"{outcome}{after}{f' (started {started})' if started else ''}."


def _reasons(snapshot: Snapshot) -> list[str]:
    """Why there is no video, or not every one, in the provider's words where it sent any."""
    filtered, error = snapshot["filtered"], snapshot["error"]
    reasons = list(snapshot["warnings"])
    if filtered is not None:
        withheld = f"{filtered['count']} of {filtered['total']} withheld." if filtered["total"] else ""
        reasons.append(" ".join([withheld, *filtered["reasons"]]))
    elif error is not None:
        reasons.append(f"{error['message']} {error['detail'] or ''}")
    return [_public(reason) for reason in reasons if reason.strip()][:2]


def _public(words: str) -> str:
    """Words that may stand in a file for everyone: no address, no path, not endless."""
    return _shortened(_ABSOLUTE_PATH.sub("…", _URL.sub("…", words)).strip())


def _shortened(words: str) -> str:
    return words if len(words) <= _LONGEST_REASON else words[: _LONGEST_REASON - 1] + "…"


def _moment(epoch_ms: int) -> str:
    """A moment in the kernel's time zone, which it names: the reader may be in another."""
    moment = datetime.fromtimestamp(epoch_ms / 1000).astimezone()
    zone = moment.strftime("%z")
    return f"{moment:%Y-%m-%d %H:%M} UTC{zone[:3]}:{zone[3:5]}"


def _duration(milliseconds: int) -> str:
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
