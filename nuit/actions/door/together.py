"""What arrives while something is being written is written together: one transaction, one commit to the disk."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine

from nuit.db import db, transaction

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass
class _Asked(Generic[Question, Answer]):
    """One thread's question; it waits for its answer, or for its turn to work, alone where a group has failed."""

    question: Question
    weight: int
    answer: list[Answer]
    alone: bool = False


class _Queue(Generic[Question, Answer]):
    """Who waits before one database, and whose turn it is to write for all."""

    def __init__(self) -> None:
        self.turn, self._guard = threading.Lock(), threading.Lock()
        self._waiting: list[_Asked[Question, Answer]] = []

    def join(self, mine: _Asked[Question, Answer]) -> None:
        with self._guard:
            self._waiting.append(mine)

    def leave(self, mine: _Asked[Question, Answer]) -> None:
        with self._guard:
            self._waiting = [one for one in self._waiting if one is not mine]

    def take(self, mine: _Asked[Question, Answer], most: int) -> list[_Asked[Question, Answer]]:
        """Mine, and those that came before or meanwhile, as long as they are not too much for one transaction."""
        with self._guard:
            group, weight = [mine], mine.weight
            for one in self._waiting:
                if one is not mine and not mine.alone and not one.alone and weight + one.weight <= most:
                    group.append(one)
                    weight += one.weight
            taken = {id(one) for one in group}
            self._waiting = [one for one in self._waiting if id(one) not in taken]
        return group


class Together(Generic[Question, Answer]):
    """Runs `work` on questions in one transaction; every thread gets its own answer, after the commit.

    Where a group fails, each of it is asked again alone: one that cannot be answered takes nobody down.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Question]], Sequence[Answer]],
        weight: Callable[[Question], int],
        most: int = 500,
    ) -> None:
        self._work, self._weight, self._most = work, weight, most
        self._queues: WeakKeyDictionary[Engine, _Queue[Question, Answer]] = WeakKeyDictionary()
        self._guard = threading.Lock()

    def ask(self, question: Question) -> Answer:
        """The answer to this question, whoever has worked it out."""
        mine: _Asked[Question, Answer] = _Asked(question, self._weight(question), [])
        with self._guard:
            queue = self._queues.setdefault(db.engine, _Queue())
        queue.join(mine)
        try:
            with queue.turn:
                while not mine.answer:
                    self._answer(queue, mine)
        finally:
            queue.leave(mine)
        return mine.answer[0]

    def _answer(self, queue: _Queue[Question, Answer], mine: _Asked[Question, Answer]) -> None:
        group = [mine]
        try:
            with transaction():
                group = queue.take(mine, self._most)
                answers = self._work([one.question for one in group])
        except Exception:
            if len(group) == 1:
                raise
            for one in group:
                one.alone = True
            return
        for one, answer in zip(group, answers, strict=True):
            one.answer.append(answer)
