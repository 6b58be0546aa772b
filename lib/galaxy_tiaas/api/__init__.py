"""JSON API: FastAPI routers below ``/api/tiaas``."""

from fastapi import APIRouter

from . import (
    statistics,
    trainings,
)

routers: tuple[APIRouter, ...] = (trainings.router, statistics.router)
