"""What holds for every test: one thread, and laws that are searched the same way everywhere."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Set before any room is imported: on shared cores OpenMP's threads fight instead of helping.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(_name, "1")

# A first call compiles a kernel, so one example may take seconds: no deadline says anything here.
settings.register_profile(
    "house",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# The same cases in every run, so that a failure is one of the change under test. `make test-long`
# searches: new cases each time.
settings.register_profile("same cases", settings.get_profile("house"), derandomize=True)
settings.load_profile("house" if os.environ.get("SOLVENT_TEST_SEARCH") else "same cases")
