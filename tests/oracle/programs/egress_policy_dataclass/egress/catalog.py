from .model import EgressRule, Policy, Transport

PARTNER_RANGES = ("198.51.100.0/24", "203.0.113.0/25")

DNS = [
    EgressRule("10.64.0.2/32", 53, transport=Transport.UDP, note="resolver"),
    EgressRule("10.64.0.2/32", 53, note="resolver over TCP"),
]

BASELINE = Policy("baseline", rules=DNS)

BATCH = BASELINE.renamed("batch").with_rules(
    EgressRule("10.64.32.0/20", 5432, note="warehouse"),
    EgressRule("10.64.48.0/20", 9000, 9010, note="object store"),
)

PARTNER = BASELINE.renamed("partner").with_rules(
    *(EgressRule(cidr, 443, note=f"partner {number}") for number, cidr in enumerate(PARTNER_RANGES, start=1))
)

MONITORING = Policy(
    "monitoring",
    rules=DNS
    + [EgressRule("10.64.0.0/12", transport=Transport.PING, note="reachability")]
    + [EgressRule("fd00:64::/32", port, note="exporters") for port in (9100, 9113)],
    description="Probes of the monitoring team",
)

QUARANTINE = Policy("quarantine")

POLICIES = {policy.name: policy for policy in (BASELINE, BATCH, PARTNER, MONITORING, QUARANTINE)}
