"""HTML pages: one call each, then a template."""

from fastapi import APIRouter

from . import (
    admin,
    join,
    public,
    trainings,
)

routers: tuple[APIRouter, ...] = (public.router, trainings.router, admin.router, join.router)
