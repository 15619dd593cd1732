"""The task that asks a person to approve a company's batch, and waits for the answer without a worker.

Airflow keeps the question of a task that is cleared as it was first asked (the upsert of
airflow/api_fastapi/execution_api/routes/hitl.py). So the digest that was shown comes back with the answer, as the
form's field ``batch``, and an answer about another digest is refused.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLOperator
from airflow.sdk import Param
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from storeday_dags.schedule import is_dry_run, trading_day
from storeday_dags.work import name_by, open_work

log = logging.getLogger(__name__)

BATCH, REASON = "batch", "reason"
"""The fields of the form beside the two buttons."""


class ApproveBatch(ApprovalOperator):
    """Asks whether a company's draft may be delivered; skipped where nobody is to be asked.

    A rejection, like an approval, is an answer: the task is green, and delivering refuses what is not approved.
    """

    template_fields = (*ApprovalOperator.template_fields, "company")

    def __init__(self, *, company: Any, **kwargs: Any) -> None:
        kwargs.pop("params", None)  # the run's own are no fields of the form
        text = ["null", "string"]
        fields = {
            BATCH: Param(None, type=text, source="task", title="Batch and its digest"),
            REASON: Param(None, type=text, source="task", title="Reason", description="Needed to reject."),
        }
        super().__init__(subject="approve the batch?", params=fields, **kwargs)
        self.company = company

    def execute(self, context: Any) -> Any:
        """Ask, unless the draft is approved already. Raises: AirflowSkipException where nobody is to be asked."""
        name_by(self.company)
        if is_dry_run(context):
            raise AirflowSkipException("dry run: nothing is staged that a person could approve")
        from storeday.stages.approval import question, question_text

        with open_work() as work:
            asked = question(work, self.company, trading_day(context))
            if asked is None:
                raise AirflowSkipException(f"{self.company}: nothing is staged that a person is to approve")
            if asked.is_approved:
                log.info("%s", asked)
                return None
            self.body = question_text(work, asked)
            waits = work.settings.company(self.company).company.approval_waits_minutes
        if context["dag_run"].run_type == "backfill":
            raise AirflowFailException(f"{asked}. A backfill does not wait for it: it would keep every later backfill")
        self.subject = asked.subject
        shown = f"{asked.batch.id} {asked.batch.digest}"
        self.params[BATCH] = Param(shown, type="string", const=shown, source="task", title="Batch and its digest")
        self.response_timeout = timedelta(minutes=waits) if waits else None
        log.info("%s", asked)
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Write the answer down under the person's name. Without what is needed it is asked for again."""
        name_by(self.company)
        given = HITLOperator.execute_complete(self, context, event)
        answers, by = given["params_input"], (given["responded_by_user"] or {}).get("name", "")
        batch, _, digest = str(answers.get(BATCH) or "").partition(" ")
        why = str(answers.get(REASON) or "")
        is_approval = given["chosen_options"] == [self.APPROVE]
        if not digest or not (is_approval or why.strip()):
            missing = "a rejection needs a reason" if digest else f"the answer's field {BATCH} says what it is about"
            log.error("nothing was written down: %s; it is asked again", missing)
            return self.execute(context)
        from storeday.ledger.ledger import AnswerOutdated
        from storeday.stages.approval import answer

        with open_work() as work:
            try:
                said = answer(work, batch, digest, is_approval=is_approval, why=why, by=by)
            except AnswerOutdated as error:
                raise AirflowFailException(f"{error}. Run the day again, and what is staged now is asked for") from None
        log.info("%s: %s", self.company, said.words)
        return said.words

    def process_trigger_event_error(self, event: dict[str, Any]) -> None:  # noqa: ARG002 the one error is the timeout
        """Nobody answered in time: the batch stays a draft and the run ends red."""
        raise AirflowFailException(
            f"{self.company}: nobody answered within approval_waits_minutes; the batch stays a draft. "
            f"Run the day again, and it is asked again; or: storeday approve --batch ID --by NAME --why REASON"
        )
