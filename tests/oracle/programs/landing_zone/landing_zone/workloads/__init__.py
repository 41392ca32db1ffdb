from .banking import Gateway, Ledger
from .shared import ArtifactStore, Bastion
from .study import Notebook

WORKLOADS = {
    "artifact-store": ArtifactStore,
    "bastion": Bastion,
    "gateway": Gateway,
    "ledger": Ledger,
    "notebook": Notebook,
}
