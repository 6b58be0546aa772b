"""HTML pages: one call each, then a template."""

from fastapi import APIRouter

from . import (
    admin,
    classroom,
    contacts,
    dashboards,
    history,
    join,
    mail,
    public,
    routing,
    status,
    trainings,
    unknown,
)

routers: tuple[APIRouter, ...] = (
    public.router,
    trainings.router,
    contacts.router,
    dashboards.router,
    admin.router,
    routing.router,
    history.router,
    mail.router,
    join.router,
    classroom.router,
    status.router,
)
#: Matches what is left; comes after everything else below our addresses.
last_router: APIRouter = unknown.router
