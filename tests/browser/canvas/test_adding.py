"""Photos come in by dropping them on the page; what cannot come in is named with its reason."""

import base64
import io
import json

from PIL import Image

DROP = """([files]) => {
  const data = new DataTransfer();
  for (const [name, text] of files) data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
  const root = document.querySelector('.deixis');
  for (const kind of ['dragenter', 'dragover', 'drop'])
        root.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def png(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (90, 60), (shade, 120, 200)).save(out, "PNG")
    return out.getvalue()


def test_dropped_photos_come_in_and_a_text_is_refused_by_name(desk):
    files = [("drôle & <b>1</b>.png", png(20)), ("zz dropped.png", png(90)), ("letter.jpg", b"dear sir")]
    desk.page.evaluate(DROP, [[[name, base64.b64encode(data).decode()] for name, data in files]])
    desk.page.wait_for_selector(".dx-toast:has-text('2 items added')")
    assert "letter.jpg" in desk.page.locator(".dx-toast.error").inner_text()
    desk.wait_for("ed.parts.itemList.items.some((item) => item.name === 'zz dropped.png')")
    names = desk.js("ed.parts.itemList.items.map((item) => item.name)")
    assert "letter.jpg" not in names
    for name in [name for name in names if name in dict(files)]:
        desk.js(f"void ed.services.api.trash(ed.parts.itemList.items.find((item) => item.name === {json.dumps(name)}).id)")


def test_a_load_that_a_stop_of_the_app_cut_short_can_go_on(desk, bench):
    store, folder = bench.store, bench.folder / "cache" / "uploads" / "halfway"
    folder.mkdir(parents=True)
    (folder / "0").write_bytes(png(33))
    params = {"project": desk.js("ed.session.project"), "folder": "halfway", "files": {"zz late.png": "0"}, "propose": False}
    job = store.add_job("load", params["project"], None, params, owner="gone")
    store.change_job(job.id, ("queued",), state="interrupted", done=2, total=3)
    desk.load()
    card = desk.page.locator(".dx-job", has_text="Adding: stopped at 2 of 3")
    card.get_by_role("button", name="Go on").click()
    desk.page.wait_for_selector(".dx-toast:has-text('1 item added')")
    assert store.job(job.id).state == "done"
    late = bench.items()["zz late.png"]
    store.trash_items([late])
    store.change_job(job.id, ("done",), state="interrupted")
    desk.load()
    card = desk.page.locator(".dx-job", has_text="Adding: stopped")
    card.get_by_role("button", name="Stop").click()
    desk.load()
    desk.wait_for("ed.session.doc")
    assert card.count() == 0
    store.close()


def test_the_veil_shows_while_files_hang_over_the_page(desk):
    desk.page.evaluate("""() => { const data = new DataTransfer(); data.items.add(new File(['x'], 'x.png'));
      document.querySelector('.deixis').dispatchEvent(new DragEvent('dragenter', { dataTransfer: data, bubbles: true })); }""")
    assert desk.page.locator(".dx-drop").is_visible()
    desk.page.evaluate("""() => { const data = new DataTransfer(); data.items.add(new File(['x'], 'x.png'));
      document.querySelector('.deixis').dispatchEvent(new DragEvent('dragleave', { dataTransfer: data, bubbles: true })); }""")
    assert desk.page.locator(".dx-drop").is_hidden()
