import aws_cdk as cdk

from mail.relay import MailRelay
from mail.spam import SpamFilter

app = cdk.App()
stack = cdk.Stack(app, "Mail")
relay = MailRelay(stack, "Relay", **{k: v for k, v in app.node.try_get_context("mail").items() if k == "submission"})
SpamFilter(stack, "Spam", relay=relay, blocklists=app.node.try_get_context("mail")["blocklists"])
app.synth()
