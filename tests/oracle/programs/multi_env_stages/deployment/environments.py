from typing import Dict, NamedTuple, Tuple


class EnvironmentSettings(NamedTuple):
    account: str
    region: str
    cidr: str
    is_production: bool = False
    debug_ranges: Tuple[str, ...] = ()


DEV = EnvironmentSettings(
    account="111111111111",
    region="eu-west-1",
    cidr="10.8.0.0/16",
    debug_ranges=("172.16.40.0/24", "172.16.41.0/24"),
)
PROD = EnvironmentSettings("222222222222", "eu-central-1", "10.9.0.0/16", is_production=True)

ENVIRONMENTS: Dict[str, EnvironmentSettings] = {"dev": DEV, "prod": PROD}
