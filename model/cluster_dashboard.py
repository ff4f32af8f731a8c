"""A cluster of this machine alone without Ray's dashboard process.

Ray starts it even where no dashboard is wanted, for reports of use; and where these are switched off, too, it asks the
addresses at which clouds tell a machine about itself (169.254.169.254, metadata.google.internal): seen with Ray 2.60.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def no_dashboard() -> Iterator[None]:
    """Within, a node that this process starts comes without one, as where it fails to start: Ray goes on without."""
    from ray._private import services

    module: Any = services
    before = module.start_api_server
    module.start_api_server = lambda *_args, **_words: (None, None)
    try:
        yield
    finally:
        module.start_api_server = before
