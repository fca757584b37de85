"""Policy: a page runs the scripts it was served with, and nothing that came in later."""

import base64
import hashlib
import re

import httpx

from grounding.web.policy import content_security_policy, page_security_policy
from tests.web.whole import Whole


def allowed(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def test_what_is_no_page_runs_scripts_of_files_only():
    assert b"script-src 'self';" in content_security_policy() and b"unsafe" not in content_security_policy()
    assert b"frame-ancestors 'self' https://a.example" in content_security_policy(("https://a.example",))


def test_each_inline_script_of_a_page_and_of_its_head_is_named_by_its_hash():
    told = page_security_policy(
        "<script>a()</script><script src='x.js'></script><SCRIPT type=module>b()\r\n</SCRIPT>", "<script>c()</script>"
    ).decode()
    scripts = re.search("script-src ([^;]*)", told)[1].split()
    assert scripts == ["'self'", "'unsafe-eval'", allowed("a()"), allowed("b()\n"), allowed("c()")]


def test_the_page_is_served_with_the_hashes_of_its_scripts_packed_or_not(whole: Whole):
    for coding in ("identity", "gzip"):
        answer = httpx.get(whole.url, headers={"accept-encoding": coding})
        script = re.findall(r"<script>(window.gradio_config.*?)</script>", answer.text, re.S)[0]
        assert allowed(script) in answer.headers["content-security-policy"]
        assert "'unsafe-inline'" not in answer.headers["content-security-policy"].split("style-src")[0]
        assert answer.headers.get("content-encoding", "identity") == coding
