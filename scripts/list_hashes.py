"""Write ``assets/SHA256SUMS``: what shipped weights must be, or no command loads them. Run it after changing one.

``cd assets && sha256sum --check SHA256SUMS`` reads it as well.
"""

from __future__ import annotations

from model.file_hash import file_hash
from model.paths import assets_folder
from model.shipped import LIST

#: Files that a library of native code reads: networks and the demo.
KINDS = (".onnx", ".tflite", ".mp4")


def listed() -> str:
    """The list as it should be."""
    files = sorted(file for file in assets_folder().rglob("*") if file.suffix in KINDS)
    hashes = ((file_hash(file), file) for file in files)
    return "".join(f"{digest}  {file.relative_to(assets_folder()).as_posix()}\n" for digest, file in hashes)


def write_list() -> None:
    """Write it."""
    (assets_folder() / LIST).write_text(listed(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_list()
    print(f"wrote {assets_folder() / LIST}")
