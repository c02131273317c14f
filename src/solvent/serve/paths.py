"""What an address names: products, clients, decisions."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

LONGEST = 200
_NO_NUL = r"^[^\x00]*$"

ProductName = Annotated[
    str, Path(max_length=LONGEST, pattern=_NO_NUL, description="Name of the product.")
]
ClientKey = Annotated[
    str, Path(max_length=LONGEST, pattern=_NO_NUL, description="The client's number.")
]
FeatureName = Annotated[
    str, Path(max_length=LONGEST, description="Name of the value, as the client tells it.")
]
DecisionId = Annotated[str, Path(max_length=LONGEST, description="Id of the decision.")]
GroupName = Annotated[
    str, Query(max_length=LONGEST, description="Whom the client is compared with.")
]
Search = Annotated[
    str,
    Query(max_length=LONGEST, pattern=_NO_NUL, description="What the client's number begins with."),
]
