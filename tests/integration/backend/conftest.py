# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

import backendlib
import redislib


def check_end(backend):
    """It must live to the end of each test, end by itself, and have said nothing bad."""
    alive = backend.process.poll() is None
    status = backend.stop()
    log = backend.log()
    if not alive or status != 0:
        print(log)
    assert alive and status == 0, f"it ended with {status}"
    for word in ("CRITICAL", "WARNING", "error:", "ERROR: "):
        assert word not in log, log


@pytest.fixture
def redis():
    redis = redislib.Redis()
    yield redis
    redis.close()


@pytest.fixture
def make_backend(tmp_path):
    made = []

    def make(*arguments, **settings):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(backendlib.Backend(folder, *arguments, **settings))
        return made[-1]

    yield make
    for backend in made:
        if backend.process.returncode is None:
            check_end(backend)


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    """One backend for all tests that leave nothing behind."""
    backend = backendlib.Backend(tmp_path_factory.mktemp("backend"), ALLOWED_ORIGINS="https://ok.example",
                                 SESSIONS_PER_ADDRESS="0")
    yield backend
    check_end(backend)
