# Runs every check of scim2-tester and prints each as a line of JSON.
import json
import os

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

STATUS = {
    Status.SUCCESS: "passed",
    Status.COMPLIANT: "passed",
    Status.ERROR: "failed",
    Status.CRITICAL: "failed",
}

http = Client(
    base_url=os.environ["BASE_URL"],
    headers={"Authorization": f"Bearer {os.environ['TOKEN']}"},
)
for result in check_server(SyncSCIMClient(http)):
    urn = result.data.get("urn") if isinstance(result.data, dict) else None
    name = " ".join(part for part in (result.resource_type, result.title, urn) if part)
    status = STATUS.get(result.status, "other")
    print(json.dumps({"name": name, "status": status, "detail": result.reason or ""}))
