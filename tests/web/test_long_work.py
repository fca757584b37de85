"""Long work: jobs of each kind start once, with what they need, or say why not."""

import pytest

from grounding.services.job_kinds import FollowBoxJob, FollowJob, ProposeJob


def test_a_job_starts_with_the_stored_parameters_and_a_double_click_starts_one(works, project):
    first, again = (works.start(ProposeJob(project["id"], [])) for _ in range(2))
    assert first == again and works.jobs.wait(first).params == {"project": project["id"], "items": []}


def test_only_a_video_is_followed(works, photo):
    for job in (FollowJob(photo["project"], [photo["id"]]), FollowBoxJob(photo["id"], 0, [0, 0, 9, 9])):
        with pytest.raises(ValueError, match="only things in videos"):
            works.start(job)
