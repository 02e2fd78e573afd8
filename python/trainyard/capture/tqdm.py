"""Progress from tqdm bars. Of nested bars, the outermost gives the step; numbers in a postfix count from every bar."""

from __future__ import annotations

import sys
import time
import weakref
from types import FrameType, ModuleType
from typing import Any

from trainyard.capture.callers import caller_outside, package_of
from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.line_metrics import dataset_of, has_dataset, prefix_of
from trainyard.capture.loop_variables import epoch_variables
from trainyard.capture.parse_line import parse_line
from trainyard.capture.source_report import SourceReport

_INTERVAL = 0.25  # minimum seconds between two reports of one bar
_PLACES_AT_MOST = 1_000
_OWN = ("tqdm", "trainyard")  # between the script and a hook
_OTHER_LIBRARIES = (
    "datasets",
    "huggingface_hub",
    "transformers",
    "lightning",
    "pytorch_lightning",
    "torch",
    "torchvision",
)
"""Bars of these libraries show downloads and the like, or belong to a training loop that is a source itself."""


class _Place:
    """A line of the script that makes bars. A bar for every epoch is made by the same line each time."""

    def __init__(self) -> None:
        self.bars = 0
        self.done = 0  # iterations of the bars that are closed
        self.first_epoch = 1  # 0 if the script counts epochs from 0


class _State:
    """State of one bar."""

    def __init__(self, place: _Place, is_outer: bool, epoch: int | None, prefix: str) -> None:
        self.place = place
        self.is_outer = is_outer
        self.epoch = epoch  # from 1; None if the bar is not one of an epoch
        self.prefix = prefix  # of metrics without one, such as ``val_``
        self.due = 0.0
        self.numbers: dict[str, Any] = {}  # not yet reported, as the script gives them
        self.text = ""  # a postfix or description that is not yet parsed


class Bars:
    """Turns bars into steps. Bars that follow each other are counted together."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._report = SourceReport(collector, "tqdm")
        self._places: dict[tuple[str, int], _Place] = {}
        self._lead: _Place | None = None  # the place whose bars give the step
        self._lead_total = 0
        self._outer: weakref.ref[Any] | None = None

    def opened(self, bar: Any) -> None:
        """Begin to follow a bar, unless it is disabled or not one of the script."""
        if bar.disable or not self._collector.active or getattr(bar, "unit", "") == "B":
            return
        frame = caller_outside(sys._getframe(1), _OWN)
        if type(bar).__module__.partition(".")[0] in _OTHER_LIBRARIES or frame is None:
            return
        if package_of(frame) in _OTHER_LIBRARIES:
            return
        place = self._place(frame)
        place.bars += 1
        epoch, epochs = epoch_variables(frame)
        if epochs and self._collector.epochs is None:
            self._collector.hint_epochs(epochs)
        described = parse_line(str(bar.desc or ""))
        if described is not None and described.epoch is not None:
            epoch = described.epoch
            if described.epochs:
                self._collector.hint_epochs(described.epochs)
        if epoch == 0 and place.bars == 1:
            place.first_epoch = 0
        outer = self._outer() if self._outer is not None else None
        is_outer = outer is None or outer is bar or (outer.total is not None and outer.n >= outer.total)
        if is_outer:
            self._outer = weakref.ref(bar)
        prefix = prefix_of(dataset_of(str(bar.desc or "")))
        bar._trainyard = _State(place, is_outer, None if epoch is None else epoch + 1 - place.first_epoch, prefix)
        if is_outer:
            self.show(bar, bar._trainyard)

    def closed(self, bar: Any) -> None:
        """Report the last step of a bar."""
        state = bar.__dict__.pop("_trainyard", None)
        if state is None:
            return
        self.show(bar, state)
        if state.is_outer:
            self._outer = None
            state.place.done += int(bar.n)

    def flush(self) -> None:
        """Report the last step of a bar that is still open."""
        bar = self._outer() if self._outer is not None else None
        if bar is not None:
            self.closed(bar)

    def show(self, bar: Any, state: _State) -> None:
        """Report the step of a bar and the numbers next to it."""
        numbers, state.numbers = _numbers(state.numbers), {}
        described, state.text = parse_line(state.text), ""
        if described is not None:
            numbers.update(described.metrics)
        if state.prefix:
            numbers = {name if has_dataset(name) else f"{state.prefix}{name}": value for name, value in numbers.items()}
        if not state.is_outer or not self._is_lead(bar, state):
            self._report.log(numbers)
            return
        total = int(bar.total) if bar.total else None
        epochs = self._collector.epochs
        done, epoch = int(bar.n), state.epoch
        if epoch is not None or state.place.bars > 1:  # one bar for each epoch
            epoch = epoch or state.place.bars
            done = (epoch - 1) * total + done if total and state.epoch else state.place.done + done
            self._report.correct_totals(total * epochs if total and epochs else None, epochs)
        elif total is not None and total == epochs:  # a bar of epochs
            epoch = min(total, done + 1)
            self._report.correct_totals(total, total)
        else:
            self._report.correct_totals(total, None)
        self._report.log(numbers, step=done, epoch=epoch)

    def _is_lead(self, bar: Any, state: _State) -> bool:
        """Whether this bar gives the step: validation has shorter bars than training, preparation is not repeated."""
        place, total = state.place, bar.total or 0
        if place is not self._lead:
            lead = self._lead
            is_repeated = place.bars > 1 and lead is not None and lead.bars == 1
            if lead is not None and not is_repeated and (lead.bars > 1 or total <= self._lead_total):
                return False
            self._lead = place
        self._lead_total = total
        return True

    def _place(self, frame: FrameType) -> _Place:
        key = (frame.f_code.co_filename, frame.f_lineno)
        if key not in self._places and len(self._places) >= _PLACES_AT_MOST:
            self._places.clear()
        return self._places.setdefault(key, _Place())


def patch(module: ModuleType, collector: Collector, guard: Guard) -> None:
    """Patch ``tqdm.std``, the base of all bars."""
    bars = Bars(collector)
    collector.before_end(lambda: guard.call(bars.flush))
    cls: Any = module.tqdm
    init, update, close = cls.__init__, cls.update, cls.close
    set_postfix, set_postfix_str, set_description = cls.set_postfix, cls.set_postfix_str, cls.set_description

    def show(bar: Any, state: _State) -> None:
        now = time.monotonic()
        if now >= state.due:
            state.due = now + _INTERVAL
            guard.call(bars.show, bar, state)

    def patched_init(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        guard.call(bars.opened, self)

    def patched_update(self: Any, n: float | None = 1) -> Any:
        shown = update(self, n)
        state = self.__dict__.get("_trainyard")
        if state is not None:
            show(self, state)
        return shown

    def patched_close(self: Any) -> None:
        close(self)
        if "_trainyard" in self.__dict__:
            guard.call(bars.closed, self)

    def patched_postfix(self: Any, ordered_dict: Any = None, refresh: bool | None = True, **kwargs: Any) -> None:
        set_postfix(self, ordered_dict, refresh, **kwargs)
        state = self.__dict__.get("_trainyard")
        if state is not None:
            state.numbers.update(ordered_dict or (), **kwargs)
            show(self, state)

    def patched_postfix_str(self: Any, s: str = "", refresh: bool | None = True) -> None:
        set_postfix_str(self, s, refresh)
        state = self.__dict__.get("_trainyard")
        if state is not None:
            state.text = s
            show(self, state)

    def patched_description(self: Any, desc: str | None = None, refresh: bool | None = True) -> None:
        set_description(self, desc, refresh)
        state = self.__dict__.get("_trainyard")
        if state is not None:
            state.text = desc or ""
            show(self, state)

    cls.__init__, cls.update, cls.close = patched_init, patched_update, patched_close
    cls.set_postfix, cls.set_postfix_str, cls.set_description = (
        patched_postfix,
        patched_postfix_str,
        patched_description,
    )


def _numbers(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with texts such as ``0.123`` and ``91.2%`` as numbers, without other texts."""
    numbers = {}
    for name, value in values.items():
        if isinstance(value, str):
            try:
                value = float(value.strip().removesuffix("%"))
            except ValueError:
                continue
        numbers[str(name)] = value
    return numbers
