import re

_HOST = re.compile(r"^[0-9./]+$")

FORGE_RANGES = (
    ("forge-web", "192.0.2.80/29"),
    ("forge-packages", "192.0.2.88/29"),
    ("forge-git", "192.0.2.96/29"),
)


def split_hosts(text):
    """`a,b` to a list, blanks dropped."""
    return [host.strip() for host in text.split(",") if host.strip()]


def forge_only(*names):
    return {name: cidr for name, cidr in FORGE_RANGES if name in names}
