ACCOUNT = "123456789012"
REGION = "eu-west-1"


def certificate(name: str) -> str:
    return f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{name}"
