"""The ways of a finished video into a cell that are compared, as the code that a user would write."""

from __future__ import annotations

SETUP = """
import gc, os, threading, time, ipywidgets, requests, rushes
from IPython.display import Video, display
SOURCE = {source!r}
downloaded = {{}}

def download(name):
    data = requests.get(f"{{SOURCE}}/files/{{name}}").content
    downloaded[int(name.partition("-")[0])] = time.time()
    return data
"""

RUSHES = "rushes"
OPENED_LATE = "rushes, opened when all is done"
IPYWIDGETS = "ipywidgets.Video"
EMBED = "Video(embed=True)"
FLOOR = "floor"

_WATCH = 'rushes.watch("models/bench/operations/{name}", base_url=SOURCE, api_key="bench")'

#: By name; `{name}` says which file, how large, and how fast it comes.
WAYS = {
    RUSHES: _WATCH,
    OPENED_LATE: _WATCH,
    IPYWIDGETS: 'ipywidgets.Video(value=download("{name}"), autoplay=False)',
    EMBED: 'Video(data=download("{name}"), embed=True, mimetype="video/mp4")',
}

#: The card stands, and has been at rest for a moment.
CARD_IS_SHOWN = """(() => {
    const shown = document.querySelector('section.rushes .rushes-headline')?.innerText;
    if (!shown) { delete window.shownAt; return false; }
    window.shownAt ??= Date.now();
    return Date.now() - window.shownAt > 300;
})()"""

CLEAN_UP = """
ipywidgets.Widget.close_all()
Out.clear(); _ = __ = ___ = None
for name in [name for name in globals() if name.startswith("_") and name[1:].isdigit()]: del globals()[name]
gc.collect();
"""

#: What no way can beat: the browser takes the file from the source itself.
FETCH = """(async () => {{
    delete window.playableAt;
    if (window.floor) {{
        URL.revokeObjectURL(window.floor.src);
        window.floor.remove();
    }}
    const blob = await (await fetch({url!r}, {{ cache: 'no-store' }})).blob();
    window.floor = document.createElement('video');
    window.floor.src = URL.createObjectURL(blob);
    document.body.append(window.floor);
}})()"""
