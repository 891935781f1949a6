from __future__ import annotations

import logging

import pytest
from fake_watch import FakeWatch, RecordingComm

from rushes.quiet_comm import keep_keys_out_of_logs


def test_a_key_from_the_page_is_not_in_the_debug_log_of_the_comm(caplog: pytest.LogCaptureFixture) -> None:
    base_comm = pytest.importorskip("comm.base_comm", reason="ipykernel has comms of its own before 6.18")
    keep_keys_out_of_logs()
    caplog.set_level(logging.DEBUG)
    comm = base_comm.BaseComm(primary=False)
    comm.handle_msg({"content": {"data": {"method": "custom", "content": {"type": "stop", "id": 1}}}})
    comm.handle_msg(
        {"content": {"data": {"method": "custom", "content": {"type": "key", "id": 1, "key": "canary"}}}}
    )
    comm.handle_msg({"content": {"data": {"content": {"type": "watch", "id": 1, "key": "canary"}}}})
    assert "'type': 'stop'" in caplog.text
    assert "a message with an API key in it" in caplog.text
    assert "canary" not in caplog.text


def test_a_kernel_in_debug_mode_does_not_log_it_either(caplog: pytest.LogCaptureFixture) -> None:
    keep_keys_out_of_logs()
    caplog.set_level(logging.DEBUG)
    logging.getLogger("IPKernelApp").debug(
        "   Content: %s\n", {"data": {"content": {"type": "key", "key": "canary"}}}
    )
    assert "canary" not in caplog.text
    assert len(caplog.records) == 1


def test_what_is_logged_of_other_widgets_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    keep_keys_out_of_logs()
    caplog.set_level(logging.DEBUG)
    logging.getLogger("Comm").debug(
        "handle_msg(%s)", {"content": {"data": {"type": "watch", "path": "a.csv"}}}
    )
    assert "a.csv" in caplog.text


def test_a_record_that_cannot_be_put_into_words_fails_where_it_is_written_and_not_where_it_is_logged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_keys_out_of_logs()
    logger = logging.getLogger("IPKernelApp")
    monkeypatch.setattr(logger, "handlers", [logging.StreamHandler()])
    monkeypatch.setattr(logger, "propagate", False)
    logger.warning("%d kernels", "no")
    assert "--- Logging error ---" in capsys.readouterr().err


def test_making_a_widget_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from rushes.widget import OperationWidget

    monkeypatch.setattr(OperationWidget, "open", lambda self: setattr(self, "comm", RecordingComm()))
    monkeypatch.setattr(logging.getLogger("Comm"), "filters", [])
    widget = OperationWidget(FakeWatch())
    assert logging.getLogger("Comm").filters
    widget.close()
