"""Facts of deployment plans become state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from huying.domain.deployment import (
    Deployment,
    DeploymentAdopted,
    DeploymentEdited,
    DeploymentEnded,
    DeploymentProposed,
)
from huying.domain.facts import Fact
from huying.domain.payload import Payload


class Deployments(Protocol):
    """Where plans are found to be changed, and put when they begin."""

    def deployment_to_change(self, id: int) -> Deployment: ...
    def add_deployment(self, deployment: Deployment) -> None: ...


def _proposed(state: Deployments, fact: Fact, body: DeploymentProposed) -> None:
    state.add_deployment(
        Deployment(
            id=fact.stream,
            kind=body.kind,
            title=body.title,
            why=body.why,
            posts=body.posts,
            wanted=body.wanted,
            figures=body.figures,
            paces=body.paces,
            proposed_at=fact.at,
            proposed_by=fact.actor,
            changed_at=fact.at,
            changed_by=fact.actor,
        )
    )


def _changed(state: Deployments, fact: Fact) -> Deployment:
    plan = state.deployment_to_change(fact.stream)
    plan.version, plan.changed_at, plan.changed_by = fact.version, fact.at, fact.actor
    return plan


def _edited(state: Deployments, fact: Fact, body: DeploymentEdited) -> None:
    plan = _changed(state, fact)
    plan.title, plan.posts, plan.wanted, plan.why = body.title, body.posts, body.wanted, body.why


def _adopted(state: Deployments, fact: Fact, body: DeploymentAdopted) -> None:
    plan = _changed(state, fact)
    plan.adopted_at, plan.adopted_by = fact.at, fact.actor
    plan.since_at, plan.why = body.since_at, body.why


def _ended(state: Deployments, fact: Fact, body: DeploymentEnded) -> None:
    plan = _changed(state, fact)
    plan.ended_at, plan.ended_why = fact.at, body.why


EVOLVE_DEPLOYMENTS: dict[type[Payload], Callable[[Any, Fact, Any], None]] = {
    DeploymentProposed: _proposed,
    DeploymentEdited: _edited,
    DeploymentAdopted: _adopted,
    DeploymentEnded: _ended,
}
