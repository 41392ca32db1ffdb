from aws_cdk.aws_ec2 import Port

# (protocol, first, last, what for)
DOMAIN = [
    ("tcp", 53, 53, "dns"),
    ("udp", 53, 53, "dns"),
    ("tcp", 88, 88, "kerberos"),
    ("udp", 88, 88, "kerberos"),
    ("udp", 123, 123, "time"),
    ("tcp", 135, 135, "rpc"),
    ("tcp", 389, 389, "ldap"),
    ("udp", 389, 389, "ldap"),
    ("tcp", 445, 445, "smb"),
    ("tcp", 464, 464, "kpasswd"),
    ("tcp", 636, 636, "ldaps"),
    ("tcp", 3268, 3269, "global catalog"),
    ("tcp", 49152, 65535, "dynamic rpc"),
]

FILE = Port.tcp(445)
PRINT = Port.tcp(9100)
SQL = Port.tcp_range(1433, 1434)


def to_port(protocol, first, last):
    maker = {"tcp": Port.tcp_range, "udp": Port.udp_range}[protocol]
    return maker(first, last)
