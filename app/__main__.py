"""``python -m app`` and the console script ``affectcam``."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> int:
    """Run the command line; Ctrl-C while it loads ends it as quietly as later on."""
    try:
        from . import cli
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)  # noqa: T201
        return 130
    return cli.main(supervise=True)


if __name__ == "__main__":
    sys.exit(main())
