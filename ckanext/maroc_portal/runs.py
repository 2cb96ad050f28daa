"""Whether a job is still in somebody's hands, after a worker was killed.

A worker takes a job out of the queue before it says that it is at it. One killed in
between leaves a job that Redis still calls queued, and that nobody will take; one
killed later leaves a job that Redis calls started.
"""

from __future__ import annotations

import datetime as dt
import os
import socket

import rq
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus

from ckan.lib import jobs
from ckan.lib.redis import connect_to_redis

# A worker says every 30 s that it lives; one silent for longer is dead.
SILENCE = dt.timedelta(seconds=90)


def is_held(job_id: str) -> bool:
    """Whether the queue holds the job or a living worker is at it.

    What a dead worker held is taken from it, so that the job can be queued again.
    """
    link = connect_to_redis()
    try:
        job = Job.fetch(job_id, connection=link)
    except NoSuchJobError:
        return False
    status, queue = job.get_status(), jobs.get_queue()
    if status == JobStatus.QUEUED and link.lpos(queue.key, job_id) is not None:
        return True
    if status not in (JobStatus.QUEUED, JobStatus.STARTED):
        return False
    workers = rq.Worker.all(connection=link)
    if any(each.get_current_job_id() == job_id and _lives(each) for each in workers):
        return True
    link.lrem(queue.intermediate_queue_key, 0, job_id)
    return False


def _lives(worker: rq.worker.BaseWorker) -> bool:
    if worker.hostname == socket.gethostname() and worker.pid:
        try:
            os.kill(worker.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # It lives, and is another user's.
    heard = worker.last_heartbeat
    if heard is None:
        return False
    if heard.tzinfo is None:
        heard = heard.replace(tzinfo=dt.UTC)
    return dt.datetime.now(dt.UTC) - heard < SILENCE
