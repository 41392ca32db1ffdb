CIDR = "10.77.0.0/16"
AZS = 2
OFFICE = "10.1.0.0/16"
MONITOR = "10.77.250.0/24"
APP_PORT = 8000
APP_OUT = [389, 636] + list(range(9200, 9203))
EXTRA = dict(
    [
        ("10.1.4.25", 25),
        ("10.1.4.80", 8080),
    ]
)
EXTRA.update({"10.1.4.99": 5671})
NTP = ["10.1.0.123/32", "10.1.1.123/32"]
JOBS_OPEN = False
TAGS = {"owner": "intranet", "tier": "internal"}
