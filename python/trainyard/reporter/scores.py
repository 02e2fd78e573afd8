"""Methods with which a training script reports the quality of its model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from trainyard.reporter.evaluation import Part, evaluation_record, score_record
from trainyard.reporter.job_block import JobBlock


class Scores(JobBlock):
    """The part of a ``Reporter`` that is about scores and evaluations."""

    def score(
        self,
        name: str,
        value: Any,
        *,
        baseline: Any = None,
        goal: Literal["max", "min"] | None = None,
        part: Part = "validation",
        epoch: int | None = None,
        rows: int | None = None,
        unit: str | None = None,
    ) -> None:
        """Report the score of the job so far: the number that lists of jobs show and compare.

        Without it, the names of the metrics select the score: the best value of a test metric before a validation
        metric, and of an accuracy before a loss. ``evaluation()`` replaces it.

        Args:
            name: the metric, such as ``"accuracy"``.
            value: a finite number, as in ``step()``.
            baseline: the value of a trivial model, such as one that always predicts the most frequent class.
            goal: ``"max"`` if high values are better. Default: as ``define_metric()`` or the name says.
            part: the part of the data that it was measured on: ``"test"``, ``"validation"``, ``"cross_validation"`` or
                ``"training"``.
            epoch: epoch of the model.
            rows: number of examples that it was measured on.
            unit: unit of the value, at most 32 characters.

        Raises:
            TypeError: the value or the baseline is not a number.
            ValueError: the value is not finite, the part or the goal unknown, or the name longer than 128 characters.
        """
        record_of_score = score_record(
            name, value, baseline=baseline, goal=goal, part=part, epoch=epoch, rows=rows, unit=unit
        )
        active = self._active()
        if active is None:
            return
        with active as record:
            if active.role.may_report():
                record.set_score(record_of_score)
                active.touch()

    def evaluation(
        self,
        metrics: Mapping[str, Any],
        *,
        score: str | None = None,
        goal: Literal["max", "min"] | None = None,
        part: Part = "test",
        rows: int | None = None,
        folds: int | None = None,
        epoch: int | None = None,
        chosen_by: str | None = None,
        baseline: Mapping[str, Any] | None = None,
        baseline_name: str | None = None,
        units: Mapping[str, str] | None = None,
        confusion: Mapping[str, Sequence[Any]] | None = None,
        predictions: Mapping[str, Sequence[Any]] | None = None,
        importance: Mapping[str, Any] | None = None,
        notes: Iterable[str] = (),
    ) -> None:
        """Report the quality of the model, usually at the end. Replaces the previous evaluation of the job.

        Example::

            report.evaluation(
                {"accuracy": 0.93, "log_loss": 0.21},
                baseline={"accuracy": 0.6},
                baseline_name="most frequent class",
                confusion={"labels": ["cat", "dog"], "counts": [[55, 5], [2, 38]]},
            )

        Args:
            metrics: at least one and at most 100 metrics, with values as in ``step()``.
            score: the metric that becomes the score of the job. Default: the first one.
            goal: ``"max"`` if high scores are better. Default: as ``define_metric()`` or the name says.
            part: the part of the data: ``"test"`` for held-out data, ``"validation"`` if the data was used to choose
                the epoch or the settings, ``"cross_validation"`` or ``"training"``.
            rows: number of examples that it was measured on.
            folds: number of parts of a cross-validation.
            epoch: epoch of the model.
            chosen_by: the metric whose best value chose the epoch.
            baseline: the same metrics of a trivial model.
            baseline_name: the prediction of the trivial model, such as ``"mean"``.
            units: unit of a metric by its name.
            confusion: ``labels``, at most 50 classes, and ``counts``, a row for each actual class with the number of
                predictions of each class.
            predictions: ``actual`` and ``predicted``, numbers of the same rows. Of more than 1,000, some are kept.
            importance: for each input, the decrease of the score without it. The first 100 are kept.
            notes: sentences for users, at most 20 of 500 characters.

        Raises:
            TypeError: a metric is not a number.
            ValueError: there are no or too many metrics, ``score`` is none of them, the part or the goal is unknown, or
                the sizes of ``confusion`` or ``predictions`` do not fit.
        """
        evaluation = evaluation_record(
            metrics,
            score=score,
            goal=goal,
            part=part,
            rows=rows,
            folds=folds,
            epoch=epoch,
            chosen_by=chosen_by,
            baseline=baseline,
            baseline_name=baseline_name,
            units=units,
            confusion=confusion,
            predictions=predictions,
            importance=importance,
            notes=notes,
        )
        active = self._active()
        if active is None:
            return
        with active as record:
            if active.role.may_report():
                record.evaluate(evaluation)
                active.touch()
