from aws_cdk import aws_ec2 as ec2

from .partners import Channel


def ports_for(channel: Channel) -> list:
    match channel:
        case Channel.SFTP:
            return [ec2.Port.tcp(22)]
        case Channel.AS2:
            return [ec2.Port.tcp(4080), ec2.Port.tcp(5443)]
        case Channel.MQ:
            return [ec2.Port.tcp_range(1414, 1416)]
        case _:
            return [ec2.Port.tcp(443)]
