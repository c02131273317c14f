"""Money, numbers, flags, categories and ids: one raw column to one typed column in SQL.

Text becomes money digit by digit, never through a float. Money has no thousands sign, currency
sign or exponent; more decimals than its scale are refused unless they are zeros. Money that a
file keeps as floats must lie within 1e-6 of a minor unit (or within the float's own precision,
where that is coarser) and takes the nearest.
"""

from __future__ import annotations

from solvent.features import Kind
from solvent.features.rows import MAX_EXACT
from solvent.sources.conversion import (
    Conversion,
    Physical,
    RawColumn,
    as_it_stands,
    because,
    present,
)
from solvent.sources.quoting import literals

_DIGITS = r"'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)'"
_SCIENTIFIC = r"'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?'"
_NOT_FINITE = "'[+-]?(inf|infinity|nan)'"
_PRECISION = {Physical.DOUBLE: 2.0**-50, Physical.FLOAT: 2.0**-22}
_UNREADABLE = {Physical.OTHER, Physical.DATE, Physical.NAIVE, Physical.ZONED}
_NUL = "chr(0)"


def convert_cell(column: RawColumn) -> Conversion:
    """Return the conversion of a column that holds no times.

    Raises:
        DataError: The file keeps a type that cannot be read as declared.
    """
    kind = column.declared.kind
    if kind is Kind.MONEY or kind is Kind.INTEGER:
        return _exact(column)
    if kind is Kind.NUMBER:
        return convert_number(column)
    if kind is Kind.FLAG:
        return _flag(column)
    return _category(column)


def convert_name(column: RawColumn, *, whole: bool) -> Conversion:
    """Return the conversion of a key or id: text as it stands, or whole numbers.

    Args:
        column: The raw column.
        whole: True where every file of the table keeps it as whole numbers.
    """
    if column.kept is Physical.OTHER:
        raise column.cannot_be("an id")
    cell = f"p_{column.tag}"
    if not whole:
        return _label(column, cell)
    below = ((cell, present(column, text=False)),)
    return _conversion(column, below, f"CAST({cell} AS BIGINT)", "NULL")


def convert_number(column: RawColumn) -> Conversion:
    """Return the conversion of a measured number: a finite float64."""
    cell = f"p_{column.tag}"
    if column.kept in _UNREADABLE:
        raise column.cannot_be("a number")
    if column.kept in {Physical.INTEGER, Physical.BOOLEAN}:
        below = ((cell, present(column, text=False)),)
        return _conversion(column, below, f"CAST({cell} AS DOUBLE)", "NULL")
    if column.kept.is_float:
        below = ((cell, present(column, text=False)),)
        value = f"CASE WHEN isfinite({cell}) THEN CAST({cell} AS DOUBLE) END"
        return _conversion(column, below, value, because(column.name, "not finite"))
    below = ((cell, _with_point(column)),)
    well = f"regexp_full_match({cell}, {_SCIENTIFIC})"
    parsed = f"CASE WHEN {well} THEN TRY_CAST({cell} AS DOUBLE) END"
    value = f"CASE WHEN isfinite({parsed}) THEN {parsed} END"
    why = (
        f"CASE WHEN {well} THEN {because(column.name, 'out of range')} "
        f"WHEN regexp_full_match(lower({cell}), {_NOT_FINITE}) "
        f"THEN {because(column.name, 'not finite')} ELSE {because(column.name, 'not a number')} END"
    )
    return _conversion(column, below, value, why)


def _exact(column: RawColumn) -> Conversion:
    if column.kept in _UNREADABLE:
        raise column.cannot_be(column.declared.kind.value)
    if column.kept is Physical.INTEGER or column.kept is Physical.BOOLEAN:
        return _exact_from_integers(column)
    if column.kept.is_float:
        return _exact_from_floats(column)
    return _exact_from_text(column)


def _exact_from_integers(column: RawColumn) -> Conversion:
    cell = f"p_{column.tag}"
    below = ((cell, present(column, text=False)),)
    unit = 10**column.declared.scale
    limit = MAX_EXACT // unit
    whole = f"CAST({cell} AS BIGINT)"
    value = f"CASE WHEN {whole} BETWEEN {-limit} AND {limit} THEN {whole} * {unit} END"
    return _conversion(column, below, value, because(column.name, "out of range"))


def _exact_from_floats(column: RawColumn) -> Conversion:
    cell, minor = f"p_{column.tag}", f"m_{column.tag}"
    below = (
        ((cell, present(column, text=False)),),
        ((minor, f"CAST({cell} AS DOUBLE) * {10**column.declared.scale}"),),
    )
    slack = "0"
    if column.declared.kind is Kind.MONEY:
        slack = f"greatest(1e-6, abs({minor}) * {_PRECISION[column.kept]!r})"
    fits = f"abs({minor}) <= {MAX_EXACT} AND abs({minor} - round({minor})) <= {slack}"
    value = f"CASE WHEN {fits} THEN CAST(round({minor}) AS BIGINT) END"
    name = column.name
    why = (
        f"CASE WHEN NOT isfinite({minor}) THEN {because(name, 'not finite')} "
        f"WHEN abs({minor}) > {MAX_EXACT} THEN {because(name, 'out of range')} "
        f"ELSE {_too_fine(column)} END"
    )
    return _conversion(column, below[0], value, why, extra=below[1])


def _exact_from_text(column: RawColumn) -> Conversion:
    cell, tenths = f"p_{column.tag}", f"m_{column.tag}"
    scale = column.declared.scale
    fraction = f"split_part({cell}, '.', 2)"
    # one decimal more than the scale, so that there is a digit even where the scale is 0
    kept = f"rpad(left({fraction}, {scale + 1}), {scale + 1}, '0')"
    well = f"regexp_full_match({cell}, {_DIGITS})"
    digits = f"concat(split_part({cell}, '.', 1), {kept})"
    middle = ((tenths, f"CASE WHEN {well} THEN TRY_CAST({digits} AS BIGINT) END"),)
    rest = f"rtrim(substr({fraction}, {scale + 1}), '0')"
    limit = MAX_EXACT * 10
    fits = f"{tenths} BETWEEN {-limit} AND {limit} AND {rest} = ''"
    words = "not money" if column.declared.kind is Kind.MONEY else "not a whole number"
    why = (
        f"CASE WHEN NOT {well} THEN {because(column.name, words)} "
        f"WHEN {rest} <> '' THEN {_too_fine(column)} "
        f"ELSE {because(column.name, 'out of range')} END"
    )
    value = f"CASE WHEN {fits} THEN {tenths} // 10 END"
    return _conversion(column, ((cell, _with_point(column)),), value, why, extra=middle)


def _too_fine(column: RawColumn) -> str:
    is_money = column.declared.kind is Kind.MONEY
    words = "more decimals than scale" if is_money else "not a whole number"
    return because(column.name, words)


def _flag(column: RawColumn) -> Conversion:
    if column.kept is Physical.OTHER:
        raise column.cannot_be("a flag")
    cell = f"p_{column.tag}"
    if column.kept is Physical.BOOLEAN:
        below = ((cell, present(column, text=False)),)
        return _conversion(column, below, f"CAST({cell} AS BIGINT)", "NULL")
    yes = literals(spelling.strip().lower() for spelling in column.declared.true)
    value = f"CASE WHEN {cell} IS NULL THEN NULL WHEN lower({cell}) IN ({yes}) THEN 1 ELSE 0 END"
    below = ((cell, present(column, text=True)),)
    return _conversion(column, below, f"CAST({value} AS BIGINT)", "NULL")


def _category(column: RawColumn) -> Conversion:
    if column.kept is Physical.OTHER:
        raise column.cannot_be("a category")
    return _label(column, f"p_{column.tag}")


def _label(column: RawColumn, cell: str) -> Conversion:
    """Return the conversion to text as it stands, null where missing or with a NUL byte inside."""
    is_text = column.kept is Physical.TEXT
    below = ((cell, as_it_stands(column) if is_text else present(column, text=True)),)
    held = f"CAST({column.alias} AS VARCHAR)" if is_text else cell
    value = f"CASE WHEN contains({held}, {_NUL}) THEN NULL ELSE {cell} END"
    return _conversion(column, below, value, because(column.name, "NUL byte"))


def _with_point(column: RawColumn) -> str:
    """Return SQL of a number as text with a decimal point; a point in a comma file fails later."""
    text = present(column, text=True)
    if column.kept is Physical.TEXT and column.decimal == ",":
        return f"translate({text}, ',.', '.,')"
    return text


def _conversion(
    column: RawColumn,
    below: tuple[tuple[str, str], ...],
    value: str,
    why: str,
    *,
    extra: tuple[tuple[str, str], ...] = (),
) -> Conversion:
    name = f"v_{column.tag}"
    layers = (below, extra, ((name, value),)) if extra else (below, ((name, value),))
    return Conversion(layers=layers, value=name, present=below[0][0], why=why)
