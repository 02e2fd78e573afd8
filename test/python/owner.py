"""Runs a script as `trainyard train` does: a reporter around the whole script, shared with it and its processes."""

from __future__ import annotations

import os
import runpy
import sys

from trainyard import Reporter
from trainyard.reporter.shared_reporter import share

if __name__ == "__main__":
    home, job_id, script = sys.argv[1:4]
    report = Reporter(home, job_id, int(os.environ.get("TRAINYARD_ATTEMPT", "1")), interrupt_on_stop=True)
    with report:
        share(report)
        report.begin()
        sys.argv[:] = [script]
        runpy.run_path(script, run_name="__main__")
