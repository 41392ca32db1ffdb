#!/usr/bin/env python3
"""Accounts of the organisation, one stage each."""
import aws_cdk as cdk

from landing_zone import load
from landing_zone.stages import AccountStage


def main() -> cdk.App:
    app = cdk.App()
    zone = load(app)
    for account in zone.accounts:
        AccountStage(app, account.stage_name, zone=zone, account=account)
    cdk.Tags.of(app).add("managed-by", "landing-zone")
    return app


if __name__ == "__main__":
    main().synth()
