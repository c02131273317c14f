"""The typed client of the HTTP API, for the pages and for users' scripts.

```python
from solvent.client import Application, Client

with Client("http://127.0.0.1:8000", key="…") as api:
    decision = api.decide("instant_card", Application(attributes={"age": 34, "income": 42000}))
    print(decision.verdict, decision.offer)
```

Every answer is a frozen dataclass; whatever goes wrong is a `solvent.errors.ClientError`.
"""

from solvent.client.access import Me
from solvent.client.batches import Batch, BatchFile
from solvent.client.campaign import Campaign, CampaignPoint, FunnelStep, Job, SampleRow
from solvent.client.client import Client
from solvent.client.clients import (
    Bin,
    ClientPage,
    ClientRecord,
    ClientSummary,
    Distribution,
    Group,
    PastDecision,
    Standing,
    Value,
)
from solvent.client.decisions import (
    ApplicantDecision,
    ApplicantHint,
    ApplicantReason,
    Application,
    Decision,
    Effect,
    Hint,
    Money,
    Offer,
    Reason,
    Receipt,
    Score,
    SecondReason,
)
from solvent.client.outcomes import (
    OutcomeGroup,
    OutcomeReceipt,
    Ranking,
    Realised,
    RefusedOutcome,
)
from solvent.client.portfolio import Confusion, ConfusionMoney, CutoffPoint, Portfolio, ProfitOnly
from solvent.client.products import (
    Alternative,
    Band,
    Choice,
    Product,
    ProductForm,
    ProductSummary,
    Question,
    QuestionKind,
    SourceName,
)
from solvent.domain import JobState, Verdict

__all__ = [
    "Alternative", "ApplicantDecision", "ApplicantHint", "ApplicantReason", "Application", "Band",
    "Batch", "BatchFile", "Bin", "Campaign", "CampaignPoint", "Choice", "Client", "ClientPage",
    "ClientRecord", "ClientSummary", "Confusion", "ConfusionMoney", "CutoffPoint", "Decision",
    "Distribution", "Effect", "FunnelStep", "Group", "Hint", "Job", "JobState", "Me", "Money",
    "Offer", "OutcomeGroup", "OutcomeReceipt", "PastDecision", "Portfolio", "Product",
    "ProductForm", "ProductSummary", "ProfitOnly", "Question", "QuestionKind", "Ranking",
    "Realised", "Reason", "Receipt", "RefusedOutcome", "SampleRow", "Score", "SecondReason",
    "SourceName", "Standing", "Value", "Verdict",
]  # fmt: skip
