"""``python -m galaxy_tiaas.cli``"""

from . import main

main()
