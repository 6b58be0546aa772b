"""The command ``galaxy-tiaas``, also as ``python -m galaxy_tiaas``."""

import sys


def main() -> None:
    """Run the command. Its libraries are Galaxy's: where there is no Galaxy, or an old one, say so in one line."""
    try:
        from .cli import main as command

        command()
    except ModuleNotFoundError as problem:
        sys.exit(f"Error: {_reason(problem)}")


def _reason(problem: ModuleNotFoundError) -> str:
    """Why a module is missing."""
    try:
        from .compat.release import (
            ensure_supported,
            UnsupportedGalaxy,
        )
    except ModuleNotFoundError:
        return f"galaxy-tiaas needs the Python environment of your Galaxy: {problem}"
    try:
        ensure_supported()
    except UnsupportedGalaxy as unsupported:
        return str(unsupported)
    return f"galaxy-tiaas needs all libraries of your Galaxy: {problem}"


if __name__ == "__main__":
    main()
