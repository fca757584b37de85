"""Visits: every browser gets a token of its own, once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from grounding.tasks.label.annotate import person_author
from grounding.web.visits import VISIT_COOKIE, VisitMiddleware, client_address, confirmed_token, read_name_cookie, visit_token

SECRET = b"a secret of this test"


async def echo(scope, receive, send):
    """An app that answers every address with the token it sees."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": visit_token(scope).encode()})


async def silent(message):
    """A server that nobody listens to."""


def ask(method: str, path: str, cookie: str | None = None, headers: dict | None = None) -> httpx.Response:
    async def send():
        cookies = {VISIT_COOKIE: cookie} if cookie else None
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=VisitMiddleware(echo, SECRET)), base_url="http://deixis", cookies=cookies, headers=headers
        ) as client:
            return await client.request(method, path)

    with ThreadPoolExecutor(1) as apart:  # a browser test may have left a running loop in this thread
        return apart.submit(asyncio.run, send()).result()


def test_a_new_browser_gets_a_token_that_the_first_request_already_carries():
    reply = ask("GET", "/")
    assert len(reply.text) >= 20
    assert reply.headers["set-cookie"].startswith(f"{VISIT_COOKIE}={reply.text}.")
    assert "HttpOnly" in reply.headers["set-cookie"]


def test_a_known_browser_keeps_its_token():
    first = ask("GET", "/")
    again = ask("GET", "/media/x/image", first.cookies[VISIT_COOKIE])
    assert again.text == first.text
    assert "set-cookie" not in again.headers


def test_no_two_browsers_get_the_same_token():
    assert len({ask("GET", "/").text for _ in range(20)}) == 20


def test_a_token_that_nobody_handed_out_is_replaced():
    assert ask("GET", "/", "short").text != "short"
    assert ask("GET", "/", "x" * 500).text != "x" * 500


def test_a_cookie_that_was_not_signed_here_is_worth_no_more_than_none():
    first = ask("GET", "/")
    token, _, signature = first.cookies[VISIT_COOKIE].partition(".")
    other = VisitMiddleware(echo, b"another secret")._signature(token)
    for made_up in (
        token, f"{token}.", f"{token}.{signature[:-1]}", f"{token}x.{signature}", f"{token}.{other}", f".{signature}",
        "a" * 24, "a" * 24 + ".\u00ff",
    ):
        reply = ask("GET", "/", headers={b"cookie": f"{VISIT_COOKIE}={made_up}".encode("latin-1")})
        assert reply.text not in (token, made_up) and "set-cookie" in reply.headers, made_up


def test_two_starts_of_the_app_sign_with_secrets_of_their_own():
    assert VisitMiddleware(echo)._signature("a") != VisitMiddleware(echo)._signature("a")


def test_behind_https_the_token_also_works_in_a_frame():
    assert "SameSite=None; Secure; Partitioned" in ask("GET", "/", headers={"x-forwarded-proto": "https"}).headers["set-cookie"]


@pytest.mark.parametrize(("cookie", "author"), [
    (b"deixis_name=Ann", "person:Ann"), (b"a=b; deixis_name=J%C3%B6rg%20%E6%9D%8E; c=d", "person:J\u00f6rg \u674e"), (b"", "person:me"),
    (b"deixis_name=", "person:me"), (b"deixis_name=a%00%0Ab", "person:ab"), (b"deixis_name=%ff%fe", "person:me"),
])  # fmt: skip
def test_what_a_person_does_carries_the_name_typed_on_the_page(cookie, author):
    assert person_author(read_name_cookie({"headers": [(b"host", b"x"), (b"cookie", cookie)]})) == author


def test_a_token_that_was_only_just_given_is_not_one_that_the_browser_brought():
    seen = []

    async def app(scope, receive, send):
        seen.append(confirmed_token(scope))
        await echo(scope, receive, send)

    known = f"ann.{VisitMiddleware(app, SECRET)._signature('ann')}"
    for cookie in (None, known, "short"):
        headers = [(b"cookie", f"{VISIT_COOKIE}={cookie}".encode())] if cookie else []
        with ThreadPoolExecutor(1) as apart:
            apart.submit(asyncio.run, VisitMiddleware(app, SECRET)({"type": "http", "headers": headers}, None, silent)).result()
    assert seen == ["", "ann", ""]


@pytest.mark.parametrize(("headers", "proxies", "address"), [
    ([], 1, "9.9.9.9"), (["1.1.1.1"], 1, "1.1.1.1"), (["6.6.6.6, 1.1.1.1"], 1, "1.1.1.1"), (["6.6.6.6", "1.1.1.1"], 1, "1.1.1.1"),
    (["6.6.6.6, 1.1.1.1, 10.0.0.1"], 2, "1.1.1.1"), (["1.1.1.1"], 2, "1.1.1.1"), (["6.6.6.6"], 0, "9.9.9.9"),
    (["1.1.1.1, ,"], 1, "1.1.1.1"),
    (["2001:db8:1:2:3::4"], 1, "2001:db8:1:2::/64"), (["::ffff:1.2.3.4"], 1, "1.2.3.4"), (["1.1.1.1, unknown"], 1, ""), (["\u00ff"], 1, ""),
])  # fmt: skip
def test_a_visitor_comes_from_what_our_own_proxy_has_written(headers, proxies, address):
    scope = {"client": ("9.9.9.9", 1), "headers": [(b"x-forwarded-for", value.encode("latin-1")) for value in headers]}
    assert client_address(scope, proxies) == address
