"""Print the lowest release of each package that the app and the named extras allow, as constraints for pip.

python scripts/lowest_versions.py                  the app's (make test-lowest)
python scripts/lowest_versions.py train parquet    training's too (make test-lowest-training)
"""

from __future__ import annotations

import re
import sys
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


def lowest_of_all(asked: list[list[str]]) -> list[str]:
    """Of several lists; what a later one asks of the same package counts, as an extra asks for more than the app.

    Raises:
        ValueError: a requirement has no lower bound.
    """
    found = {line.partition("==")[0].lower(): line for requirements in asked for line in lowest(requirements)}
    return sorted(found.values(), key=str.lower)


def main(extras: list[str]) -> None:
    """Print those of pyproject.toml."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    print("\n".join(lowest_of_all(asked)))


if __name__ == "__main__":
    main(sys.argv[1:])
