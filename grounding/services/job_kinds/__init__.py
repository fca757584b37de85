"""Job kinds: one small class a kind, its parameters typed; the table of all of them by the name that is stored."""

from grounding.services.job_kinds.context import Job, JobContext
from grounding.services.job_kinds.improve import MistakesJob, SelectModelJob, TrainJob
from grounding.services.job_kinds.intake import LoadJob
from grounding.services.job_kinds.label import FollowJob, ProposeJob
from grounding.services.job_kinds.publish import ExportJob
from grounding.services.job_kinds.video import FollowBoxJob

JOB_KINDS: dict[str, type[Job]] = {
    kind.kind: kind for kind in (LoadJob, ProposeJob, FollowJob, FollowBoxJob, ExportJob, TrainJob, SelectModelJob, MistakesJob)
}

__all__ = ["JOB_KINDS", "ExportJob", "FollowBoxJob", "FollowJob", "Job", "JobContext", "LoadJob", "MistakesJob", "ProposeJob",
           "SelectModelJob", "TrainJob"]  # fmt: skip
