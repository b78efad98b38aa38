"""Credentials are found by their form, told by kind and place, and never shown."""

from __future__ import annotations

import json

import pytest

from agentctl.checklist import secrets
from agentctl.reporters import json as as_json

# Put together here, so that no file of this project holds anything of the form.
BODY = "Q7vR2mX9kLpW4sT8yB3nD6fH1jC5gZ0aEuIo" + "M3xK9wPq2rTz"
FORMS = {
    "AWS access key": "AKIA" + "Q7VR2MX9KLPW4ST8",
    "OpenAI key": "sk-" + BODY,
    "Anthropic key": "sk-ant-" + BODY,
    "GitHub token": "ghp_" + BODY[:38],
    "GitLab token": "glpat-" + BODY[:22],
    "Slack token": "xoxb-" + BODY[:26],
    "Google key": "AIza" + BODY[:35],
    "Stripe key": "sk_live_" + BODY[:28],
    "Hugging Face token": "hf_" + BODY[:36],
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----\n" + BODY * 3 + "\n",
}


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_a_credential_in_the_code_fails_and_is_not_shown(agent, kind: str) -> None:
    agent.write("shop_agent/keys.py", f'"""Keys."""\n\nKEY = """{FORMS[kind]}"""\n')
    report = agent.report(only=["SE02"])
    finding = report.results[0]
    assert finding.verdict == "fail"
    assert kind in finding.message
    assert (finding.evidence[0].path, finding.evidence[0].line) == ("shop_agent/keys.py", 3)
    assert BODY[:12] not in as_json.render(report)
    assert json.loads(as_json.render(report))


@pytest.mark.parametrize(
    "text",
    [
        'KEY = "sk-your-openai-key-goes-here-1234567890abcdef"',
        'KEY = "sk-' + "x" * 48 + '"',
        'KEY = "AKIAIOSFODNN7EXAMPLE"',
        'KEY = os.environ["OPENAI_API_KEY"]',
        'ISSUE = "https://example.com/tasks/sk-learn-a-very-long-name-of-some-page-in-there"',
    ],
)
def test_placeholders_are_no_credentials(text: str) -> None:
    assert not [hit for hit in secrets.scan("agent.py", text) if hit.strong]


@pytest.mark.parametrize(
    ("name", "row", "told"),
    [
        ("settings.yml", 'secret_key: "{}"  # overwritten by the environment', True),
        ("app.toml", "jwt_secret = '{}'", True),
        ("settings.yml", "secret_key_id: {}", False),
        ("settings.yml", "secret_key: ${{{}}}", False),
        ("settings.yml", "commit: {}", False),
    ],
)
def test_what_is_signed_with_stands_in_a_configuration(name: str, row: str, told: bool) -> None:
    text = f"server:\n  {row.format('f884dadd9e6b23ea' + '6c073a031b18daa0')}\n"
    assert [hit.kind for hit in secrets.scan(name, text)] == ["key to sign with"] * told


def test_a_made_up_key_to_sign_with_is_none() -> None:
    assert not list(secrets.scan("settings.yml", "secret_key: " + "0123456789abcdef" * 2 + "\n"))


def test_keys_in_tests_and_examples_only_warn(agent) -> None:
    agent.write("tests/unit/keys.py", f'KEY = "{FORMS["OpenAI key"]}"\n')
    assert agent.verdicts()["SE02"] == "warn"


def test_an_env_file_with_values_fails_unless_it_is_ignored(agent) -> None:
    agent.write(".env", f"OPENAI_API_KEY={BODY}\n")
    assert agent.verdicts()["SE02"] == "pass"
    agent.edit(".gitignore", ".env\n", "")
    assert agent.verdicts()["SE02"] == "fail"


def test_an_env_file_without_values_is_fine(agent) -> None:
    agent.write(".env", "OPENAI_API_KEY=\nPASSWORD=changeme-please\n")
    assert agent.verdicts()["SE02"] == "pass"


def test_a_default_for_a_secret_in_compose_warns(agent) -> None:
    agent.write(
        "compose.yaml",
        "services:\n  a:\n    environment:\n      - JWT_SECRET_KEY=${KEY:-supersecretkeythatshouldchange}\n",
    )
    assert agent.verdicts()["SE02"] == "warn"


@pytest.mark.parametrize(
    ("variable", "value", "verdict"),
    [
        ("NVIDIA_API_KEY", "your-nvidia-api-key", "pass"),
        ("TAVILY_API_KEY", "this-is-a-test-key", "pass"),
        ("NVIDIA_API_KEY", "q7vr2mx9klpw4st8yb3n", "warn"),
        ("SHOP_AUTH_TOKEN", "your-very-own-auth-token", "warn"),  # which opens this very service
        ("JWT_SECRET_KEY", "your-super-secret-key", "warn"),
    ],
)
def test_what_stands_where_a_providers_key_will_is_no_default(agent, variable: str, value: str, verdict: str) -> None:
    rows = f"services:\n  a:\n    environment:\n      {variable}: ${{{variable}:-{value}}}\n"
    agent.write("compose.yaml", rows)
    assert agent.verdicts()["SE02"] == verdict


def test_samples_on_which_tests_try_what_finds_secrets_are_none(agent) -> None:
    agent.write("tests/unit/test_redaction.py", f'KEY = "{FORMS["GitHub token"]}"\n')
    agent.write("benchmarks/rows.json", f'["{FORMS["GitHub token"]}"]\n')
    assert agent.verdicts()["SE02"] == "pass"
    agent.write("tests/unit/test_client.py", f'KEY = "{FORMS["OpenAI key"]}"\n')
    assert agent.verdicts()["SE02"] == "warn"
    agent.write("shop_agent/keys.py", f'"""Keys."""\n\nKEY = "{FORMS["GitHub token"]}"\n')
    assert agent.verdicts()["SE02"] == "fail"


def test_a_lock_file_is_full_of_hashes_and_not_scanned() -> None:
    assert not list(secrets.scan("uv.lock", FORMS["OpenAI key"]))


ADDRESS = "postgresql://shop:hunter2@db.shop.internal:5432/shop"


@pytest.mark.parametrize(
    ("path", "text", "kinds"),
    [
        ("deploy/app.yaml", f"env:\n  DATABASE_URL: {ADDRESS}\n", ["password in an address"]),
        ("main.tf", f'url = "{ADDRESS}"\n', ["password in an address"]),
        ("deploy/app.yaml", "url: postgresql://shop:${PASSWORD}@db.shop.internal/shop\n", []),
        ("deploy/app.yaml", "url: postgresql://shop:hunter2@localhost.localdomain/shop\n", []),
        ("compose.yaml", "url: postgresql://shop:hunter2@db:5432/shop\n", []),
        ("deploy/app.yaml", "url: postgresql://user:secret@db.example.com/shop\n", []),
        ("docs/store.md", f"Set it to {ADDRESS}.\n", []),
    ],
)
def test_a_password_in_the_address_of_a_server_is_a_weak_spot_in_a_manifest(path: str, text: str, kinds: list[str]):
    hits = list(secrets.scan(path, text))
    assert [hit.kind for hit in hits] == kinds
    assert not any(hit.strong for hit in hits)
