"""JSON API: FastAPI routers below ``/api/tiaas``."""

from fastapi import APIRouter

from . import (
    charts,
    classroom,
    dashboards,
    help,
    history,
    identifiers,
    invitations,
    mail,
    metrics,
    progress,
    routing,
    running,
    statistics,
    status,
    trainings,
)

routers: tuple[APIRouter, ...] = (
    trainings.router,
    identifiers.router,
    invitations.router,
    statistics.router,
    status.router,
    charts.router,
    help.router,
    classroom.router,
    dashboards.router,
    progress.router,
    running.router,
    routing.router,
    history.router,
    mail.router,
    metrics.router,
)
