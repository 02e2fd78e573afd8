"""The process that keeps trained models in memory and answers `predict`.

The server starts ``python -m trainyard.prediction`` on demand and ends it when it is idle. Both speak lines of JSON:
see `trainyard.prediction.worker`.
"""
