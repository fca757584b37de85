"""A small server for work on the editor alone: the HTTP API over memory, on drawn pictures or a folder of photos."""

from __future__ import annotations

import io
import json
import random
import sys
import time
import uuid
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from PIL import Image, ImageDraw

from grounding.ui.canvas import Annotator, routes

ITEMS: dict[str, dict] = {}
LOG: dict[str, list[dict]] = {}
EDITS: dict[str, dict[str, int]] = {}
LABELS = [{"id": i + 1, "name": n, "color": c} for i, (n, c) in enumerate(
    [("dog", "#E69F00"), ("person", "#56B4E9"), ("ball", "#009E73"), ("car", "#CC79A7")])]
JOBS: dict[str, dict] = {}
ERA: dict[str, int] = {"fail": 0}


def current(item: str) -> list[dict]:
    replaced = {old for a in LOG[item] for old in a["replaces"]}
    return [a for a in LOG[item] if a["id"] not in replaced and a["value"] is not None]


def said(item, kind, value, author="model:ssd@1", replaces=(), obj=None):
    i = uuid.uuid4().hex
    a = {"id": i, "object": obj or i, "kind": kind, "value": value, "author": author, "replaces": list(replaces), "at": "2026-11-22T13:00:00Z"}
    LOG[item].append(a)
    return a["object"]


def add_photo(name, size, path=None, boxes=3):
    i = f"item{len(ITEMS):05d}"
    ITEMS[i] = {"id": i, "project": "p1", "kind": "photo", "name": name, "width": size[0], "height": size[1], "status": "new", "revision": 0, "path": path, "trashed": False}
    LOG[i], EDITS[i] = [], {}
    pick = random.Random(i)
    for n in range(boxes):
        w, h = (size[0] * pick.uniform(.1, .4), size[1] * pick.uniform(.1, .4)) if boxes < 50 else (pick.uniform(12, 50), pick.uniform(12, 50))
        x, y = pick.uniform(0, size[0] - w), pick.uniform(0, size[1] - h)
        label = pick.choice(LABELS)["name"]
        o = said(i, "box", {"box": [x, y, x + w, y + h], "label": label, "score": round(pick.uniform(.4, .99), 2), "state": "proposed" if n % 3 or boxes < 50 else "accepted"})
        if boxes < 50:
            for text, unique in ((f"{label} on the left", True), (f"the large {label}", n % 2 == 0)):
                said(i, "phrase", {"text": text, "targets": [o], "state": "proposed", "origin": "template", "rule": "noun s", "unique": unique, "score": .8})
    return i


def add_video(path, frames, pts, size):
    i = f"item{len(ITEMS):05d}"
    ITEMS[i] = {"id": i, "project": "p1", "kind": "video", "name": Path(path).name, "width": size[0], "height": size[1], "status": "new", "revision": 0, "path": path, "trashed": False, "pts": pts, "frames": frames}
    LOG[i], EDITS[i] = [], {}
    for n in range(4):
        keys = [{"frame": k * frames // 6, "box": [40 + 90 * n + k * 30, 60 + 30 * n, 140 + 90 * n + k * 30, 190 + 30 * n], "outside": k == 4 and n == 1} for k in range(n % 2, 6)]
        said(i, "track", {"label": LABELS[n]["name"], "caption": f"the {LABELS[n]['name']} that moves right", "state": "proposed", "score": .8, "keyframes": keys})
    return i


app = FastAPI()
app.router.routes += routes()


def listed(it):
    return {k: it[k] for k in ("id", "project", "kind", "name", "width", "height", "status", "revision", "trashed")} | {"thumb": f"/media/{it['id']}/thumb"}


def counts():
    c = {"new": 0, "in_progress": 0, "done": 0, "trashed": 0}
    for it in ITEMS.values():
        c["trashed" if it["trashed"] else it["status"]] += 1
    return c


@app.get("/api/projects/{p}/items")
def items(p: str, after: str = "", limit: int = 100, status: str = "", trashed: bool = False):
    rows = [it for it in ITEMS.values() if it["trashed"] == trashed and (not status or it["status"] == status) and it["id"] > after]
    page = rows[:limit]
    return {"items": [listed(it) for it in page], "next": page[-1]["id"] if len(rows) > limit else None, "counts": counts()}


@app.get("/api/items/{i}")
def item(i: str):
    it = ITEMS[i]
    live = [x["id"] for x in ITEMS.values() if not x["trashed"]]
    at = live.index(i)
    video = {"src": f"/media/{i}/video", "playable": True, "frames": it["frames"], "pts": it["pts"], "frame_src": f"/media/{i}/frames/{{n}}"} if it["kind"] == "video" else None
    return listed(it) | {"prev": live[at - 1] if at else None, "next": live[at + 1] if at + 1 < len(live) else None, "position": at + 1, "count": len(live), "image": f"/media/{i}/image", "video": video, "labels": LABELS, "annotations": current(i)}


@app.post("/api/items/{i}/edits")
async def edits(i: str, request: Request):
    body = await request.json()
    if ERA["fail"]:
        return JSONResponse({"error": "asked to fail"}, ERA["fail"])
    if body["edit"] in EDITS[i]:
        return {"revision": EDITS[i][body["edit"]]}
    replaced = {old for a in LOG[i] for old in a["replaces"]}
    for a in body["annotations"]:
        if any(old in replaced for old in a["replaces"]):
            return JSONResponse({"error": "changed meanwhile", "revision": ITEMS[i]["revision"], "annotations": current(i)}, 409)
    for a in body["annotations"]:
        LOG[i].append(a | {"author": "person:me", "at": time.strftime("%FT%TZ")})
    ITEMS[i]["revision"] += 1
    if ITEMS[i]["status"] == "new":
        ITEMS[i]["status"] = "in_progress"
    EDITS[i][body["edit"]] = ITEMS[i]["revision"]
    return {"revision": ITEMS[i]["revision"]}


@app.get("/api/items/{i}/history")
def history(i: str):
    return LOG[i]


@app.post("/api/items/{i}/status")
async def status(i: str, request: Request):
    ITEMS[i]["status"] = (await request.json())["status"]
    return {}


@app.delete("/api/items/{i}")
def trash(i: str):
    ITEMS[i]["trashed"] = True
    return {}


@app.post("/api/items/{i}/restore")
def restore(i: str):
    ITEMS[i]["trashed"] = False
    return {}


@app.patch("/api/projects/{p}")
async def patch(p: str, request: Request):
    LABELS[:] = [{"id": n + 1, "name": x["name"], "color": x.get("color") or "#4a7dff"} for n, x in enumerate((await request.json())["labels"])]
    return {"id": p, "labels": LABELS}


@app.post("/api/items/{i}/ground")
async def ground(i: str, request: Request):
    text = (await request.json())["text"]
    it = ITEMS[i]
    regions = [] if "none" in text else [{"box": [it["width"] * .2 * k + 10, it["height"] * .2, it["width"] * (.2 * k + .25), it["height"] * .7], "score": .91 - .3 * k, "label": "dog"} for k in range(3)]
    return {"query": text, "regions": regions, "ms": {"encode": 412.3, "phrase": 9.2}}


@app.post("/api/items/{i}/follow")
@app.post("/api/projects/{p}/propose")
@app.post("/api/projects/{p}/upload")
def job(p: str = "", i: str = ""):
    j = uuid.uuid4().hex
    JOBS[j] = {"id": j, "kind": "follow" if i else "load", "state": "running", "done": 0, "total": 40, "note": "photo 3", "result": None, "error": None, "start": time.time()}
    return {"job": j}


@app.get("/api/jobs/{j}")
def job_state(j: str):
    job = JOBS[j]
    if job["state"] == "running":
        job["done"] = min(40, int((time.time() - job["start"]) * 8))
        if job["done"] == 40:
            job["state"] = "done"
            job["result"] = {"added": 0, "skipped": [["bad.jpg", "this file is a text, not a picture"]]}
    return job


@app.post("/api/jobs/{j}/cancel")
def cancel(j: str):
    JOBS[j]["state"] = "cancelled"
    return {}


@app.get("/api/projects/{p}/jobs")
def jobs(p: str):
    return list(JOBS.values())


@app.post("/fail/{code}")
def fail(code: int):
    ERA["fail"] = code
    return {}


@app.get("/media/{i}/{what}")
def media(i: str, what: str):
    it = ITEMS[i]
    if what == "video":
        return FileResponse(it["path"], media_type="video/mp4")
    if it["path"] and it["kind"] == "photo" and what == "image":
        return FileResponse(it["path"])
    if it["path"] and it["kind"] == "photo":
        image = Image.open(it["path"]).convert("RGB")
        image.thumbnail((200, 200))
    else:
        image = Image.new("RGB", (it["width"], it["height"]), (196, 205, 200))
        draw = ImageDraw.Draw(image)
        pick = random.Random(i)
        for _ in range(40):
            x, y, r = pick.random() * it["width"], pick.random() * it["height"], pick.random() * 120
            draw.ellipse([x - r, y - r, x + r, y + r], fill=tuple(pick.randrange(90, 220) for _ in range(3)))
        if what == "thumb":
            image.thumbnail((200, 200))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return Response(out.getvalue(), media_type="image/jpeg")


def build(photos: list[Path], videos: list[Path]):
    for path in photos:
        with Image.open(path) as image:
            add_photo(path.name, image.size, str(path))
    add_photo('<img src=x onerror="alert(1)">.jpg', (1280, 720))
    add_photo("two thousand boxes.jpg", (2400, 1600), None, 2000)
    add_photo("empty.jpg", (640, 480), None, 0)
    for path in videos:
        import av
        with av.open(str(path)) as box:
            stream = box.streams.video[0]
            pts = [float(p.pts * stream.time_base) for p in box.demux(stream) if p.pts is not None]
            add_video(str(path), len(pts), sorted(pts), (stream.width, stream.height))
    with gr.Blocks(fill_width=True) as page:
        gr.Markdown("### Deixis (editor alone)")
        editor = Annotator(value={"project": "p1", "item": None, "user": "me"})
        said_ = gr.Textbox(label="open", visible=False)
        editor.navigate(lambda evt: json.dumps(evt._data), None, said_, api_visibility="private") if False else None
    return gr.mount_gradio_app(app, page, path="/", run_history=False, css="footer{display:none!important} .gradio-container{padding:8px!important}")


if __name__ == "__main__":
    data = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    photos = sorted((data / "flickr8k_entities/photos_full").glob("*.webp"))[:40] if data else []
    videos = sorted((data / "videos").glob("0*.mp4")) if data else []
    uvicorn.run(build(photos, videos), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
