"""The process that serves decisions loads no library of training, drawing or pages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.serve.lender import SAFE, home

SLOW = ("sklearn", "pandas", "shap", "altair", "streamlit", "matplotlib", "lightgbm")
# Serves, decides once over HTTP, fills in the form, shows every page, and tells what was loaded.
SERVE = """
import json, sys, threading, time
from pathlib import Path
import uvicorn
from solvent.app.bootstrap import open_service
from solvent.app.settings import Settings
from solvent.serve import create_api
from solvent.store import Role

home, products, body, slow = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
service = open_service(Settings(home=home), folders=sorted(products.iterdir()))
_, key = service.keys.create(Role.ADMIN, name="test", created_at=1)
config = uvicorn.Config(create_api(service, worker=True), port=0, log_level="error")
server = uvicorn.Server(config)
thread = threading.Thread(target=server.run)
thread.start()
while not server.started:
    time.sleep(0.01)
from http.client import HTTPConnection
port = server.servers[0].sockets[0].getsockname()[1]
seen = []
for method, path in (
    ("POST", "/v1/products/shop/decisions"), ("POST", "/v1/products/trees/decisions"),
    ("GET", "/v1/products/shop/portfolio"), ("GET", "/v1/products/shop/clients/C1"),
    ("POST", "/v1/products/shop/campaign/refresh"), ("GET", "/docs"), ("GET", "/apply/shop"),
):
    connection = HTTPConnection("127.0.0.1", port)
    connection.request(method, path, body, {"Authorization": f"Bearer {key}"})
    seen.append(connection.getresponse().status)
server.should_exit = True
thread.join()
print(json.dumps([seen, [name for name in slow.split(",") if name in sys.modules]]))
"""


def test_serving_loads_nothing_slow(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(home(), tmp_path / "lender")
    body = json.dumps({"user_id": "C1", "attributes": SAFE})
    root = tmp_path / "lender"
    told = subprocess.run(
        [sys.executable, "-c", SERVE, root / "home", root / "products", body, ",".join(SLOW)],
        check=True, capture_output=True, text=True,
        env={**os.environ, "SOLVENT_HOME": str(root / "home")},
    )  # fmt: skip
    statuses, loaded = json.loads(told.stdout.splitlines()[-1])
    assert statuses == [201, 201, 200, 200, 202, 200, 200]
    assert loaded == []
