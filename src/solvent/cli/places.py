"""Arguments several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from solvent.errors import MissingFileError
from solvent.product import LoadedProduct
from solvent.sources.files import is_remote

ProductFolder = Annotated[
    Path, typer.Argument(metavar="DIR", help="Folder of the product: it holds product.py.")
]
DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="PATH",
        help="Folder of the raw tables, or s3://BUCKET/FOLDER \\[default: as product.py says].",
    ),
]


def data_folder(loaded: LoadedProduct, given: Path | None) -> Path:
    """Return the folder of raw tables: the one given, else the product's own.

    It may lie in object storage, and need not be there where every table lies elsewhere.

    Raises:
        MissingFileError: There is no such folder.
    """
    own = Path(loaded.product.data)
    folder = given if given is not None else own if is_remote(own) else loaded.folder / own
    if is_remote(folder) or (given is None and not _reads_files(loaded)):
        return folder
    if not folder.is_dir():
        raise MissingFileError(
            f"there is no folder {folder}",
            hint="name the folder of the raw tables: --data PATH", field="data",
        )  # fmt: skip
    return folder


def _reads_files(loaded: LoadedProduct) -> bool:
    """Tell whether a table is declared to lie in the data folder."""
    tables = (loaded.product.applications, *loaded.product.sources)
    return any(not is_remote(path) for table in tables for path in table.paths)
