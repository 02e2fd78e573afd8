"""Report progress for many jobs at once: ``report_jobs.py HOME UPDATES_PER_SECOND``, with job IDs on standard input.

This process acts as the trainer and the supervisor of all jobs. It runs until it is killed.
"""

import math
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

from trainyard.files import Home
from trainyard.identity import own_identity
from trainyard.status import enter, load_or_create, publish

home = Home(Path(sys.argv[1]))
pause = 1 / float(sys.argv[2])
print("ready", flush=True)
job_ids = sys.stdin.readline().split()
me = own_identity()
statuses = []
for job_id in job_ids:
    status = load_or_create(home, job_id, 1)
    status.update(process=me, supervisor=me, pid=me["pid"], epochs=100, total_steps=100_000, sequence=10)
    for name in ("STARTING", "LOADING", "RUNNING"):
        enter(status, name)
    statuses.append(status)

began = time.monotonic()
turn = 0
while True:
    turn += 1
    for place, status in enumerate(statuses):
        # Spread over the whole turn, as unrelated jobs are.
        due = began + (turn + place / len(statuses)) * pause
        time.sleep(max(0.0, due - time.monotonic()))
        step = status["step"] + 20
        loss = 1 / (1 + step / 500) + 0.02 * math.sin(step / 37 + place)
        status.update(step=step, epoch=1 + step // 1000, progress=min(100.0, step / 1000), loss=loss)
        status.update(metrics={"loss": loss, "val_loss": loss * 1.1}, eta_seconds=(100_000 - step) / 100)
        publish(home, status)
