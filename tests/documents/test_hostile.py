"""Hostile input in a child process: one finding each, within 5 s of CPU and 300 MB, never a traceback."""

from __future__ import annotations

import json
import os
import socket
from contextlib import chdir

import pytest

from tests.bounded import PEAK

SECONDS, KILOBYTES = 5, 300_000
_PROGRAM = (
    PEAK
    + f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
from agentctl.cli.app import run
code = run(sys.argv[1:])
print(peak(), file=sys.stderr)
sys.exit(code)
"""
)
BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 9)) for n in range(97, 107)
)
FILES = {
    "alias bomb": ("a.yaml", BOMB),
    "merge bomb": ("a.yaml", BOMB.replace(b"[*", b"[<<, *")),
    "ring of anchors": ("a.yaml", b"a: &a {b: *a}\n"),
    "deep yaml flow": ("a.yaml", b"[" * 100_000),
    "deep yaml blocks": ("a.yaml", b"- " * 100_000 + b"x"),
    "deep json": ("a.json", b'{"a":' * 100_000),
    "deep toml": ("a.toml", b"a = " + b"[" * 100_000),
    "many yaml values": ("a.yaml", b"[" + b"a," * 4_900_000 + b"a]"),
    "many yaml lines": ("a.yaml", b"- {}\n" * 1_900_000),
    "many yaml documents": ("a.yaml", b"---\n{a: 1}\n" * 900_000),
    "many json objects": ("a.json", b"[" + b'{"":0},' * 1_200_000 + b"0]"),
    "many toml keys": ("a.toml", b"".join(b"k%d=1\n" % number for number in range(800_000))),
    "long toml list": ("a.toml", b"a=[" + b"1," * 4_900_000 + b"]"),
    "long integer, yaml": ("a.yaml", b"a: " + b"9" * 10_000),
    "long integer, json": ("a.json", b'{"a": ' + b"9" * 10_000 + b"}"),
    "long integer, toml": ("a.toml", b"a = " + b"9" * 10_000),
    "doubled key, yaml": ("a.yaml", b"a: 1\na: 2\n"),
    "doubled key, json": ("a.json", b'{"a": 1, "a": 2}'),
    "doubled key, toml": ("a.toml", b"a = 1\na = 2\n"),
    "nan, yaml": ("a.yaml", b"a: .nan\n"),
    "nan, json": ("a.json", b'{"a": NaN}'),
    "nan, toml": ("a.toml", b"a = nan\n"),
    "utf-16": ("a.json", '{"a": 1}'.encode("utf-16")),
    "byte order mark": ("a.json", b'\xef\xbb\xbf{"a": 1}'),
    "bad utf-8": ("a.yaml", b"a: \xff\n"),
    "nul": ("a.toml", b"a = '\0'\n"),
    "empty": ("a.yaml", b""),
    "blank": ("a.json", b" \n"),
    "more than 10 MB": ("a.yaml", b"x" * 10_000_001),
}
LONG = "a" * 5_000 + "b"
SCHEMAS = {
    "pattern that backtracks": ({"properties": {"a": {"pattern": "^(a+)+$"}}}, {"a": LONG}),
    "pattern that must backtrack": ({"properties": {"a": {"pattern": "^(?=(a+)+$)"}}}, {"a": LONG}),
    "property pattern that backtracks": ({"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}, {LONG: 1}),
    "with a dialect": (
        {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"pattern": "^(a+)+$"}}},
        {"a": LONG},
    ),
    "reference to itself": ({"$ref": "#"}, {}),
    "ring of references": (
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {},
    ),
    "ring through allOf": ({"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}], "type": "string"}}}, {}),
    "branches without end": (
        {"anyOf": [{"items": {"$ref": "#"}, "type": "array"}, {"items": {"$ref": "#"}, "type": "array"}, {"const": 1}]},
        json.loads("[" * 14 + "2" + "]" * 14),
    ),
    "remote": ({"$ref": "https://schemas.invalid/a.json"}, {}),
    "no schema": ([1], {}),
    "type that is none": ({"type": "strnig"}, {}),
    "unknown dialect": ({"$schema": "https://schemas.invalid/dialect"}, {}),
    "many items that are not unique": ({"uniqueItems": True}, [{"a": number % 4_000} for number in range(4_001)]),
    "not JSON": ("{", {}),
}  # fmt: skip


@pytest.fixture
def findings(agentctl):
    """Return a function that validates in a bounded process and returns the findings."""

    def run(schema, *names):
        done = agentctl(
            "validate", "--schema", schema, "--format", "json", *names, program=("-c", _PROGRAM), timeout=60
        )
        assert "Traceback" not in done.stderr
        assert done.returncode in {1, 2}, done.stderr
        if done.returncode == 1:
            assert int(done.stderr.split()[-1]) < KILOBYTES
        return done.returncode, json.loads(done.stdout)

    return run


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_one_finding(findings, tmp_path, name):
    file, data = FILES[name]
    (tmp_path / "any.json").write_text("{}")
    (tmp_path / file).write_bytes(data)
    code, answer = findings("any.json", file)
    assert (code, len(answer["results"])) == (1, 1), answer["results"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_hostile_schema_is_one_finding(findings, tmp_path, name):
    schema, value = SCHEMAS[name]
    (tmp_path / "schema.json").write_text(schema if isinstance(schema, str) else json.dumps(schema))
    (tmp_path / "data.json").write_text(json.dumps(value))
    code, answer = findings("schema.json", "data.json")
    assert code == 2 or len(answer["results"]) == 1, answer["results"]


def test_a_folder_of_traps_is_walked(findings, tmp_path):
    (tmp_path / "any.json").write_text('{"type": "object"}')
    traps = tmp_path / "traps"
    traps.mkdir()
    os.mkfifo(traps / "pipe.yaml")
    (traps / "loop").symlink_to(traps)
    (traps / "self.yaml").symlink_to("self.yaml")
    (traps / "gone.yaml").symlink_to("nowhere.yaml")
    (traps / "device.yaml").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as bound:
        with chdir(traps):  # the whole path may be longer than a socket's name can be
            bound.bind("socket.yaml")
        (traps / "bad.yaml").write_text("[]\n")
        code, answer = findings("any.json", "traps")
        assert (code, len(answer["results"])) == (1, 1)
        code, answer = findings(
            "any.json", *(f"traps/{name}.yaml" for name in ("pipe", "self", "gone", "device", "socket"))
        )
        assert (code, [one["id"] for one in answer["results"]]) == (1, ["unreadable"] * 5)


def test_a_file_of_200_mb_is_not_read(findings, tmp_path):
    (tmp_path / "any.json").write_text("{}")
    with (tmp_path / "a.yaml").open("wb") as stream:
        stream.truncate(200_000_000)
    code, answer = findings("any.json", "a.yaml")
    assert (code, [one["id"] for one in answer["results"]]) == (1, ["too-large"])
