"""Whether a source knows the customer: told by a row that is there, by none of its cells."""

from __future__ import annotations

from dataclasses import replace

from solvent.features.aggregates import Aggregate
from solvent.features.describe import capital
from solvent.features.expressions import Literal
from solvent.features.summaries import attribute, last
from solvent.features.tables import Attributes, Events
from solvent.features.words import row_words


def presence(source: Events | Attributes) -> Aggregate:
    """Return 1 where a source has a row of the customer as of the application, else null.

    A row all of whose cells are empty counts: it is there.

    >>> from solvent.features import Attributes
    >>> presence(Attributes(name="clients", files="c.csv", key="id", title="client")).title
    'Client on record'

    Args:
        source: The source. Of events one at any time before counts, of facts the row then valid.
    """
    yes = Literal(value=True)
    found = attribute(source, yes) if isinstance(source, Attributes) else last(source, yes)
    title = f"{capital(row_words(source.name, source.title))} on record"
    return replace(found, name=f"{source.name}_known", title=title)
