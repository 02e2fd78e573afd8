"""The reporter: what a training script calls to report its progress, and what writes its status and metrics files."""

from trainyard.reporter.reporter import Reporter
from trainyard.reporter.stop_requests import StopTraining

__all__ = ["Reporter", "StopTraining"]
