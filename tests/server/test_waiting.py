"""Work goes on as long as its client is there."""

import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from assistant.server.waiting import unless_gone


def request(leaves: asyncio.Event) -> Request:
    async def receive() -> dict[str, Any]:
        await leaves.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


def test_the_work_of_a_client_that_stays_is_given() -> None:
    async def scene() -> str:
        async def work() -> str:
            return "70도"

        return await unless_gone(request(asyncio.Event()), work())

    assert asyncio.run(scene()) == "70도"


def test_the_work_of_a_client_that_leaves_is_ended() -> None:
    ended: list[bool] = []

    async def scene() -> None:
        leaves = asyncio.Event()

        async def work() -> None:
            try:
                leaves.set()
                await asyncio.Event().wait()
            finally:
                ended.append(True)

        await unless_gone(request(leaves), work())

    with pytest.raises(ClientDisconnect):
        asyncio.run(scene())
    assert ended == [True]


def test_an_error_of_the_work_comes_through() -> None:
    async def scene() -> None:
        async def work() -> None:
            raise ValueError("no")

        await unless_gone(request(asyncio.Event()), work())

    with pytest.raises(ValueError, match="no"):
        asyncio.run(scene())
