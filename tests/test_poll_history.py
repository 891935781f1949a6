"""What is remembered of polls: when, how long, which HTTP status, what came of it; and never without end."""

from __future__ import annotations

from hand_driven import BEGIN, HandDriven, running, succeeded

from rushes.errors import APIError, NetworkError, ServerError, UnreadableResponseError
from rushes.poll_history import MOST_RECORDS, PollHistory, PollRecord
from rushes.watch_events import PollAnswered


def test_each_poll_that_comes_back_is_remembered_with_its_time_and_status() -> None:
    watch = HandDriven()
    watch.start()
    watch.passes(0.5)
    watch.answer(running())
    assert watch.state.history.records == (PollRecord(BEGIN, 0.5, 200, "running"),)
    watch.wake()
    sent_at = watch.wall
    watch.passes(2.0)
    watch.fail(ServerError(503, provider="GPTProto"))
    assert watch.state.history.records[1:] == (PollRecord(sent_at, 2.0, 503, "ServerError"),)


def test_the_status_is_that_of_the_answer_and_none_where_none_came() -> None:
    history = PollHistory()
    for error in (
        NetworkError("Nothing.", kind="dns"),
        UnreadableResponseError("No JSON.", status_code=302),
        APIError(418),
    ):
        history = history.failed(error, sent_at=1.0, took_s=0.1)
    assert [(record.status_code, record.outcome) for record in history.records] == [
        (None, "NetworkError (dns)"),
        (302, "UnreadableResponseError"),
        (418, "APIError"),
    ]
    watch = HandDriven()
    watch.start()
    watch.feed(PollAnswered(1, succeeded(), None, 503))
    assert watch.state.history.records[0].status_code == 503


def test_of_a_refusal_the_answer_is_kept_until_another_one_comes() -> None:
    error = ServerError(500)
    error.answer = "what came"
    refused = PollHistory().failed(error, sent_at=1.0, took_s=0.1)
    assert refused.refusal == "what came"
    assert refused.answered(running(), 200, sent_at=2.0, took_s=0.1).refusal is None
    assert refused.failed(NetworkError("Nothing."), sent_at=2.0, took_s=0.1).refusal is None


def test_a_poll_of_an_earlier_attempt_is_not_taken_for_one_of_this() -> None:
    watch = HandDriven()
    watch.start()
    watch.stop()
    watch.start()
    watch.answer(running(), attempt=1)
    assert watch.state.history.records == ()


def test_a_resume_goes_on_with_what_was_remembered() -> None:
    watch = HandDriven()
    watch.start()
    watch.answer(running())
    watch.stop()
    watch.start()
    watch.answer(running())
    assert len(watch.state.history.records) == 2


def test_a_watch_without_an_end_remembers_the_last_polls_and_counts_the_others() -> None:
    history = PollHistory()
    for number in range(MOST_RECORDS + 7):
        history = history.answered(running(), 200, sent_at=float(number), took_s=0.1)
    assert [record.sent_at for record in history.records] == [float(n) for n in range(7, MOST_RECORDS + 7)]
    assert history.earlier == 7
