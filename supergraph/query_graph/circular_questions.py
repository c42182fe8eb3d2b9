"""Yes-or-no questions whose answers depend on each other, possibly in circles.

Theory of operation. The answers wanted are the least fixed point: yes only where that follows
without going in circles. A question is judged with what is settled; the questions it would have
needed count as no and are noted. A yes is final, since more answers never turn it to no. Questions
that missed one which is settled by now are judged again; when nothing new is settled, all that are
open are answered no. So every question is judged at most once per question it depends on.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["CircularQuestions"]

Question = TypeVar("Question", bound=Hashable)


class CircularQuestions(Generic[Question]):
    """Answers kept for good; `judge` may ask for other answers, in circles too."""

    def __init__(self, judge: Callable[[Question], bool]) -> None:
        self._judge = judge
        self._settled: dict[Question, bool] = {}
        self._missed: dict[Question, None] | None = None
        #: How often a question was answered no for the time being. Whoever keeps what was concluded
        #: from answers must not when this has risen meanwhile.
        self.provisional_answers = 0

    def answer(self, question: Question) -> bool:
        """The answer; a provisional one where it is asked for while others are judged."""
        if question not in self._settled:
            if self._missed is not None:
                self._missed[question] = None
                self.provisional_answers += 1
                return False
            self._settle(question)
        return self._settled[question]

    def _settle(self, question: Question) -> None:
        waiting: dict[Question, dict[Question, None]] = {}
        stale = {question: None}
        while question not in self._settled:
            new: set[Question] = set()
            while stale:
                each, _ = stale.popitem()
                if self._is_yes(each, waiting):
                    new.add(each)
                else:
                    stale |= dict.fromkeys(
                        missed
                        for missed in waiting[each]
                        if missed not in waiting and missed not in self._settled
                    )
            if not new:
                self._settled |= dict.fromkeys(waiting, False)
            stale = {each: None for each, missed in waiting.items() if not new.isdisjoint(missed)}

    def _is_yes(self, question: Question, waiting: dict[Question, dict[Question, None]]) -> bool:
        missed: dict[Question, None] = {}
        self._missed = missed
        try:
            is_yes = self._judge(question)
        finally:
            self._missed = None
        if is_yes:
            self._settled[question] = True
            waiting.pop(question, None)
        else:
            waiting[question] = missed
        return is_yes
