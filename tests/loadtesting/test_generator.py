"""The generator by itself, as its parent starts it."""

from __future__ import annotations

import json
import subprocess
import sys
from urllib.parse import urlsplit

GENERATOR = "import runpy; runpy.run_module('agentctl.loadtesting.generator', run_name='__main__', alter_sys=True)"
FEW_FILES = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (84, 84)); {GENERATOR}"


def generate(tmp_path, url, *, program=GENERATOR, **values):
    place = urlsplit(url)
    job = {
        "scheme": "http",
        "host": place.hostname,
        "port": place.port,
        "prefix": "",
        "authority": place.netloc,
        "requests": [{"path": "/chat"}],
        "rate": 100.0,
        "total": 100,
        "timeout": 5.0,
        "max_in_flight": 500,
        "tokens": ["secret-token"],
        **values,
    }
    path = tmp_path / "job.json"
    path.write_text(json.dumps(job))
    done = subprocess.run(
        [sys.executable, "-c", program, path], capture_output=True, text=True, check=False, timeout=120
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return (
        done,
        [line for line in lines if line["type"] == "sample"],
        [line for line in lines if line["type"] == "final"],
    )


def test_samples_come_each_second_and_the_last_record_adds_them_up(start, tmp_path):
    done, samples, (final,) = generate(tmp_path, start(), total=150)
    assert done.stderr == ""
    assert [sample["at"] for sample in samples[:1]] == [1.0]
    assert sum(sample["completed"] for sample in samples) == 150
    assert final["tallies"]["GET /chat"]["statuses"] == [[200, 150]]
    assert (final["planned"], final["sent"], final["faults"], final["stopped"]) == (150, 150, [], False)


def test_the_job_is_removed_once_read_for_it_holds_tokens(start, tmp_path):
    done, _, _ = generate(tmp_path, start(), total=50)
    assert not (tmp_path / "job.json").exists()
    assert "secret-token" not in done.stdout


def test_a_machine_with_too_few_files_is_the_generators_fault(start, tmp_path):
    _, samples, (final,) = generate(tmp_path, start(), program=FEW_FILES, requests=[{"path": "/hang"}], timeout=1.0)
    assert max(sample["in_flight"] for sample in samples) <= 20
    assert final["filled"] is True
    assert "this machine allows 20 connections at once" in final["faults"][0]


def test_a_host_without_an_address_is_said_on_stderr(tmp_path):
    done, _, finals = generate(tmp_path, "http://no-such-host.invalid:80")
    assert (done.returncode, finals) == (1, [])
    assert "no-such-host.invalid" in done.stderr
    assert "Traceback" not in done.stderr
