"""Writes phrases for the objects of drawn pictures, as COCO with gRefCOCO beside it.

    python examples/pseudo_queries_to_coco.py FOLDER
"""

import sys
from pathlib import Path

from grounding.data.media_write import encode_png
from grounding.exchange import coco
from grounding.exchange.photos import Category, Dataset, ImageAnnotations, ObjectAnnotation, Phrase
from grounding.synthetic import draw_scene
from pseudo_query import generate


def main(folder: Path) -> None:
    folder.mkdir(parents=True)
    categories, images, files = {}, [], {}
    for number in range(1, 4):
        scene = draw_scene(number)
        regions, size = scene.regions, scene.image.size
        name = f"scene_{number}.png"
        files[name] = folder / name
        files[name].write_bytes(encode_png(scene.image.pixels))
        for label in regions.labels:
            categories.setdefault(label, Category(len(categories) + 1, label))
        rows = zip(regions.boxes.xyxy.tolist(), regions.labels)
        objects = tuple(ObjectAnnotation(tuple(box), categories[label].id) for box, label in rows)
        phrases = tuple(Phrase(query.query, query.targets) for query in generate(regions, size, scene.image.pixels))
        images.append(ImageAnnotations(number, name, size, objects, phrases))
    coco.write(Dataset(tuple(categories.values()), tuple(images)), folder / "coco", files)
    print(f"{len(images)} pictures, {sum(len(image.phrases) for image in images)} phrases: {folder / 'coco'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
