"""The client: one method per endpoint of the API."""

from __future__ import annotations

import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx

from solvent.client.access import Me
from solvent.client.answers import read
from solvent.client.batches import CONTENT_TYPES, Batch, BatchFile, BatchList
from solvent.client.campaign import Campaign, Job
from solvent.client.clients import ClientPage, ClientRecord, Distribution
from solvent.client.decisions import (
    ApplicantDecision,
    Application,
    Decision,
    Receipt,
    Row,
    Score,
)
from solvent.client.failures import failure, unreachable
from solvent.client.outcomes import OutcomeReceipt, Realised
from solvent.client.portfolio import Portfolio
from solvent.client.products import Product, ProductForm, ProductSummary
from solvent.errors import NotSignedInError, UnavailableError, UnreadableAnswerError

TIMEOUT = 30.0
# A repeat after a broken connection; only of what may be repeated without doing it twice.
ATTEMPTS, PAUSE = 2, 0.2
LOCAL = {"127.0.0.1", "localhost", "::1"}

Query = Mapping[str, str | int | float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Products:
    products: tuple[ProductSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Health:
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    products: tuple[str, ...]


class Client:
    """The API of a running `solvent serve`.

    It keeps one pool of connections, may be used from several threads, and closes with `with`,
    with `close()` or when it is forgotten. What may be repeated without harm is repeated once when
    a connection breaks: reads, scores, and whatever carries an idempotency key. Nothing else is.

    Args:
        base_url: Address of the API, such as "http://127.0.0.1:8000".
        key: API key; empty for what needs none. It is sent to this address only, never shown.
        timeout: Seconds to wait for an answer.

    >>> Client("http://127.0.0.1:8000/", key="secret")
    Client('http://127.0.0.1:8000')
    """

    def __init__(self, base_url: str, key: str = "", timeout: float = TIMEOUT) -> None:
        if not key.isascii() or not key.isprintable():
            raise NotSignedInError(
                "that is no API key", hint="copy the key as it was given to you, without line ends"
            )
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {key.strip()}"} if key.strip() else {},
            timeout=timeout,
            # A proxy for the outside world cannot reach this machine's own address.
            trust_env=urlsplit(self._base_url).hostname not in LOCAL,
        )
        # A client that is forgotten, as with a browser's session, leaves no connection open.
        self._finalizer = weakref.finalize(self, self._http.close)

    def __repr__(self) -> str:
        return f"Client({self._base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def address(self) -> str:
        """Where the API is."""
        return self._base_url

    def close(self) -> None:
        """Close the connections."""
        self._finalizer()

    # ------------------------------------------------------------------ the server and the key

    def health(self) -> str:
        """Return "ok" where the server's process lives."""
        return read(_Health, self._get("/health")).status

    def ready(self) -> tuple[str, ...]:
        """Return the names of the products that can be decided now.

        Raises:
            UnavailableError: The server is up and cannot decide.
        """
        return read(_Ready, self._get("/ready")).products

    def me(self) -> Me:
        """Return who the key belongs to."""
        return read(Me, self._get("/v1/me"))

    # ------------------------------------------------------------------ products and decisions

    def products(self) -> tuple[ProductSummary, ...]:
        """Return every product the server decides."""
        return read(_Products, self._get("/v1/products")).products

    def product(self, product: str) -> Product:
        """Return one product: its form, cutoffs and bands. With an applicant's key ask `form`."""
        return read(Product, self._get(_path("products", product)))

    def form(self, product: str) -> ProductForm:
        """Return what a product asks, with any key."""
        return read(ProductForm, self._get(_path("products", product)))

    def decide(
        self, product: str, application: Application, *, idempotency_key: str | None = None
    ) -> Decision | ApplicantDecision:
        """Have an application decided; the decision is stored before this returns.

        ```python
        decision = api.decide("instant_card", Application(attributes={"age": 34}))
        ```

        Args:
            product: Name of the product.
            application: Who asks, and the answers.
            idempotency_key: 8 to 200 printable ASCII characters without spaces. The same key and
                body always give the same decision, so it is safe to ask again. A random one is
                sent where none is given.

        Returns:
            A Decision; an ApplicantDecision where the key is an applicant's.

        Raises:
            InvalidError: An answer cannot be used; `field` names it.
            UnavailableError: It could not be stored, or nobody answers. Nothing was decided, or
                asking again with the same `idempotency_key` returns what was.
        """
        answer = self._ask(
            "POST", _path("products", product, "decisions"), body=application.body(),
            key=idempotency_key or str(uuid4()),
        )  # fmt: skip
        return _decision(answer)

    def decision(self, decision_id: str, *, token: str = "") -> Decision | ApplicantDecision:
        """Return a stored decision.

        Args:
            decision_id: Of the decision.
            token: The decision's token; needed by whoever is not the lender's staff.
        """
        return _decision(self._get(_path("decisions", decision_id), {"token": token or None}))

    def score(self, product: str, application: Application) -> Score:
        """Return PD and score of an application; nothing is stored."""
        path = _path("products", product, "score")
        return read(Score, self._ask("POST", path, body=application.body(), repeatable=True))

    def send_events(
        self, product: str, source: str, rows: Sequence[Row], *, idempotency_key: str | None = None
    ) -> Receipt:
        """Hand the server what happened to clients; either every row is taken or none.

        Args:
            product: Name of the product.
            source: Name of the source, such as "top_ups".
            rows: Raw columns of each row.
            idempotency_key: As for `decide`; a random one is sent where none is given.
        """
        answer = self._ask(
            "POST", _path("products", product, "events"),
            body={"source": source, "rows": [dict(row) for row in rows]},
            key=idempotency_key or str(uuid4()),
        )  # fmt: skip
        return read(Receipt, answer)

    # ------------------------------------------------------------------ batches

    def send_batch(
        self, product: str, content: bytes, *, kind: BatchFile = "csv", name: str = "",
        decide: bool = False, reasons: bool = True,
    ) -> Batch:  # fmt: skip
        """Have many applications decided; the server works on, `batch` tells how far it is.

        ```python
        batch = api.send_batch("airtime_loans", Path("applications.csv").read_bytes())
        ```

        Args:
            product: Name of the product.
            content: A CSV or Parquet file of applications, or a zip of them with their events.
            kind: Which of these it is.
            name: What you call it.
            decide: True to keep decisions; else the server tells what it would decide.
            reasons: False leaves reasons out, which is faster.
        """
        query: Query = {
            "product": product, "name": name or None, "mode": "decide" if decide else "score",
            "reasons": "true" if reasons else "false",
        }  # fmt: skip
        headers = {"Content-Type": CONTENT_TYPES[kind], "Idempotency-Key": str(uuid4())}
        response = self._send(
            "POST", "/v1/batches", query=query, body=content, headers=headers, repeatable=True
        )
        return read(Batch, _json(response))

    def batches(self) -> tuple[Batch, ...]:
        """Return the newest batches: a relationship manager's own, everybody's to others."""
        return read(BatchList, self._get("/v1/batches")).batches

    def batch(self, batch_id: str) -> Batch:
        """Return how far a batch is."""
        return read(Batch, self._get(_path("batches", batch_id)))

    def batch_results(self, batch_id: str, *, kind: Literal["csv", "parquet"] = "csv") -> bytes:
        """Return what became of every row, in the order they were sent."""
        path = _path("batches", batch_id, "results")
        return self._send("GET", path, query={"format": kind}, repeatable=True).content

    def cancel_batch(self, batch_id: str) -> Batch:
        """End a batch where it is; what is done of it stays."""
        return read(Batch, _json(self._send("DELETE", _path("batches", batch_id), repeatable=True)))

    def remove_batch(self, batch_id: str) -> Batch:
        """Remove a batch with its results; decisions it made stay."""
        query: Query = {"remove": "true"}
        return read(Batch, _json(self._send("DELETE", _path("batches", batch_id), query=query)))

    # ------------------------------------------------------------------ outcomes

    def send_outcomes(self, product: str, rows: Sequence[Row]) -> OutcomeReceipt:
        """Tell the server what became of loans; rows it cannot keep come back with a reason.

        Sent again, the same rows count once, so it is safe to repeat.

        ```python
        api.send_outcomes(
            "airtime_loans",
            [{"application_id": "L1", "bad": True, "observed_at": "2026-05-01T00:00:00Z"}],
        )
        ```

        Args:
            product: Name of the product.
            rows: Each with `decision_id` or `application_id`, `bad` or `outcome`, `observed_at`;
                and `available`, `paid`, `lost` where they are known.
        """
        path = _path("products", product, "outcomes")
        body = {"outcomes": [dict(row) for row in rows]}
        return read(OutcomeReceipt, self._ask("POST", path, body=body, repeatable=True))

    def realised(
        self, product: str, *, bands: str | None = None, loans: str | None = None,
        at: str | None = None,
    ) -> Realised:  # fmt: skip
        """Return what became of loans against what was predicted, by month and band.

        Args:
            product: Name of the product.
            bands: policy or deciles; None for the server's choice.
            loans: approved, or all whose outcome was told; None for approved.
            at: ISO 8601 instant: what was known then; None for now.
        """
        path = _path("products", product, "outcomes", "realised")
        return read(Realised, self._get(path, {"bands": bands, "loans": loans, "at": at}))

    def realised_csv(
        self, product: str, *, bands: str | None = None, loans: str | None = None,
        at: str | None = None,
    ) -> bytes:  # fmt: skip
        """Return the same figures as CSV."""
        path = _path("products", product, "outcomes", "realised.csv")
        query: Query = {"bands": bands, "loans": loans, "at": at}
        return self._send("GET", path, query=query, repeatable=True).content

    # ------------------------------------------------------------------ clients

    def clients(
        self, product: str, *, search: str = "", limit: int = 50, offset: int = 0
    ) -> ClientPage:
        """Return one page of the list of clients.

        Args:
            product: Name of the product.
            search: Beginning of a client's number; empty for all.
            limit: Most clients to return.
            offset: How many to leave out at the start.
        """
        query: Query = {"search": search or None, "limit": limit, "offset": offset}
        return read(ClientPage, self._get(_path("products", product, "clients"), query))

    def client(self, product: str, key: str, *, group: str | None = None) -> ClientRecord:
        """Return one client, compared with a group.

        Args:
            product: Name of the product.
            key: The client's number.
            group: Name of one of the record's `groups`; None for the server's choice.
        """
        path = _path("products", product, "clients", key)
        return read(ClientRecord, self._get(path, {"group": group}))

    def distribution(
        self, product: str, key: str, feature: str, *, group: str | None = None
    ) -> Distribution:
        """Return how one value is spread over all clients and over a group."""
        path = _path("products", product, "clients", key, "values", feature)
        return read(Distribution, self._get(path, {"group": group}))

    # ------------------------------------------------------------------ portfolio and campaign

    def portfolio(self, product: str, *, cutoff: float | None = None) -> Portfolio:
        """Return what a cutoff makes of the judged applications; None for the policy's own."""
        path = _path("products", product, "portfolio")
        return read(Portfolio, self._get(path, {"cutoff": cutoff}))

    def campaign(self, product: str, *, confidence: float | None = None) -> Campaign:
        """Return the clients that may be offered a loan.

        Args:
            product: Name of the product.
            confidence: Least probability of repayment, in [0, 1]; None for the server's choice.
        """
        path = _path("products", product, "campaign")
        return read(Campaign, self._get(path, {"confidence": confidence}))

    def campaign_csv(self, product: str, *, confidence: float | None = None) -> bytes:
        """Return the file of eligible clients as CSV."""
        path = _path("products", product, "campaign.csv")
        return self._send("GET", path, query={"confidence": confidence}, repeatable=True).content

    def refresh_campaign(self, product: str) -> Job:
        """Start to score every client now; `job` tells how far it is."""
        return read(Job, self._ask("POST", _path("products", product, "campaign", "refresh")))

    def job(self, job_id: str) -> Job:
        """Return how far a job is."""
        return read(Job, self._get(_path("jobs", job_id)))

    # ------------------------------------------------------------------ the wire

    def _get(self, path: str, query: Query | None = None) -> object:
        return _json(self._send("GET", path, query=query, repeatable=True))

    def _ask(
        self,
        method: Literal["POST"],
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        key: str = "",
        repeatable: bool = False,
    ) -> object:
        request = self._send(
            method, path, body=body, repeatable=repeatable or bool(key),
            headers={"Idempotency-Key": key} if key else None,
        )  # fmt: skip
        return _json(request)

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, object] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> httpx.Response:
        params = {name: str(value) for name, value in (query or {}).items() if value is not None}
        as_it_is = body if isinstance(body, bytes) else None
        request = self._http.build_request(
            method, f"{self._base_url}{path}", params=params, headers=headers, content=as_it_is,
            json=None if as_it_is is not None else body,
        )  # fmt: skip
        response = self._attempt(request, ATTEMPTS if repeatable else 1)
        if not response.is_success:
            raise failure(response.status_code, response.content)
        return response

    def _attempt(self, request: httpx.Request, attempts: int) -> httpx.Response:
        for left in reversed(range(attempts)):
            try:
                return self._http.send(request)
            except httpx.TimeoutException as error:
                raise self._unreachable(late=not isinstance(error, httpx.ConnectTimeout)) from None
            except (httpx.TransportError, httpx.InvalidURL, UnicodeError):
                if not left:
                    raise self._unreachable(late=False) from None
                time.sleep(PAUSE)
        raise self._unreachable(late=False)

    def _unreachable(self, *, late: bool) -> UnavailableError:
        return unreachable(self._base_url, late=late, seconds=self._timeout)


def _path(*parts: str) -> str:
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def _json(response: httpx.Response) -> object:
    try:
        found: object = response.json()
    except ValueError:
        raise UnreadableAnswerError(
            "the server did not answer with JSON",
            hint="check the address of the API: something else may be listening there",
        ) from None
    return found


def _decision(answer: object) -> Decision | ApplicantDecision:
    if isinstance(answer, dict) and "pd" in answer:
        return read(Decision, answer)
    return read(ApplicantDecision, answer)
