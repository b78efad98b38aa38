"""Where CI takes agentctl from: never from a stranger who has the same name on an index."""

import json

import pytest

from agentctl import __version__
from agentctl.scaffold import origin

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Return a function that makes an agentctl be installed, with what its installer wrote down."""

    def install(told):
        folder = tmp_path / f"agentctl-{__version__}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: agentctl\nVersion: {__version__}\n")
        if told is not None:
            (folder / "direct_url.json").write_text(json.dumps(told))
        monkeypatch.syspath_prepend(tmp_path)

    return install


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (None, f"agentctl=={__version__}"),
        ({"url": "file:///home/me/agentctl", "dir_info": {"editable": True}}, origin.WHEEL),
        ({"url": "file:///home/me/agentctl.whl", "archive_info": {}}, origin.WHEEL),
        (
            {"url": "https://git.example.com/me/agentctl.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"agentctl @ git+https://git.example.com/me/agentctl.git@{COMMIT}",
        ),
        (
            {"url": "https://me:s3cret@git.example.com/agentctl.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"agentctl @ git+https://git.example.com/agentctl.git@{COMMIT}",
        ),
        (
            {"url": "ssh://git@git.example.com/agentctl.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"agentctl @ git+ssh://git@git.example.com/agentctl.git@{COMMIT}",
        ),
        (
            {"url": "ssh://git:s3cret@git.example.com/a.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"agentctl @ git+ssh://git@git.example.com/a.git@{COMMIT}",
        ),
        (
            {"url": "https://files.example.com/agentctl.whl", "archive_info": {"hashes": {"sha256": "ab12"}}},
            "agentctl @ https://files.example.com/agentctl.whl#sha256=ab12",
        ),
    ],
)
def test_ci_installs_the_agentctl_that_made_the_project(installed, told, wanted):
    installed(told)
    assert origin.requirement() == wanted
