"""Small valid sets of every format that comes in: {name of a file: its text, or "photo N" or "film" for its bytes}."""

import json

PHOTO, FILM = (64, 48), (96, 64)
FRAMES = 8


def coco():
    images = [{"id": number, "file_name": f"{name}.jpg", "width": 64, "height": 48} for number, name in ((1, "a"), (2, "b"), (3, "c"))]
    mask = {"size": [48, 64], "counts": [490, 20, 28, 20, 2514]}
    rows = [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 20, 20], "iscrowd": 0, "segmentation": []},
            {"id": 2, "image_id": 1, "category_id": 2, "bbox": [30, 5.5, 8, 30.25], "attributes": {"score": 0.5, "occluded": False}},
            {"id": 3, "image_id": 2, "category_id": 1, "bbox": [0, 0, 64, 48], "attributes": {"rotation": 0.0}},
            {"id": 4, "image_id": 2, "category_id": 3, "bbox": None, "segmentation": mask},
            {"id": 5, "image_id": 3, "category_id": 2, "segmentation": [[5, 5, 40, 5, 40, 30, 5, 30]]},
            {"id": 6, "image_id": 3, "category_id": 1, "bbox": [20, 20, 20, 4], "attributes": {"rotation": 90}}]
    categories = [{"id": number, "name": name} for number, name in ((1, "dog"), (2, "cat"), (3, "owl"))]
    return {"annotations/instances_default.json": json.dumps({"images": images, "annotations": rows, "categories": categories}),
            "images/a.jpg": "photo 1", "images/b.jpg": "photo 2", "images/sub/c.jpg": "photo 3"}


def grefs():
    rows = [(1, [1], "the dog"), (1, [1, 2], "both"), (2, [-1], "a zebra"), (3, 5, "the cat")]
    refs = [
        {"ref_id": number, "image_id": image, "ann_id": ids, "sentences": [{"raw": text}]}
        for number, (image, ids, text) in enumerate(rows, 1)
    ]
    return coco() | {"annotations/grefs(default).json": json.dumps(refs)}


def coco_film():
    table = [{
        "id": 1, "name": "film.mp4", "pts_s": [n / 25 for n in range(FRAMES)], "frames_written": "annotated",
        "file_name": "videos/film.mp4", "captions": [{"track_id": 1, "start": 1, "end": 3, "text": "it waits"}],
    }]
    images = [{
        "id": n + 1, "file_name": f"film.mp4/{n}.png", "width": 96, "height": 64, "video_id": 1, "frame_index": n,
        "pts_s": n / 25,
    } for n in range(FRAMES)]
    rows = [
        {
            "id": n + 1,
            "image_id": n + 1,
            "category_id": 1,
            "bbox": [10 + n, 10, 20, 20],
            "attributes": {"track_id": 1, "keyframe": n in (0, 7)},
        }
        for n in range(FRAMES)
    ]
    return {
        "annotations/instances_default.json": json.dumps(
            {"images": images, "annotations": rows, "categories": [{"id": 1, "name": "dog"}], "videos": table}
        ),
        "videos/film.mp4": "film",
        **{f"images/default/film.mp4/{n}.png": f"photo {n}" for n in range(FRAMES)},
    }


def cvat_video():
    boxes = "".join(
        f'<box frame="{frame}" outside="{out}" occluded="{covered}" keyframe="1" xtl="{10 + frame}" '
        f'ytl="10.00" xbr="{40 + frame}.50" ybr="30.00" z_order="0">'
        f'<attribute name="stretch">it waits</attribute></box>\n'
        for frame, out, covered in ((0, 0, 0), (3, 0, 1), (5, 1, 0))
    )
    more = '<box frame="2" outside="0" occluded="0" keyframe="1" xtl="1.00" ytl="2.00" xbr="9.00" ybr="12.00" rotation="30.0"></box>'
    head = (
        "<meta><task><name>film.mp4</name><size>8</size><mode>interpolation</mode><start_frame>0</start_frame><stop_frame>7</stop_frame><labels><label><name>dog</name></label>"
        "<label><name>cat</name></label></labels><original_size><width>96</width><height>64</height></original_size></task><source>film.mp4</source></meta>"
    )
    return {
        "annotations.xml": f'<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>{head}\n'
        f'<track id="0" label="dog">{boxes}</track>\n<track id="1" label="cat">{more}</track>\n'
        "</annotations>",
        "film.mp4": "film",
    }


def cvat_images():
    shapes = (
        '<box label="dog" occluded="0" xtl="10.00" ytl="10.00" xbr="30.00" ybr="30.00" '
        'z_order="0"></box>\n<box label="cat" xtl="20.00" ytl="20.00" xbr="40.00" ybr="24.00" '
        'rotation="90.00"></box>\n'
        '<polygon label="cat" points="5.00,5.00;40.00,5.00;40.00,30.00"></polygon>'
    )
    images = "".join(
        f'<image id="{number}" name="{name}.jpg" width="64" height="48">\n{shapes}</image>\n' for number, name in enumerate("ab")
    )
    return {
        "annotations.xml": (
            '<?xml version="1.0" '
            f'encoding="utf-8"?>\n<annotations>\n<version>1.1</version><meta><task><name>t</name><size>2</size></task></meta>\n{images}</annotations>'
        ),
        "images/a.jpg": "photo 1",
        "images/b.jpg": "photo 2",
    }


def mot():
    lines = [
        f"{frame + 1},{number},{10 + frame * number},{5 + number},{20 + number},20,1,{number},1"
        for number in (1, 2)
        for frame in range(FRAMES - number)
    ]
    info = "[Sequence]\nname=film\nframeRate=25\nseqLength=8\nimWidth=96\nimHeight=64\n"
    return {
        "film.mp4/gt/gt.txt": "\n".join(lines) + "\n",
        "film.mp4/gt/labels.txt": "dog\ncat\n",
        "film.mp4/seqinfo.ini": info,
        "film.mp4/film.mp4": "film",
    }


def vidstg():
    frames = [
        [
            {"tid": tid, "bbox": {"xmin": 10 + n + tid, "ymin": 10, "xmax": 40 + n, "ymax": 30 + tid}, "generated": 0}
            for tid in (0, 1)
            if n < 7 or tid
        ]
        for n in range(FRAMES)
    ]
    body = {"video_id": "film.mp4", "frame_count": FRAMES, "fps": 25, "width": 96, "height": 64, "trajectories": frames,
            "subject/objects": [{"tid": 0, "category": "dog"}, {"tid": 1, "category": "cat"}]}
    record = {
        "vid": "film.mp4",
        "temporal_gt": {"begin_fid": 0, "end_fid": 4},
        "captions": [{"description": "it waits", "type": "subject", "target_id": 0}],
        "questions": [],
    }
    return {"annotations.json": json.dumps([record]), "vidor/film.mp4.json": json.dumps(body), "film.mp4": "film"}


FORMATS = {made.__name__: made for made in (coco, grefs, coco_film, cvat_video, cvat_images, mot, vidstg)}
