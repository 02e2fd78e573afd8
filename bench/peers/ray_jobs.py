"""Start jobs with Ray Jobs, and follow their logs: ``ray_jobs.py ADDRESS COUNT``.

Prints one line of JSON: for each job, the seconds from its request to its first line, and from the print of each line
to its arrival.
"""

import asyncio
import json
import sys
import time

from ray.job_submission import JobSubmissionClient

PROGRAM = "import time\nfor _ in range(50):\n    print('at', time.time(), flush=True)\n    time.sleep(0.1)\n"


async def follow(client: JobSubmissionClient) -> dict[str, object]:
    requested_at = time.time()
    job_id = client.submit_job(entrypoint=f'{sys.executable} -c "{PROGRAM}"')
    first = None
    delays = []
    async for text in client.tail_job_logs(job_id):
        now = time.time()
        printed_at = [float(line[3:]) for line in text.splitlines() if line.startswith("at ")]
        if printed_at and first is None:
            first = now - requested_at
        delays += [now - at for at in printed_at]
    return {"first": first, "delays": delays}


def wait_for_agent(client: JobSubmissionClient) -> None:
    """A new cluster refuses jobs for some seconds."""
    deadline = time.monotonic() + 120
    while True:
        try:
            client.submit_job(entrypoint="true")
            return
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


client = JobSubmissionClient(sys.argv[1])
wait_for_agent(client)
results = [asyncio.run(follow(client)) for _ in range(int(sys.argv[2]))]
print(json.dumps(results))
