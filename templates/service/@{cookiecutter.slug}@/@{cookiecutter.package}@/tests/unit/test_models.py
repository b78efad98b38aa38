import asyncio
import json

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...config.secrets import FixedSecret
from ...exceptions import DependencyRefusedError, DependencyUnavailableError
from ...models.completion import Completion, Prompt
from ...models.history import PastTurn
from ...services.chat_completions import ChatCompletionsModel
from ...services.deterministic import NOTHING_KNOWN, DeterministicModel

PROMPT = Prompt(system="Be brief.", user="<question>Why?</question>")


@given(st.text(), st.text())
def test_the_deterministic_model_always_says_the_same(system: str, question: str) -> None:
    async def twice() -> list[Completion]:
        prompt = Prompt(system=system, user=question)
        return [await DeterministicModel("d").complete(prompt) for _ in range(2)]

    first, second = asyncio.run(twice())
    assert first == second


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("How long are backups of the server kept?", "Backups are kept for 90 days on a second server."),
        ("When does the desk open?", "The desk opens at 8:00."),
        ("Who are you?", NOTHING_KNOWN),
        ("", NOTHING_KNOWN),
    ],
)
async def test_the_deterministic_model_quotes_the_fact_that_fits(question: str, fact: str) -> None:
    facts = "- The desk opens at 8:00.\n- Backups are kept for 90 days on a second server."
    prompt = Prompt(system=f"Be brief.\n{facts}", user=f"<question>{question}</question>")
    assert (await DeterministicModel("d").complete(prompt)).text.startswith(f"{fact} (offline answer ")


class Provider:
    """A provider in the same process."""

    def __init__(self, response: httpx2.Response | Exception) -> None:
        self.response = response
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if isinstance(self.response, Exception):
            raise self.response
        return self.response

    def model(self) -> ChatCompletionsModel:
        return ChatCompletionsModel(
            base_url="https://provider.invalid/v1",
            model="big",
            temperature=0.5,
            max_tokens=10,
            api_key=FixedSecret("key"),
            timeout=1,
            transport=httpx2.MockTransport(self),
        )


def completion(text: object) -> httpx2.Response:
    return httpx2.Response(200, json={"choices": [{"message": {"content": text}}]})


async def test_the_provider_is_asked_in_its_own_form() -> None:
    provider = Provider(completion("Because."))
    model = provider.model()
    assert (await model.complete(PROMPT)).text == "Because."
    assert model.name == "big"
    (request,) = provider.requests
    assert str(request.url) == "https://provider.invalid/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer key"
    assert json.loads(request.content) == {
        "model": "big",
        "temperature": 0.5,
        "max_tokens": 10,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "<question>Why?</question>"},
        ],
    }
    await model.close()


@pytest.mark.parametrize(
    "response",
    [
        httpx2.Response(500),
        httpx2.Response(503),
        httpx2.Response(429),
        httpx2.Response(200, content=b"<html>"),
        httpx2.Response(200, json={"choices": []}),
        completion(None),
        httpx2.ConnectError("refused"),
        httpx2.ReadTimeout("slow"),
    ],
)
async def test_what_may_pass_is_unavailable(response: httpx2.Response | Exception) -> None:
    with pytest.raises(DependencyUnavailableError):
        await Provider(response).model().complete(PROMPT)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 302])
async def test_what_will_not_pass_is_refused(status: int) -> None:
    with pytest.raises(DependencyRefusedError, match=str(status)):
        await Provider(httpx2.Response(status)).model().complete(PROMPT)


async def test_the_provider_gets_the_conversation_as_messages_of_their_own() -> None:
    provider = Provider(httpx2.Response(200, json={"choices": [{"message": {"content": "Yes."}}]}))
    model = provider.model()
    past = (PastTurn("<question>Is 1 &lt; 2?</question>", "It is."),)
    await model.complete(Prompt("Be brief.", "<question>Sure?</question>", past))
    await model.close()
    (request,) = provider.requests
    assert json.loads(request.content)["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "<question>Is 1 &lt; 2?</question>"},
        {"role": "assistant", "content": "It is."},
        {"role": "user", "content": "<question>Sure?</question>"},
    ]


async def test_the_deterministic_model_says_something_else_in_another_conversation() -> None:
    model = DeterministicModel("d")
    conversations = ((), (PastTurn("a", "b"),), (PastTurn("a", "c"),))
    said = [(await model.complete(Prompt("", "Why?", past))).text for past in conversations]
    assert len(set(said)) == 3
