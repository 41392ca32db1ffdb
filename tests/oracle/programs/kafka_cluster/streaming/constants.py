from aws_cdk.aws_ec2 import Port

PLAINTEXT, TLS, SASL, IAM = range(9092, 9099, 2)
ZOOKEEPER_PORTS = list(zip(("client", "peer", "leader"), (2181, 2888, 3888)))
JMX_FIRST = 11001
JMX_COUNT = 2

JMX = Port.tcp_range(JMX_FIRST, JMX_FIRST + JMX_COUNT - 1)
BROKER_COUNT = 3
