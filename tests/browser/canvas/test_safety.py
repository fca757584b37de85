"""Whatever is written in names, labels and phrases is shown as text; nothing of it runs."""

import pytest
from playwright.sync_api import expect

from tests.annotated import annotation

WICKED = ["<img src=x onerror=alert(1)>", "<script>alert(2)</script>", "${alert(3)}", "{{constructor.constructor('alert(4)')()}}",
          "javascript:alert(5)", "\"><svg onload=alert(6)>", "'-alert(7)-'", "</div><iframe srcdoc='<script>alert(8)</script>'>"]


@pytest.mark.parametrize("text", WICKED)
def test_wicked_words_are_only_words(desk, bench, text):
    store = bench.store
    item = store.item(bench.items()["zz 2 empty.png"])
    box = annotation(item.id, "box", {"box": [20, 20, 200, 200], "label": text, "score": 0.5, "state": "proposed"}, "model:scripted@3")
    phrase = annotation(item.id, "phrase", {
        "text": text, "targets": [box.object], "state": "proposed", "origin": "template", "rule": text, "unique": False,
    }, "model:scripted@3")
    store.append(item.id, [box, phrase], edit=f"wicked-{item.revision}")
    desk.open_item(item.name)
    desk.js(f"void ed.session.activate(ed.session.doc.get('{phrase.object}'))")
    desk.page.wait_for_selector(f"#dx-row-{phrase.object}")
    assert text in desk.page.locator(f"#dx-row-{phrase.object}").inner_text()
    expect(desk.page.locator(".dx-card")).to_contain_text(text)
    desk.press("e")
    desk.press("Enter")
    desk.press("/")
    desk.keyboard.insert_text(text)
    desk.press("Enter")
    desk.page.wait_for_selector(".dx-answer, .dx-answers .error")
    desk.press("Escape")
    desk.press("Control+a", "Delete")
    desk.wait_saved()
    store.close()
