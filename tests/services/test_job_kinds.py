"""Job kinds: the names and parameters that the store keeps stay as they are, so that a job of an older version resumes."""

from dataclasses import fields

import pytest

from grounding.services.job_kinds import JOB_KINDS

STORED = {  # parameters as they were stored before the kinds were classes
    "load": {"project": "p", "folder": "f", "files": {"a.jpg": "0"}, "propose": True},
    "propose": {"project": "p", "items": None},
    "follow": {"project": "p", "items": ["i"]},
    "follow_box": {"item": "i", "frame": 3, "box": [0, 0, 9, 9], "object": "o", "label": "", "until": None, "every": 1},
    "export": {"project": "p", "file": "p-1.zip", "include": "accepted", "frames": "annotated", "empty": True, "format": "coco",
               "photos": True, "frame_format": "png"},
    "train": {"project": "p", "name": "weights-1"},
    "bring": {"project": "p", "seam": "detector", "name": "ssd"},
    "mistakes": {"project": "p", "folder": ""},
}  # fmt: skip


def test_every_kind_of_the_store_is_in_the_table():
    assert set(JOB_KINDS) == set(STORED) and all(job.kind == name for name, job in JOB_KINDS.items())


@pytest.mark.parametrize("name", STORED)
def test_parameters_that_were_stored_make_the_job_again(name):
    job = JOB_KINDS[name](**STORED[name])
    assert {field.name: getattr(job, field.name) for field in fields(job)}.items() >= STORED[name].items()
