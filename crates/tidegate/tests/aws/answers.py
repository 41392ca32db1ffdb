"""What the vendor's own library makes of each answer, as its command line would print it.

    answers.py ENDPOINT REGION < calls

Reads lines `service operation {parameters}`, and prints one JSON line for each. The keys and the order are those of the
library; dates are printed as the command line does.
"""

import datetime
import json
import sys

import botocore.session
from botocore import xform_name


def printed(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    raise TypeError(type(value))


def main():
    endpoint, region = sys.argv[1:]
    session = botocore.session.get_session()
    for line in sys.stdin:
        service, operation, parameters = line.split(" ", 2)
        client = session.create_client(service, region_name=region, endpoint_url=endpoint)
        name = xform_name(operation)
        parameters = json.loads(parameters)
        if client.can_paginate(name):
            answer = client.get_paginator(name).paginate(**parameters).build_full_result()
        else:
            answer = getattr(client, name)(**parameters)
        answer.pop("ResponseMetadata", None)
        answer.pop("NextToken", None)
        print(json.dumps(answer, default=printed), flush=True)


main()
