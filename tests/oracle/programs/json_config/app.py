import json
import os
from pathlib import Path

import aws_cdk as cdk

from fleet.stack import FleetStack

ROOT = Path(__file__).parent

with open(os.path.join(os.path.dirname(__file__), "config", "fleet.json")) as handle:
    fleet = json.load(handle)
allowed = json.loads((ROOT / "config" / "allow-list.json").read_text())

app = cdk.App()
for site in fleet["sites"]:
    FleetStack(app, f"fleet-{site['name']}", site=site, allow_list=allowed)
app.synth()
