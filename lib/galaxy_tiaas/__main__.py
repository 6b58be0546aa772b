"""The command ``galaxy-tiaas``, also as ``python -m galaxy_tiaas``."""

import sys


def main() -> None:
    """Run the command. Its libraries are Galaxy's: where there is no Galaxy, say so in one line."""
    try:
        from .cli import main as command

        command()
    except ModuleNotFoundError as problem:
        sys.exit(f"Error: galaxy-tiaas needs the Python environment of your Galaxy: {problem}")


if __name__ == "__main__":
    main()
