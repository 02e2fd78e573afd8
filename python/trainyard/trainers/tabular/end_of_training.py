"""Steps after the last epoch: the evaluation, and training on all rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from trainyard.reporter.reporter import Reporter, StopTraining
from trainyard.spec import Spec
from trainyard.trainers.tabular.evaluation.advice import Course, advise, headline, leaking_column
from trainyard.trainers.tabular.evaluation.evaluate import Measured, cross_validate, evaluate_part
from trainyard.trainers.tabular.evaluation.fit import fit_without_validation
from trainyard.trainers.tabular.evaluation.predictions import baseline_of, main_score, measure, units_of
from trainyard.trainers.tabular.learner import Learner
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import Prepared, encode_table
from trainyard.trainers.tabular.schema import ModelSchema
from trainyard.trainers.tabular.split import Parts


class EndOfTraining:
    """Measures the weights of a training and reports their score."""

    def __init__(self, spec: Spec, options: Options, data: Prepared, learner: Learner, report: Reporter) -> None:
        self._spec, self._options, self._data, self._learner, self._report = spec, options, data, learner, report
        self._name = main_score(data.table)
        self._validation_baseline = self._baseline_of_validation()

    def report_validation(self, weights: Mapping[str, Tensor], epoch: int, score: float) -> None:
        """Report the score so far: that of the validation rows.

        Args:
            weights: the best weights so far.
            epoch: their epoch.
            score: their R2 or accuracy.
        """
        if self._name == "balanced_accuracy":
            rows = torch.from_numpy(self._data.validation).to(self._learner.device)
            predicted = self._learner.outputs(dict(weights), self._learner.inputs[rows]).argmax(dim=1).cpu().numpy()
            score = measure(self._name, self._data.targets[self._data.validation], predicted)
        if math.isfinite(score):
            self._report.score(
                self._name,
                score,
                baseline=self._validation_baseline,
                part="validation",
                epoch=epoch,
                rows=len(self._data.validation),
            )

    def evaluate(self, weights: Mapping[str, Tensor], course: Course) -> str:
        """Evaluate the best weights, on the test part or with a cross-validation, and report it.

        Returns:
            The main score and its baseline in words.

        Raises:
            StopTraining: a stop was requested during a cross-validation.
        """
        if not self._data.plan.folds:
            return self._report_measured(
                evaluate_part(self._data, self._learner, weights, self._spec.seed, self._check), course
            )
        try:
            measured = cross_validate(
                self._spec, self._options, self._data, (self._learner, weights), self._check, self._note_fold
            )
        except StopTraining:
            self.evaluate_so_far(weights, course)
            raise
        return self._report_measured(measured, course)

    def evaluate_so_far(self, weights: Mapping[str, Tensor], course: Course) -> None:
        """Evaluate the best weights of a training that ends before its end, within a second."""
        measured = evaluate_part(self._data, self._learner, weights, self._spec.seed, None)
        self._report.message(f"{self._report_measured(measured, course)} (epoch {course.best_epoch}).")

    def refit(self, losses: Sequence[float]) -> tuple[ModelSchema, dict[str, Tensor]]:
        """Train a new model on all rows with a target.

        Args:
            losses: validation losses of the training until the chosen epoch.

        Raises:
            StopTraining: a stop was requested. The model of the training remains.
        """
        self._report.message(f"Training on all {len(self._data.table.known)} rows for {len(losses)} epochs.")
        rows = np.arange(len(self._data.table.known))
        parts = Parts(rows, self._data.validation, self._data.test)
        data = encode_table(self._data.table, self._data.plan, parts, self._options)
        learner = Learner(self._spec, self._options, data, self._learner.device)
        weights = fit_without_validation(self._spec, learner, losses, self._check)
        print(f"The saved model was trained on all {len(rows)} rows for {len(losses)} epochs.")
        return data.schema, weights

    def _report_measured(self, measured: Measured, course: Course) -> str:
        advice = advise(measured, course)
        # In the log already: the notes of the plan, and the columns that nearly equal the target.
        if leaking_column(measured) not in self._data.table.leaks:
            print(*advice, sep="\n", end="\n" if advice else "")
        self._report.evaluation(
            measured.scores,
            score=measured.name,
            part=measured.part,
            rows=measured.rows,
            epoch=course.best_epoch,
            chosen_by="val_loss",
            baseline=measured.baseline,
            units=units_of(self._data.table),
            notes=[*advice, *self._data.plan.notes],
            **measured.details,
        )
        return headline(measured)

    def _baseline_of_validation(self) -> float:
        data, rows = self._data, self._data.validation
        baseline, classes = baseline_of(data.table, data.training, rows)
        return measure(self._name, data.table.values[rows], baseline if classes is None else classes)

    def _check(self) -> None:
        if self._report.should_stop:
            raise StopTraining("Stop requested; the checkpoint is saved.")

    def _note_fold(self, number: int) -> None:
        self._report.message(f"Cross-validation: training model {number} of {self._data.plan.folds}.")
