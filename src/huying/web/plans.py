"""Plans of deployment: proposed, edited, adopted and ended by a supervisor; each opens on the map."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.domain.deployment import (
    AdoptDeployment,
    Deployment,
    EditDeployment,
    EndDeployment,
    ProposeDeployment,
)
from huying.domain.pack import Pack
from huying.domain.shadow import SetShadowPolicy
from huying.edge.shadowed import Compared
from huying.edge.view import View
from huying.web.answers import answer, asker_of
from huying.web.params import Here, Id, MayBe
from huying.web.shapes import outer, show
from huying.web.steps import Step


class DeploymentStanding(Struct, frozen=True):
    """A plan with its `status`: proposed, adopted, ended or withdrawn; `in_force` now or not."""

    plan: outer(Deployment)  # type: ignore[valid-type]
    status: str
    in_force: bool


class DeploymentList(Struct, frozen=True):
    items: list[DeploymentStanding]


class ComparedList(Struct, frozen=True):
    items: list[outer(Compared)]  # type: ignore[valid-type]


class Feature(Struct, frozen=True):
    """GeoJSON; [lon, lat] in degrees (WGS-84)."""

    type: str
    geometry: dict[str, Any]
    properties: dict[str, Any]


class FeatureCollection(Struct, frozen=True):
    type: str
    features: list[Feature]


@get("/api/plans", summary="Plans of deployment, newest first", opt={"gives": DeploymentList})
async def plans(request: Request[Any, Any, Any], desk: Here, ended: MayBe = None) -> Response[bytes]:
    """Those on the table and in force; with `ended` also those that no longer are."""
    view = desk.view(asker_of(request.scope, desk))
    found = await desk.ask(view.deployments, bool(ended))
    return answer({"items": [_standing(each, view.at) for each in found]})


@get("/api/plans/{plan:int}", summary="A plan of deployment", opt={"gives": DeploymentStanding})
async def plan_shown(request: Request[Any, Any, Any], desk: Here, plan: Id) -> Response[bytes]:
    view = desk.view(asker_of(request.scope, desk))
    return answer(_standing(await desk.ask(view.deployment, plan), view.at))


@get("/api/plans/{plan:int}/map", summary="A plan on the map", opt={"gives": FeatureCollection})
async def plan_map(request: Request[Any, Any, Any], desk: Here, plan: Id) -> Response[bytes]:
    """Posts as points; for a unit that would wait elsewhere than now also the line from there."""
    return answer(await desk.ask(_map, desk.view(asker_of(request.scope, desk)), plan))


def _standing(plan: Deployment, at: int) -> dict[str, Any]:
    return {"plan": show(plan), "status": plan.status, "in_force": plan.holds(at)}


def _map(view: View, id: int) -> FeatureCollection:
    return FeatureCollection("FeatureCollection", features_of(view.deployment(id), view.desk.pack))


def features_of(plan: Deployment, pack: Pack) -> list[Feature]:
    """One point for each posting, and a line from where its unit waits by the pack."""
    features = []
    for each in plan.posts:
        row, known = pack.units.get(each.unit), pack.stations.get(each.post) or pack.places.get(each.post)
        here = [round(each.lon, 6), round(each.lat, 6)]
        about = {
            "what": "post",
            "post": each.post,
            "name": dict(known.name) if known else {},
            "unit": each.unit,
            "unit_name": dict(row.name) if row else {},
            "shifts": list(each.shifts),
        }
        features.append(Feature("Feature", {"type": "Point", "coordinates": here}, about))
        if row is not None and (row.lat, row.lon) != (each.lat, each.lon):
            line = [[round(row.lon, 6), round(row.lat, 6)], here]
            moved = {"what": "moved", "post": each.post, "unit": each.unit}
            features.append(Feature("Feature", {"type": "LineString", "coordinates": line}, moved))
    return features


@get("/api/shadow", summary="Rules of dispatch watched beside the desk", opt={"gives": ComparedList})
async def shadow(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """What each would have chosen where the desk sent somebody, by the newest facts; none of it was done."""
    view = desk.view(asker_of(request.scope, desk))
    return answer({"items": [show(each) for each in await desk.ask(view.shadowed)]})


STEPS = (
    Step("/api/shadow", SetShadowPolicy, "Watch a rule of dispatch beside the desk, or none"),
    Step("/api/plans", ProposeDeployment, "Propose a plan of deployment"),
    Step("/api/plans/{plan:int}/edit", EditDeployment, "Change a plan that is not in force"),
    Step("/api/plans/{plan:int}/adopt", AdoptDeployment, "Adopt a plan: posts and shifts by it from now on"),
    Step("/api/plans/{plan:int}/end", EndDeployment, "Withdraw a plan, or end one that is in force"),
)
ROUTES: tuple[HTTPRouteHandler, ...] = (plans, plan_shown, plan_map, shadow)
