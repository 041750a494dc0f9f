"""The gate: an even spacing, kept by threads, processes and restarts together."""

import itertools
import subprocess
import sys
import threading
import time
from pathlib import Path

import filelock
import pytest

from ingest import pacing
from ingest.clock import SystemClock
from ingest.errors import ConfigError, SourceClosed
from ingest.pacing import Gate, heed_headers, state_folder
from tests.ingest.conftest import FakeClock

PROCESS = """
import sys, time
from pathlib import Path
from ingest.clock import SystemClock
from ingest.pacing import Gate
gate = Gate("musicbrainz", 0.1, Path(sys.argv[1]), SystemClock())
for _ in range(6):
    gate.wait()
    print(time.monotonic(), flush=True)
    gate.sent()
"""


def gaps(times: list[float]) -> list[float]:
    times = sorted(times)
    return [later - earlier for earlier, later in itertools.pairwise(times)]


def test_sixty_a_minute_is_never_sixty_at_once(tmp_path: Path, clock: FakeClock) -> None:
    """Requests are spread evenly: none sooner than the interval after the one before, none much later."""
    gate = Gate("musicbrainz", 1.0, tmp_path, clock)
    times = []
    for _ in range(10):
        gate.wait()
        times.append(clock.monotonic())

    assert min(gaps(times)) >= 1.0
    assert max(gaps(times)) <= 1.1


def test_two_processes_and_two_threads_share_one_pace(tmp_path: Path) -> None:
    """C10: runs by hand beside the daemon keep the limit together."""
    started = [
        subprocess.Popen([sys.executable, "-c", PROCESS, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    gate = Gate("musicbrainz", 0.1, tmp_path, SystemClock())
    times: list[float] = []

    def ask() -> None:
        for _ in range(4):
            gate.wait()
            times.append(time.monotonic())
            gate.sent()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in started:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        times += [float(line) for line in out.split()]

    assert len(times) == 20
    assert min(gaps(times)) >= 0.1


def test_slow_connect_does_not_shorten_the_next_gap(tmp_path: Path, clock: FakeClock) -> None:
    """A request that left late counts from when it left."""
    gate = Gate("musicbrainz", 1.0, tmp_path, clock)
    gate.wait()
    clock.sleep(0.8)
    gate.sent()
    left = clock.monotonic()
    gate.wait()

    assert clock.monotonic() - left >= 1.0


def test_sources_do_not_share_a_pace(tmp_path: Path, clock: FakeClock) -> None:
    """One source's turn is not another's."""
    Gate("musicbrainz", 60.0, tmp_path, clock).wait()
    Gate("discogs", 60.0, tmp_path, clock).wait()

    assert not clock.slept


def test_next_run_remembers_the_last_request(tmp_path: Path, clock: FakeClock) -> None:
    """A new process waits for the request that the old one made."""
    Gate("musicbrainz", 1.0, tmp_path, clock).wait()
    Gate("musicbrainz", 1.0, tmp_path, clock).wait()

    assert sum(clock.slept) >= 1.0


def test_last_request_in_the_future_blocks_one_interval_at_most(tmp_path: Path, clock: FakeClock) -> None:
    """T4: after a restart of the machine, old stamps lie in the future; the gate opens all the same."""
    clock.seconds = 900_000.0
    Gate("musicbrainz", 1.0, tmp_path, clock).wait()
    clock.seconds = 5.0
    Gate("musicbrainz", 1.0, tmp_path, clock).wait()

    assert sum(clock.slept) <= 1.2


def test_turn_after_the_deadline_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    """Nobody waits for a turn that comes after the run's end."""
    gate = Gate("discogs", 2.4, tmp_path, clock)
    gate.wait()
    with pytest.raises(SourceClosed, match="time for asking is spent"):
        gate.wait(until=clock.monotonic() + 1.0)
    assert not clock.slept


def test_header_slows_down_and_never_speeds_up(tmp_path: Path, clock: FakeClock) -> None:
    """Discogs' own number rules where it is lower than ours."""
    gate = Gate("discogs", 60 / 55, tmp_path, clock)
    heed_headers(gate, {"x-discogs-ratelimit": "240"})
    assert gate.interval_s == pytest.approx(60 / 55)
    heed_headers(gate, {"x-discogs-ratelimit": "25", "x-discogs-ratelimit-remaining": "20"})
    assert gate.interval_s == pytest.approx(2.4)
    gate.wait()
    gate.wait()

    assert sum(clock.slept) >= 2.4


@pytest.mark.parametrize("nonsense", ["", "many", "nan", "-1", "0", "inf"])
def test_nonsense_in_headers_changes_nothing(tmp_path: Path, clock: FakeClock, nonsense: str) -> None:
    """A header that is no number does not move the pace."""
    gate = Gate("discogs", 1.0, tmp_path, clock)
    heed_headers(gate, {"x-discogs-ratelimit": nonsense})

    assert gate.interval_s == 1.0


def test_window_nearly_spent_by_others_is_waited_for(tmp_path: Path, clock: FakeClock) -> None:
    """ListenBrainz says how much of its window is left, and we spread ourselves over it."""
    gate = Gate("listenbrainz", 0.4, tmp_path, clock)
    heed_headers(gate, {"x-ratelimit-remaining": "25", "x-ratelimit-reset-in": "8"})
    gate.wait()
    assert not clock.slept
    heed_headers(gate, {"x-ratelimit-remaining": "0", "x-ratelimit-reset-in": "7"})
    gate.wait()
    assert sum(clock.slept) >= 7


def test_musicbrainz_headers_are_everybodys(tmp_path: Path, clock: FakeClock) -> None:
    """MusicBrainz' remaining number jumps about for all the world together; we do not follow it."""
    gate = Gate("musicbrainz", 1.0, tmp_path, clock)
    heed_headers(gate, {"x-ratelimit-remaining": "0", "x-ratelimit-reset-in": "60", "x-ratelimit-limit": "1200"})
    gate.wait()

    assert not clock.slept


def test_damaged_pacing_file_is_put_aside(tmp_path: Path, clock: FakeClock) -> None:
    """E9: a damaged pacing file costs nobody a night."""
    (tmp_path / "pacing.sqlite").write_bytes(b"not a database at all" * 100)
    Gate("musicbrainz", 1.0, tmp_path, clock).wait()

    assert (tmp_path / "pacing.sqlite.damaged").exists()


def test_state_folder_that_cannot_be_written_is_named(tmp_path: Path, clock: FakeClock) -> None:
    """The error names the folder and the variable that gives another."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="SILLON_STATE_DIR"):
        Gate("musicbrainz", 1.0, tmp_path / "file", clock)


def test_stopped_holder_of_the_lock_does_not_stop_us_for_ever(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that sleeps with the lock in its hand closes the source for us, not the night."""
    monkeypatch.setattr(pacing, "LOCK_TIMEOUT_S", 0.1)
    gate = Gate("musicbrainz", 1.0, tmp_path, clock)
    with filelock.FileLock(tmp_path / "pacing.sqlite.lock"), pytest.raises(SourceClosed, match="pacing file"):
        gate.wait()


def test_stop_ends_a_wait_at_once(tmp_path: Path) -> None:
    """Ctrl-C does not wait for a source's turn, not even in a worker thread."""
    clock = SystemClock()
    gate = Gate("musicbrainz", 60.0, tmp_path, clock)
    gate.wait()
    threading.Timer(0.1, clock.stop).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        gate.wait()

    assert time.monotonic() - start < 5


def test_state_folder_follows_the_environment(tmp_path: Path) -> None:
    """One folder for all data folders of a user, or the one that is given."""
    assert state_folder({"SILLON_STATE_DIR": str(tmp_path)}) == tmp_path
    assert state_folder({"SILLON_STATE_DIR": ""}).name == "sillon"


@pytest.mark.parametrize(("seconds", "gap"), [(0.02, 1.07), (0.3, 1.35), (2.0, 2.0)])
def test_a_request_that_arrives_late_is_no_reason_to_come_early(
    tmp_path: Path, clock: FakeClock, seconds: float, gap: float
) -> None:
    """MusicBrainz may have counted a request as late as its answer began: the next one keeps the interval from there."""
    gate = Gate("musicbrainz", 1.0, tmp_path, clock)
    gate.wait()
    gate.sent()
    sent = clock.monotonic()
    clock.sleep(seconds)
    gate.answered()

    gate.wait()

    assert clock.monotonic() - sent == pytest.approx(gap, abs=0.01)


def test_an_answer_moves_no_other_turn(tmp_path: Path, clock: FakeClock) -> None:
    """Who answers late gives up no turn that another process took meanwhile; other sources count windows, not seconds."""
    one, two = (Gate("musicbrainz", 1.0, tmp_path, clock) for _ in range(2))
    one.wait()
    one.sent()
    clock.sleep(3)
    two.wait()
    two.sent()
    taken = clock.monotonic()
    one.answered()
    two.wait()
    assert clock.monotonic() - taken == pytest.approx(1.05, abs=0.01)

    other = Gate("discogs", 1.0, tmp_path, clock)
    other.wait()
    other.sent()
    clock.sleep(0.5)
    other.answered()
    other.wait()
    assert clock.slept[-1] == pytest.approx(0.55, abs=0.01)
