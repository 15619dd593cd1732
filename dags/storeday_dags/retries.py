"""What is worth trying again: the network, the database and the object store. Bad data and a changed host key are not.

Airflow imports each error named here when it parses a DAG: none may stand in a module that imports pandas.
"""

from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

RETRY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[
                "storeday.model.store_day.StoreDayHeld",
                "storeday.model.store_day.NothingReceived",
                "storeday.model.errors.SettingsError",
                "storeday.ledger.answers.NotApproved",
                "storeday.model.errors.WrongEnvironment",
                "storeday.model.errors.BeforeCutover",
                "storeday.model.errors.CannotCompare",
                "storeday.model.errors.LedgerBehind",
                "storeday.ledger.acceptances.NotSignedOff",
                "storeday.model.errors.StorageRefused",
            ],
            action=RetryAction.FAIL,
            reason="trying again changes nothing until something comes or somebody decides",
        ),
        RetryRule(
            exception="storeday.sources.base.SourceRefused",
            action=RetryAction.FAIL,
            reason="the server is not the one we know, or does not let us in",
        ),
        RetryRule(
            exception=[
                "storeday.sources.base.SourceUnreachable",
                "storeday.model.errors.LedgerUnreachable",
                "storeday.model.errors.StorageUnreachable",
                "sqlalchemy.exc.OperationalError",
                OSError,
            ],
            action=RetryAction.RETRY,
            retry_delay=timedelta(minutes=1),
        ),
    ]
)
