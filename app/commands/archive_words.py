"""The words of ``affectcam classify`` that ask for one data set, and which of them go together."""

from __future__ import annotations

from dataclasses import dataclass

from model.errors import ConfigError

DATASET = "dataset"
SPLIT_MIN = 10.0  # minutes from which on a file is read in parts, where nothing is said


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveWords:
    """What was said about an archive."""

    formats: str | None  # None: nothing
    engine: str
    address: str | None
    split_min: float | None
    list_file: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """The formats."""
        said = self.formats if self.formats is not None else DATASET if self.engine == "ray" else "csv"
        return tuple(name.strip().lower() for name in said.split(",") if name.strip())

    @property
    def split_s(self) -> float | None:
        """Files longer than that many seconds are read in parts; None: none is."""
        minutes = SPLIT_MIN if self.split_min is None else self.split_min
        return 60 * minutes if minutes > 0 else None

    def is_dataset(self) -> bool:
        """Whether one data set is asked for, and not files beside one another.

        Raises:
            ConfigError: words do not go together.
        """
        if self.engine not in ("local", "ray"):
            raise ConfigError(f"--engine is {self.engine!r}, expected local or ray")
        if self.address is not None and self.engine != "ray":
            raise ConfigError("--address is of a Ray cluster; add --engine ray, or leave it out")
        if DATASET in self.names:
            if set(self.names) != {DATASET}:
                raise ConfigError("--formats dataset makes one data set of all files; other formats need another run")
            return True
        if self.engine == "ray":
            raise ConfigError(f"--engine ray writes one data set; use --formats dataset, not {','.join(self.names)}")
        if self.split_min is not None:
            raise ConfigError("--split is for --formats dataset; other formats read each file in one piece")
        return False
