"""Print the lowest release of each package that the app allows, as constraints for pip (``make test-lowest``).

python scripts/lowest_versions.py
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_BOUND = re.compile(r"^(?P<name>[\w.-]+)\s*(?:>=|==)\s*(?P<version>[\w.]+)")


def lowest(requirements: list[str]) -> list[str]:
    """``name==version`` for each requirement.

    Raises:
        ValueError: one has no lower bound.
    """
    found = []
    for requirement in requirements:
        bound = _BOUND.match(requirement)
        if bound is None:
            raise ValueError(f"{requirement}: no lower bound; write name>=version,<version")
        found.append(f"{bound['name']}=={bound['version']}")
    return found


def main() -> None:
    """Print those of pyproject.toml."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    print("\n".join(lowest(project["project"]["dependencies"])))


if __name__ == "__main__":
    main()
