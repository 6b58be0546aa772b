"""Galaxy with the extension, for whoever starts uvicorn or gunicorn by hand.

``galaxy_tiaas.asgi:factory`` takes the place of ``galaxy.webapps.galaxy.fast_factory:factory``.
"""

from typing import Any


def factory() -> Any:
    """Galaxy's own ASGI application with the extension mounted into it."""
    from galaxy.webapps.galaxy import fast_factory

    from .guard import mount_guarded

    asgi_app = fast_factory.factory()
    mount_guarded(asgi_app)
    return asgi_app
