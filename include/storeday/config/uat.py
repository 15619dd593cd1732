"""What is to be tried in a real Sage 50 before a company's figures go into its books, and what was found there.

The questions are those of docs/uat-checklist.md, in uat_questions.yaml beside this file. The answers are a company's
own (uat-answers.yaml beside its company.yaml): what was found, by whom, when.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import StringConstraints, ValidationError, model_validator

from storeday.config.sage_facts import SageFacts
from storeday.config.strict import Strict, faults_of
from storeday.config.text import read_yaml

if TYPE_CHECKING:
    from storeday.config.settings import CompanySettings

ANSWERS_FILE: Final = "uat-answers.yaml"
_OF_A_FACT: Final = "sage."
_EVERYONE: Final = "everyone"

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Question(Strict):
    """One thing to try in a real Sage 50."""

    id: str  # sage.{fact} where the answer is a setting
    group: str
    try_this: str
    matters_to: tuple[str, ...] = ()  # everyone, a profile, stock, customers, products, or one of Sage's tax codes

    @property
    def fact(self) -> str:
        """The setting below ``sage`` that the answer is about; empty where it is about none."""
        return self.id.removeprefix(_OF_A_FACT) if self.id.startswith(_OF_A_FACT) else ""

    def matters_for(self, company: CompanySettings) -> bool:
        """Whether a company must know the answer before it goes into production."""
        return not facets_of(company).isdisjoint(self.matters_to)


class Found(Strict):
    """What somebody found in the real Sage. ``found`` is the value that the question's setting must have there."""

    question: str
    found: Any = None
    as_expected: bool | None = None  # of a question that is no setting
    said: Words
    by: Words
    on: date

    @model_validator(mode="after")
    def _fits_its_question(self) -> Found:
        asked = questions().get(self.question)
        if asked is None:
            raise ValueError(f"no question {self.question!r} in docs/uat-checklist.md")
        if asked.fact and "found" not in self.model_fields_set:
            raise ValueError(f"{self.question} is a setting: say with found what it must be for the real Sage")
        if asked.fact and self.as_expected is not None:
            raise ValueError(f"{self.question} is a setting: say found, and leave as_expected out")
        if not asked.fact and (self.as_expected is None or "found" in self.model_fields_set):
            raise ValueError(f"{self.question} is no setting: say with as_expected whether it was so, yes or no")
        if asked.fact:
            self._value()
        return self

    def agrees_with(self, facts: SageFacts) -> bool:
        """Whether the settings are as the real Sage turned out to be; a question without a setting is as expected."""
        fact = questions()[self.question].fact
        return bool(getattr(facts, fact) == self._value()) if fact else bool(self.as_expected)

    @property
    def words(self) -> str:
        """The value that was found, in words."""
        if not questions()[self.question].fact:
            return "as expected" if self.as_expected else "not as expected"
        return value_words(self._value())

    def _value(self) -> object:
        fact = questions()[self.question].fact
        try:
            return getattr(SageFacts.model_validate({fact: self.found}), fact)
        except ValidationError as error:
            raise ValueError(f"found: {'; '.join(faults_of(error))}") from None


class UatAnswers(Strict):
    """A company's answers, and the version of Sage that they were found in."""

    sage: Words = "not said"
    answers: tuple[Found, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> UatAnswers:
        if twice := [name for name, times in Counter(each.question for each in self.answers).items() if times > 1]:
            raise ValueError(f"{', '.join(twice)}: answered twice; keep the newest answer")
        if self.answers and "sage" not in self.model_fields_set:
            raise ValueError("sage: is missing; say in which version of Sage this was tried")
        return self

    def to(self, question: str) -> Found | None:
        """The answer to one question, or None."""
        return next((each for each in self.answers if each.question == question), None)


@cache
def questions() -> dict[str, Question]:
    """Every question by its id, in the order of the checklist."""
    said = read_yaml((files("storeday.config") / "uat_questions.yaml").read_text(encoding="utf-8"))
    return {asked.id: asked for asked in (Question.model_validate(each) for each in said)}


def facets_of(company: CompanySettings) -> frozenset[str]:
    """What of a company decides which questions matter to it, in the words of the questions."""
    return frozenset(_facets(company))


def value_words(value: object) -> str:
    """A setting's value as people write it.

    >>> value_words(("T0", "T1")), value_words(None), value_words(True)
    ('T0, T1', 'none', 'true')
    """
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{code}: {value_words(said)}" for code, said in sorted(value.items())) or "none"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _facets(company: CompanySettings) -> Iterator[str]:
    settings = company.company
    yield from (_EVERYONE, settings.profile)
    yield from company.tax_codes
    if settings.stock:
        yield "stock"
    lists = {"customers": company.customers, "products": company.articles}
    yield from (name for name in settings.records if any(each.in_sage == "no" for each in lists[name] or ()))
