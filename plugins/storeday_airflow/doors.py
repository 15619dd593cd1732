"""Who may do what on the board, by Airflow's own rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag, requires_access_view
from airflow.configuration import conf
from fastapi import Depends, HTTPException, Request
from storeday.board.doors import Doors, Person
from storeday.board.installation import Installation
from storeday.config.environment import environment

from storeday_airflow.pages import CLOSE, Pages

Right = Callable[[Request, Any], None]
"""Raises HTTPException where the user has it not."""

READ: Final[tuple[Right, ...]] = (requires_access_view(AccessView.PLUGINS), requires_access_dag("GET", None, CLOSE))
ACT: Final[tuple[Right, ...]] = (requires_access_dag("POST", DagAccessEntity.RUN, CLOSE),)
SEE_SAMPLES: Final[tuple[Right, ...]] = (requires_access_dag("PUT", DagAccessEntity.TASK_INSTANCE, CLOSE),)


def doors() -> Doors:
    """Airflow's doors, for the installation that the environment names."""
    return Doors(person, conf.get_mandatory_value("api", "secret_key"), Pages(), Installation(environment()))


def person(request: Request, user: Annotated[Any, Depends(get_user)]) -> Person:
    """Who asks, by the token that Airflow's login left or gave. Raises: HTTPException 401 without one."""

    def has(rights: tuple[Right, ...]) -> bool:
        try:
            for right in rights:
                right(request, user)
        except HTTPException:
            return False
        return True

    return Person(user.get_name(), may_read=has(READ), may_act=has(ACT), may_see_samples=has(SEE_SAMPLES))
