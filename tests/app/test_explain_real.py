"""Real repeat loans: the rows told are those plain SQL finds, each with the same reason."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from solvent.app.explain import ExplainRequest, explain_application
from solvent.product import load_product
from tests.app.plain_tables import REAL, ROOT

DATA = REAL / "superlender"
NAME = "earlier_loans_closeddate_minus_creationdate_mean"
_ROWS = """
SELECT CAST(p.systemloanid AS VARCHAR),
       CASE WHEN p.creationdate >= a.creationdate THEN 'at or after the application'
            WHEN p.closeddate IS NULL THEN 'no value'
            WHEN p.closeddate > a.creationdate THEN 'value not known yet' ELSE '' END,
       epoch_us(p.closeddate::TIMESTAMP) - epoch_us(p.creationdate::TIMESTAMP)
FROM '{folder}/trainprevloans.parquet' p JOIN '{folder}/trainperf.parquet' a USING (customerid)
WHERE a.systemloanid = {loan}
"""


@pytest.mark.long
@pytest.mark.skipif(not DATA.is_dir(), reason="the real repeat loans are not there")
def test_the_rows_behind_real_values_are_those_that_sql_finds() -> None:
    """How long earlier loans were open: open ones and later ones are left out, by name."""
    loaded = load_product(ROOT / "examples" / "repeat_loans")
    connection = duckdb.connect()
    hidden = f"""
        SELECT a.systemloanid FROM '{DATA}/trainperf.parquet' a
        JOIN '{DATA}/trainprevloans.parquet' p USING (customerid)
        GROUP BY 1 ORDER BY max(p.closeddate > a.creationdate) DESC, hash(a.systemloanid) LIMIT 12
    """  # noqa: S608 - a folder of ours
    for (loan,) in connection.sql(hidden).fetchall():
        rows = connection.sql(_ROWS.format(folder=_plain(DATA), loan=loan)).fetchall()
        request = ExplainRequest(loaded=loaded, data=DATA, name=NAME, application=str(loan))
        told = explain_application(request).explanation
        assert {str(row.id): row.why or "" for row in told.rows} == {r[0]: r[1] for r in rows}
        opened = [gap / 86_400_000_000 for _, why, gap in rows if not why]
        assert any(why == "value not known yet" for _, why, _ in rows)
        if not opened:
            assert told.value is None
        else:
            assert told.value == pytest.approx(sum(opened) / len(opened), rel=1e-12)


def _plain(folder: Path) -> str:
    return str(folder).replace("'", "''")
