import json, os, time, urllib.request

URL = os.environ.get("TRAINYARD_URL", "http://127.0.0.1:4000") + "/graphql"
START = """mutation ($input: StartTrainingInput!) {
  startTraining(input: $input) { ... on StartTrainingSuccess { job { id } } ... on Error { message } } }"""
WATCH = """subscription ($id: ID!, $after: String) {
  jobProgress(id: $id, after: $after) { cursor status step } }"""
STOP = """mutation ($id: ID!) {
  stopTraining(input: { id: $id }) { ... on StopTrainingSuccess { job { status } } ... on Error { message } } }"""


def request(query, variables, accept="application/json"):
    body = json.dumps({"query": query, "variables": variables}).encode()
    return urllib.request.Request(URL, body, {"content-type": "application/json", "accept": accept})


def ask(query, **variables):
    with urllib.request.urlopen(request(query, variables)) as answer:
        return json.load(answer)["data"]


def progress(job_id):
    """Yields every state of a job until it ends, and reconnects when the connection is lost."""
    after, status = None, "QUEUED"
    while status not in ("COMPLETED", "STOPPED", "ERROR"):
        try:
            watch = request(WATCH, {"id": job_id, "after": after}, "text/event-stream")
            # The server sends data at least every 12 seconds. By default, a dead connection would wait forever.
            with urllib.request.urlopen(watch, timeout=3) as events:
                for line in events:
                    if line.startswith(b"data: {"):
                        state = json.loads(line[6:])["data"]["jobProgress"]
                        after, status = state["cursor"], state["status"]
                        yield state
        except OSError as error:
            print("connection lost, reconnecting:", error)
            time.sleep(0.1)


def start_job(epochs):
    return ask(START, input={"epochs": epochs, "options": {"patience": 0}})["startTraining"]["job"]["id"]


job = start_job(5000)
for state in progress(job):
    print(job, state["status"], "step", state["step"])

other = start_job(1_000_000)
ask(STOP, id=other)
for state in progress(other):
    print(other, state["status"], "step", state["step"])
