"""JSON API: FastAPI routers below ``/api/tiaas``."""

from fastapi import APIRouter

from . import (
    identifiers,
    statistics,
    trainings,
)

routers: tuple[APIRouter, ...] = (trainings.router, identifiers.router, statistics.router)
