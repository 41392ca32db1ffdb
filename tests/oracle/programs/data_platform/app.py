import aws_cdk as cdk

from data_platform.ingest import IngestStack
from data_platform.storage import StorageStack

app = cdk.App()
stage = app.node.try_get_context("stage") or "dev"

storage = StorageStack(app, f"storage-{stage}", rotation=bool(app.node.try_get_context("rotation")))
IngestStack(app, f"ingest-{stage}", storage=storage)
app.synth()
