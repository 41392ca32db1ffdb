OFFICE_CIDRS = ["198.51.100.32/28", "198.51.100.48/28"]
MAIL_RELAY = "10.180.3.25/32"
CRM = "10.180.4.0/26"

PORTS = {
    "http": 80,
    "https": 443,
    "postgres": 5432,
    "redis": 6379,
    "amqps": 5671,
    "opensearch": 443,
}

TARGETS = {"mail": MAIL_RELAY, "crm": CRM}


class Names:
    WEB = "Web"
    WORKER = "Worker"
    SEARCH = "Search"
    CACHE = "Cache"
    ALL = (WEB, WORKER, SEARCH, CACHE)
