"""Dynamic job destinations. Named in ``job_conf.yml`` as ``rules_module: galaxy_tiaas.rules``.

Galaxy looks for functions in the modules of this package, not in the package itself.
"""

from .gateway import sorting_hat

__all__ = ("sorting_hat",)
