from __future__ import annotations

import pytest

from rushes.poster import Poster
from rushes.static_outputs import PLAYING_LEASE_S, StaticOutputs

POSTER = Poster(b"\xff\xd8\xff")


class Outputs:
    """Outputs of a notebook, as they are sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.any = True
        self.captured = False
        self.stand_ins: list[str] = []

    def outdated(self, html: str) -> bool:
        return self.any and (not self.sent or self.sent[-1] != html)

    def renew(self, html: str, text: str) -> bool:
        if not self.captured:
            self.sent.append(html)
        return not self.captured

    def stand_in(self, html: str) -> bool:
        self.stand_ins.append(html)
        return not self.captured


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def outputs() -> Outputs:
    return Outputs()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def statics(outputs: Outputs, clock: Clock) -> StaticOutputs:
    return StaticOutputs(outputs, clock=clock)


def test_what_has_changed_is_sent_once(statics: StaticOutputs, outputs: Outputs) -> None:
    assert statics.renew("finished", "") is None
    assert statics.renew("finished", "") is None
    assert outputs.sent == ["finished"]


def test_nothing_is_sent_while_a_video_plays(statics: StaticOutputs, outputs: Outputs, clock: Clock) -> None:
    for _ in range(5):
        statics.video_plays()
        clock.now += 4.0
        assert statics.renew("finished", "") == pytest.approx(PLAYING_LEASE_S - 4.0)
    clock.now += PLAYING_LEASE_S - 4.0
    assert statics.renew("finished", "") is None
    assert outputs.sent == ["finished"]


def test_a_picture_and_the_word_that_the_video_plays_may_come_at_once_after_a_busy_cell(
    statics: StaticOutputs, outputs: Outputs, clock: Clock
) -> None:
    statics.take_poster(POSTER)
    wait_s = statics.renew("with picture", "")
    assert wait_s is not None
    assert wait_s > 0
    clock.now += 0.01
    statics.video_plays()
    clock.now += wait_s
    assert statics.renew("with picture", "") is not None
    assert outputs.sent == []


def test_a_picture_is_wanted_until_it_is_in_the_outputs(
    statics: StaticOutputs, outputs: Outputs, clock: Clock
) -> None:
    assert statics.wants_poster
    statics.renew("finished", "")
    assert statics.wants_poster
    statics.take_poster(POSTER)
    assert statics.wants_poster
    clock.now += 1.0
    statics.renew("with picture", "")
    assert not statics.wants_poster


def test_the_first_picture_stays(statics: StaticOutputs) -> None:
    statics.take_poster(POSTER)
    statics.take_poster(Poster(b"other"))
    assert statics.poster == POSTER


def test_none_is_wanted_where_nothing_would_keep_it(outputs: Outputs, statics: StaticOutputs) -> None:
    outputs.any = False
    assert not statics.wants_poster


def test_none_is_wanted_or_taken_where_the_user_wants_none(outputs: Outputs) -> None:
    statics = StaticOutputs(outputs, keeps_poster=False)
    statics.take_poster(POSTER)
    assert statics.poster is None
    assert not statics.wants_poster


def test_outputs_that_cannot_be_renewed_now_are_tried_again(statics: StaticOutputs, outputs: Outputs) -> None:
    outputs.captured = True
    assert statics.renew("finished", "") == 1.0
    outputs.captured = False
    assert statics.renew("finished", "") is None
    assert outputs.sent == ["finished"]


def test_what_stands_in_for_the_card_is_sent_without_a_page_and_even_while_a_video_plays(
    statics: StaticOutputs, outputs: Outputs
) -> None:
    statics.renew("failed", "")
    assert outputs.stand_ins == ["failed"]
    statics.has_page = True
    statics.take_poster(POSTER)
    statics.video_plays()
    statics.renew("finished", "")
    assert (outputs.stand_ins, outputs.sent) == (["failed", "finished"], ["failed"])


def test_what_stands_in_for_a_card_that_runs_comes_once_a_page_has_drawn_that(
    statics: StaticOutputs, outputs: Outputs, clock: Clock
) -> None:
    assert (statics.stand_in(lambda: "started"), outputs.stand_ins) == (None, [])
    statics.has_page = True
    assert (statics.stand_in(lambda: "started"), outputs.stand_ins) == (pytest.approx(1.0), [])
    clock.now += 1.0
    assert (statics.stand_in(lambda: "started"), outputs.stand_ins) == (None, ["started"])
    assert outputs.sent == []
    outputs.captured = True
    assert statics.stand_in(lambda: "started") == pytest.approx(1.0)


def test_a_page_has_a_moment_to_make_the_picture_before_its_output_is_renewed(
    statics: StaticOutputs, outputs: Outputs, clock: Clock
) -> None:
    statics.has_page = True
    assert statics.renew("finished", "") == pytest.approx(1.0)
    clock.now += 0.5
    statics.take_poster(POSTER)
    clock.now += 0.5
    assert statics.renew("with picture", "") is None
    assert (outputs.sent, outputs.stand_ins) == (["with picture"], ["with picture"])


def test_a_page_that_makes_no_picture_holds_its_output_up_for_a_moment_only(
    statics: StaticOutputs, outputs: Outputs, clock: Clock
) -> None:
    statics.has_page = True
    statics.renew("finished", "")
    clock.now += 1.0
    assert statics.renew("finished", "") is None
    assert outputs.sent == ["finished"]
