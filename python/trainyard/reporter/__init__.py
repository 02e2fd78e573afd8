"""The reporter, with which a training script reports its progress, and which writes its status and metrics files."""

from trainyard.reporter.reporter import Reporter
from trainyard.reporter.stop_requests import StopTraining

__all__ = ["Reporter", "StopTraining"]
