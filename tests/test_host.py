"""Machines that do not last, told by their own variables, and what the card says on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rushes.host import host_title, temporary_machine
from rushes.saved_videos import SavedVideos, save_notice
from rushes.watch_state import SampleState

COLAB = {"COLAB_RELEASE_TAG": "release-colab_20261101"}
HERE = Path("/root/.local/share/rushes/videos/clip.mp4")


def ready(path: Path = HERE, saved_to: Path | None = None) -> SampleState:
    return SampleState(state="ready", path=path, saved_to=saved_to)


@pytest.mark.proves("temporary machine is told", host="Colab")
@pytest.mark.proves("temporary machine is told", host="Kaggle")
@pytest.mark.parametrize(
    ("environment", "machine"),
    [
        (COLAB, "Google Colab"),
        ({"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, "Kaggle"),
        ({"BINDER_LAUNCH_HOST": "https://mybinder.org/"}, "Binder"),
        ({}, None),
    ],
)
def test_each_service_is_told_by_its_own_variable(environment: dict[str, str], machine: str | None) -> None:
    assert temporary_machine(environment) == machine


def test_kaggle_whose_image_is_made_from_colabs_is_kaggle() -> None:
    assert temporary_machine({**COLAB, "KAGGLE_KERNEL_RUN_TYPE": "Batch"}) == "Kaggle"


def test_on_a_temporary_machine_the_card_asks_to_save_what_is_ready() -> None:
    waiting = SampleState(state="downloading", path=HERE)
    assert save_notice([], SavedVideos(), COLAB) is None
    assert save_notice([waiting], SavedVideos(), COLAB) is None
    assert save_notice([ready()], SavedVideos(), COLAB) == "temporary machine: save this video"
    both = [ready(), ready(HERE.with_name("other.mp4"))]
    assert save_notice(both, SavedVideos(), COLAB) == "temporary machine: save these videos"
    assert save_notice([ready()], SavedVideos(), {}) is None


def test_it_asks_no_more_for_what_is_saved_or_lasts_anyway() -> None:
    saved = SavedVideos()
    saved.add(HERE)
    other = ready(HERE.with_name("other.mp4"))
    assert save_notice([ready()], saved, COLAB) is None
    assert save_notice([ready(), other], saved, COLAB) == "temporary machine: save this video"
    assert save_notice([ready(saved_to=Path("clips/op1.mp4"))], SavedVideos(), COLAB) is None
    assert save_notice([ready(Path("/content/drive/MyDrive/rushes/clip.mp4"))], SavedVideos(), COLAB) is None


class Shell:
    kernel = object()


class Module:
    def __init__(self, **members: object) -> None:
        vars(self).update(members)


@pytest.mark.parametrize(
    ("environment", "modules", "title"),
    [
        ({}, {}, "Python"),
        ({}, {"IPython": Module(get_ipython=lambda: None)}, "Python"),
        ({}, {"IPython": Module(get_ipython=object)}, "IPython"),
        ({}, {"IPython": Module(get_ipython=Shell)}, "Jupyter"),
        (COLAB, {"IPython": Module(get_ipython=Shell)}, "Google Colab"),
        ({"VOILA_REQUEST_URL": "http://x"}, {"IPython": Module(get_ipython=Shell)}, "Voila"),
        ({"VSCODE_PID": "1"}, {"IPython": Module(get_ipython=Shell)}, "VS Code"),
        ({}, {"marimo": Module()}, "marimo"),
        ({}, {"marimo": Module(), "IPython": Module(get_ipython=Shell)}, "Jupyter"),
    ],
)
def test_the_host_is_told_as_far_as_the_kernel_knows(
    environment: dict[str, str], modules: dict[str, object], title: str
) -> None:
    assert host_title(environment, modules) == title
