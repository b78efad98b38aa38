"""The compiled engine, as it is loaded; what it decides is tested with ``validate``."""

import os
import subprocess
import sys

INTERRUPTED = """\
import os, signal, sys


class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "decimal":  # which the engine loads by itself
            print("loading", flush=True)
            os.kill(os.getpid(), signal.SIGINT)


from agentctl.documents import engine

assert "decimal" not in sys.modules
sys.meta_path.insert(0, Interrupting())
try:
    engine.load()
except KeyboardInterrupt:
    print("interrupted")
import jsonschema_rs

print(jsonschema_rs.validator_for({"multipleOf": 2}).is_valid(4))
"""


def test_an_interruption_while_it_loads_neither_ends_nor_passes_it():
    unmeasured = {key: value for key, value in os.environ.items() if not key.startswith("COV")}  # it would load decimal
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], env=unmeasured, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout.split(), done.stderr) == (["loading", "interrupted", "True"], "")
