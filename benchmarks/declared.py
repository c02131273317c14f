"""The features all peers compute, declared once through solvent's public words."""

from __future__ import annotations

from benchmarks.data import APPLICATIONS, CATEGORIES
from benchmarks.wanted import (
    KEY,
    NIGHT_ENDS,
    PLAIN,
    RATIOS,
    RECENT,
    SESSION_MINUTES,
    SESSION_WINDOWS,
    SHARE_WINDOWS,
    SHARED_CATEGORIES,
    WINDOW_DAYS,
)
from solvent import (
    EVER,
    Applications,
    Events,
    Product,
    active_days,
    category,
    count,
    days,
    distinct,
    entropy,
    equals,
    instant,
    integer,
    last,
    maximum,
    mean,
    minimum,
    minutes,
    ratio,
    sessions,
    share,
    since_first,
    since_last,
    std,
    total,
    trend,
)
from solvent.features import Feature, Window


def payments(file: str) -> Events:
    """Return the event table, kept in `file`."""
    return Events(
        name="payments", files=file, key="user_id", at="event_time", zone="UTC",
        columns={
            "amount_cents": integer("cents"),
            "category": category(levels=CATEGORIES),
            "merchant_id": integer(),
        },
    )  # fmt: skip


def features_of(source: Events) -> tuple[Feature, ...]:
    """Return the 56 features, under the names the peers use."""
    amount, windows = source["amount_cents"], _windows()
    found: list[Feature] = []
    counts = {label: count(source, over=w).called(f"count_{label}") for label, w in windows.items()}
    sums = {
        label: total(source, amount, over=w).called(f"sum_{label}") for label, w in windows.items()
    }
    for label, window in windows.items():
        found += [counts[label], sums[label]]
        for word, make in {"mean": mean, "std": std, "min": minimum, "max": maximum}.items():
            found.append(make(source, amount, over=window).called(f"{word}_{label}"))
        merchants = distinct(source, source["merchant_id"], over=window)
        found.append(merchants.called(f"merchants_{label}"))
    found += [
        last(source, amount).called("last_amount"),
        since_last(source).called("since_last"),
        since_first(source).called("since_first"),
    ]
    for short, long in RATIOS:
        found.append(ratio(counts[short], counts[long]).called(f"count_{short}_of_{long}"))
        found.append(ratio(sums[short], sums[long]).called(f"sum_{short}_of_{long}"))
    night = source.time.hour("UTC") < NIGHT_ENDS
    for label in SHARE_WINDOWS:
        window = windows[label]
        for level in SHARED_CATEGORIES:
            found.append(
                share(source, source["category"] == level, over=window).called(f"{level}_{label}")
            )
        found.append(share(source, night, over=window).called(f"night_{label}"))
        found.append(active_days(source, zone="UTC", over=window).called(f"days_{label}"))
    for label in SESSION_WINDOWS:
        visits = sessions(source, gap=minutes(SESSION_MINUTES), over=windows[label])
        found.append(visits.called(f"sessions_{label}"))
    recent = windows[RECENT]
    found.append(entropy(source, source["category"], over=recent).called(f"entropy_{RECENT}"))
    found.append(trend(source, amount, over=recent).called(f"trend_{RECENT}"))
    return tuple(found)


def _windows() -> dict[str, Window]:
    return {
        label: EVER if length is None else days(length) for label, length in WINDOW_DAYS.items()
    }


def product(events_file: str, *, plain: bool = False) -> Product:
    """Return the product whose dataset is timed.

    Args:
        events_file: The payments' file.
        plain: True for the features alone that Featuretools has too.
    """
    source = payments(events_file)
    features = features_of(source)
    if plain:
        features = tuple(one for one in features if one.name in PLAIN)
    return Product(
        name="speed",
        applications=Applications(
            name="applications", files=APPLICATIONS, key="user_id", id=KEY, as_of="applied_at",
            zone="UTC", columns={"applied_at": instant()},
        ),
        bad=equals("bad", "1", matured="given"),
        sources=(source,),
        features=[features],
    )  # fmt: skip
