"""What a notebook shows where no kernel runs: a few lines of HTML beside the live card.

GitHub, nbconvert and an untrusted notebook show it; it is written when the card is displayed, once more when the
watch has ended, and again when the picture comes or a video is saved beside the notebook. It may be read years later,
so every sentence in it stays true. No key, query of an address or absolute path goes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote

from rushes.kept_words import kept_words
from rushes.poster import Poster
from rushes.shortened import shortened
from rushes.snapshot import Snapshot, path_below
from rushes.stand_in import STATIC_BEGINNING
from rushes.watch_state import SampleState, Status

_LONGEST_WORDS = 300

_OUTCOMES = {
    "succeeded": "Finished",
    "filtered": "Withheld by the provider's safety filter",
    "empty": "Finished without a video",
    "failed": "Failed",
    "stopped": "The watch was stopped",
    "timed_out": "The watch's time was up",
}

# In place of the error, which says the same twice and names a method; in the past, as nobody knows when it is read.
_WAYS_ON = {
    "stopped": "the generation went on and may be billed. Re-run the cell to watch on.",
    "timed_out": "the generation went on. Re-run the cell to watch on.",
}

_FORM = "A form that asks for a video operation; run the cell to use it."

_SMALL = "max-width:480px;width:100%"

# One transparent pixel. A browser paints a player without a poster black where the file cannot be loaded; under one
# with this the picture is seen, which is not in the file a further time.
_TRANSPARENT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def static_html(snapshot: Snapshot, poster: Poster | None = None, sources: Sequence[str] = ()) -> str:
    """The card as HTML without a script; under 2 kB, the poster aside.

    Args:
        snapshot: the state.
        poster: a picture of the first video.
        sources: where the videos are, relative to the notebook.
    """
    if snapshot["form"] is not None:
        return f"{STATIC_BEGINNING}{escape(_FORM)}</div>"
    model_name = escape(snapshot["model_name"])
    operation_id = escape(shortened(snapshot["operation_id"], _LONGEST_WORDS))
    lines = [f"<b>{model_name}</b> <code>{operation_id}</code> · {escape(public(snapshot['provider']))}"]
    if snapshot["label"]:
        lines.append(escape(public(snapshot["label"])))
    lines.append(escape(" ".join([_sentence(snapshot), *_ways_to_play(snapshot, sources)])))
    lines.extend(escape(reason) for reason in _reasons(snapshot))
    return f"{STATIC_BEGINNING}{'<br>'.join(lines)}{_media(poster, sources)}</div>"


def relative_sources(samples: Iterable[SampleState], directory: Path) -> list[str]:
    """URLs of the videos that the user has in the notebook's directory or below, relative to it."""
    sources = []
    for sample in samples:
        if sample.saved_to is None:
            continue
        path = path_below(sample.saved_to, directory)
        if path is not None:
            sources.append(quote(path.as_posix()))
    return sources


def static_text(snapshot: Snapshot) -> str:
    """The same in one line, for terminals and diffs."""
    if snapshot["form"] is not None:
        return _FORM
    told = f"{snapshot['model_name']} {snapshot['operation_id']}: {_sentence(snapshot)}"
    return " ".join(" ".join([told, *_reasons(snapshot)]).split())


def outcome(status: Status) -> str | None:
    """How a watch has ended, in words; None while it has not."""
    return _OUTCOMES.get(status)


def _media(poster: Poster | None, sources: Sequence[str]) -> str:
    """The picture with the first video over it, as large as it: until that plays, if it is there, it is transparent.
    The styles are those that JupyterLab leaves in what it does not trust; GitHub keeps the picture alone.
    """
    if poster is None:
        return "".join(f"<div>{_video(source, _SMALL)}</div>" for source in sources)
    image = f'<img alt="A frame of the video" src="{poster.data_uri}" style="display:block;max-width:100%">'
    first = "".join(
        _video(source, f"position:absolute;top:0;left:0;{_SMALL};height:100%", f' poster="{_TRANSPARENT}"')
        for source in sources[:1]
    )
    others = "".join(f"<div>{_video(source, _SMALL)}</div>" for source in sources[1:])
    place = "display:inline-block;position:relative;margin-top:8px"
    return f'<div><div style="{place}">{image}{first}</div></div>{others}'


def _video(source: str, style: str, poster: str = "") -> str:
    return f'<video controls preload="metadata" src="{escape(source)}"{poster} style="{style}"></video>'


def _sentence(snapshot: Snapshot) -> str:
    clock, status = snapshot["clock"], snapshot["status"]
    started = "" if clock is None else moment(clock["started_at_ms"])
    ended = outcome(status)
    if ended is None:
        return (
            f"Started {started}; re-run the cell to see the result."
            if started
            else "Re-run the cell to see the result."
        )
    # A watch that gave up may have come late: its beginning is not the generation's.
    late = clock is not None and clock["source"] == "watch" and status in _WAYS_ON
    since = f"watched since {started}" if late else f"started {started}"
    # Only a finished operation has samples: what was stopped is its download, and the time is the generation's.
    if status == "stopped" and snapshot["samples"]:
        began = f" ({'' if late else 'the generation '}{since})" if started else ""
        return f"The download was stopped{began}; what has arrived is kept. Re-run the cell to go on with it."
    total_ms = None if clock is None else clock["total_ms"]
    after = "" if total_ms is None else f" after {duration(total_ms)}"
    told = f"{ended}{after}{f' ({since})' if started else ''}"
    if status in _WAYS_ON:
        return f"{told}; {_WAYS_ON[status]}"
    count = _video_count(snapshot)
    return f"{told}: {count} videos." if status == "succeeded" and count > 1 else f"{told}."


def _ways_to_play(snapshot: Snapshot, sources: Sequence[str]) -> list[str]:
    """Where the videos are and how to play them: no page without a script can tell whether their files are there."""
    succeeded = snapshot["status"] == "succeeded"
    again = f"Re-run the cell to play the {'videos' if _video_count(snapshot) > 1 else 'video'}"
    if not sources:
        total = len(snapshot["samples"])
        ready = sum(sample["state"] == "ready" for sample in snapshot["samples"])
        if snapshot["status"] == "failed" and 0 < ready < total:
            were, them = ("was", "it") if ready == 1 else ("were", "them")
            return [f"{ready} of {total} videos {were} downloaded; re-run the cell to play {them}."]
        to_be_had = not snapshot["samples"] or _video_count(snapshot) > 0
        return [f"{again}."] if succeeded and to_be_had else []
    names = shortened(", ".join(map(unquote, sources)), _LONGEST_WORDS)
    if len(sources) > 1:
        return [f"The videos are in {names}.", f"{again} where these files are missing."]
    return [f"The video is in {names}.", f"{again} where this file is missing."]


def _video_count(snapshot: Snapshot) -> int:
    """How many videos there are, those included that would be fetched again."""
    return sum(sample["state"] != "unavailable" for sample in snapshot["samples"])


def _reasons(snapshot: Snapshot) -> list[str]:
    """Why there is no video, or not every one, in the provider's words where it sent any, and what to do next."""
    filtered, error = snapshot["filtered"], snapshot["error"]
    reasons = list(snapshot["warnings"])
    if filtered is not None:
        withheld = f"{filtered['count']} of {filtered['total']} withheld." if filtered["total"] else ""
        reasons.append(" ".join([withheld, *filtered["reasons"]]))
    elif error is not None and snapshot["status"] not in _WAYS_ON:
        reasons.append(f"{error['message']} {error['detail'] or ''}")
    reasons = [reason for reason in reasons if reason.strip()][:2]
    if error is not None and snapshot["status"] not in _WAYS_ON:
        reasons.append(error["next_step"])
    # What a snapshot says is fit to be kept. Twice would be too often: what is escaped must not come to light.
    return [shortened(reason.strip(), _LONGEST_WORDS) for reason in reasons if reason.strip()]


def public(words: str) -> str:
    """Words that may stand in a file for everyone: those fit to be kept, and not endless."""
    return shortened(kept_words(words).strip(), _LONGEST_WORDS)


def moment(epoch_ms: int) -> str:
    """A moment in the kernel's time zone, which it names: the reader may be in another."""
    at = datetime.fromtimestamp(epoch_ms / 1000).astimezone()
    zone = at.strftime("%z")
    offset = f"{zone[:3]}:{zone[3:5]}" if at.utcoffset() else ""
    return f"{at:%Y-%m-%d %H:%M} UTC{offset}"


def duration(milliseconds: int) -> str:
    """A time span as people write it; the seconds are those that have passed, as on the card."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
