"""Arguments several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from solvent.errors import MissingFileError
from solvent.product import LoadedProduct

ProductFolder = Annotated[
    Path, typer.Argument(metavar="DIR", help="Folder of the product: it holds product.py.")
]
DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="PATH",
        help="Folder of the raw tables \\[default: as product.py says].",
    ),
]


def data_folder(loaded: LoadedProduct, given: Path | None) -> Path:
    """Return the folder of raw tables: the one given, else the product's own.

    Raises:
        MissingFileError: There is no such folder.
    """
    folder = given if given is not None else (loaded.folder / loaded.product.data)
    if not folder.is_dir():
        raise MissingFileError(
            f"there is no folder {folder}",
            hint="name the folder of the raw tables: --data PATH", field="data",
        )  # fmt: skip
    return folder
