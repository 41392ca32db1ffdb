//! An answer as it comes over the wire to what the AWS CLI prints for it.

mod times;
mod xml;

use super::table::{Operation, Protocol, Shape, TABLE};
use serde_json::{Map, Value};

/// Why an answer cannot be understood, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Garbled(String);

/// A refusal as a service spells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complaint {
    /// A word: `UnauthorizedOperation`.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// The body of an answer to `operation`, in the CLI's JSON.
///
/// # Errors
/// The body is not of the protocol's form.
pub fn answer(
    protocol: Protocol,
    name: &str,
    operation: &Operation,
    body: &[u8],
) -> Result<Map<String, Value>, Garbled> {
    let shape = operation.output.as_deref().unwrap_or_default();
    let root = || {
        let root = xml::parse(body)?;
        let wanted = format!("{name}Response");
        // A page of somebody who wants to be signed in to is XML, too.
        match root.name == wanted {
            true => Ok(root),
            false => Err(Garbled(format!("it is no {wanted}"))),
        }
    };
    let value = match protocol {
        Protocol::Ec2 => xml::value(&root()?, shape),
        Protocol::Query => {
            let root = root()?;
            let wrapper = format!("{name}Result");
            let result = root.child(&wrapper).ok_or_else(|| Garbled(format!("there is no {wrapper}")))?;
            xml::value(result, shape)
        }
        Protocol::Json | Protocol::RestJson => {
            let value: Value =
                serde_json::from_slice(body).map_err(|error| Garbled(format!("no JSON: {error}")))?;
            with_times(value, shape)
        }
    };
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(Garbled("the answer is no structure".to_owned())),
    }
}

/// The body of an answer of AWS, in the CLI's JSON: `read("ec2", "DescribeVpcs", body)`.
///
/// # Errors
/// The body is not of the service's form, or the call is none of those that a snapshot makes.
pub fn read(service: &str, operation: &str, body: &[u8]) -> Result<Map<String, Value>, Garbled> {
    let unknown = || Garbled("this call is not in the table of calls".to_owned());
    let protocol = TABLE.service(service).ok_or_else(unknown)?.protocol;
    answer(protocol, operation, TABLE.operation(service, operation).ok_or_else(unknown)?, body)
}

/// What the body of an error says. `kind` is the header `x-amzn-errortype`.
pub fn complaint(protocol: Protocol, kind: Option<&str>, body: &[u8]) -> Complaint {
    match protocol {
        Protocol::Ec2 | Protocol::Query => {
            let Ok(root) = xml::parse(body) else { return Complaint::default() };
            let error = root
                .child("Errors")
                .and_then(|errors| errors.child("Error"))
                .or_else(|| root.child("Error"))
                .unwrap_or(&root);
            let text = |name: &str| error.child(name).map(|child| child.text.clone()).unwrap_or_default();
            Complaint { code: text("Code"), message: text("Message") }
        }
        Protocol::Json | Protocol::RestJson => {
            let value: Value = serde_json::from_slice(body).unwrap_or_default();
            let text =
                |keys: &[&str]| keys.iter().find_map(|key| value.get(key)?.as_str()).map(str::to_owned);
            let code =
                kind.map(str::to_owned).or_else(|| text(&["__type", "code", "Code"])).unwrap_or_default();
            // `com.amazonaws.x#AccessDeniedException:http://…`
            let code = code.split(':').next().unwrap_or_default().rsplit('#').next().unwrap_or_default();
            Complaint { code: code.to_owned(), message: text(&["message", "Message"]).unwrap_or_default() }
        }
    }
}

/// JSON as the CLI prints it: the same, but seconds become dates.
fn with_times(value: Value, shape: &str) -> Value {
    if shape == "timestamp" {
        return times::from_json(value);
    }
    match (TABLE.shape(shape), value) {
        (Some(Shape::Structure { members }), Value::Object(map)) => {
            let told = |key: &str| {
                Shape::members(members).find(|(wire, ..)| *wire == key).map(|(_, name, shape)| (name, shape))
            };
            Value::Object(
                map.into_iter()
                    // What is not said is left out, as in the other protocols.
                    .filter(|(_, value)| !value.is_null())
                    .map(|(key, value)| match told(&key) {
                        Some((name, shape)) => (name.to_owned(), with_times(value, shape)),
                        None => (key, value),
                    })
                    .collect(),
            )
        }
        (Some(Shape::List { list, .. }), Value::Array(items)) => {
            Value::Array(items.into_iter().map(|item| with_times(item, list)).collect())
        }
        (Some(Shape::Map { map: of }), Value::Object(map)) => {
            Value::Object(map.into_iter().map(|(key, value)| (key, with_times(value, of))).collect())
        }
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ec2(name: &str, body: &str) -> Result<Value, Garbled> {
        answer(Protocol::Ec2, name, TABLE.operation("ec2", name).unwrap(), body.as_bytes()).map(Value::Object)
    }

    #[test]
    fn xml_becomes_what_the_command_line_prints() {
        let body = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeSecurityGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>r</requestId>
  <securityGroupInfo>
    <item>
      <groupId>sg-1</groupId><groupName>a &amp; b</groupName><ownerId>012345678901</ownerId>
      <ipPermissions/>
      <ipPermissionsEgress>
        <item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>
          <ipRanges><item><cidrIp>0.0.0.0/0</cidrIp><description/></item></ipRanges><groups/></item>
      </ipPermissionsEgress>
      <tagSet><item><key>Name</key><value><![CDATA[<x>]]></value></item></tagSet>
      <unheardOf>1</unheardOf>
    </item>
  </securityGroupInfo>
  <nextToken>t</nextToken>
</DescribeSecurityGroupsResponse>"#;
        assert_eq!(
            ec2("DescribeSecurityGroups", body).unwrap(),
            json!({
                "NextToken": "t",
                "SecurityGroups": [{
                    "GroupId": "sg-1", "GroupName": "a & b", "OwnerId": "012345678901",
                    "IpPermissions": [],
                    "IpPermissionsEgress": [{
                        "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                        "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": ""}], "UserIdGroupPairs": [],
                    }],
                    "Tags": [{"Key": "Name", "Value": "<x>"}],
                }],
            })
        );
    }

    #[test]
    fn times_and_truth_values_have_their_own_form() {
        let body = "<DescribeNatGatewaysResponse><natGatewaySet><item>\
            <createTime>2026-01-02T03:04:05.000Z</createTime><natGatewayId>nat-1</natGatewayId>\
            <natGatewayAddressSet><item><isPrimary>true</isPrimary></item></natGatewayAddressSet>\
            </item></natGatewaySet></DescribeNatGatewaysResponse>";
        let told = ec2("DescribeNatGateways", body).unwrap();
        let nat = &told["NatGateways"][0];
        assert_eq!(nat["CreateTime"], "2026-01-02T03:04:05+00:00");
        assert_eq!(nat["NatGatewayAddresses"][0]["IsPrimary"], true);
        let json = answer(
            Protocol::Json,
            "ListAccounts",
            TABLE.operation("organizations", "ListAccounts").unwrap(),
            br#"{"Accounts": [{"Id": "012345678901", "JoinedTimestamp": 1767323045.25, "New": [1], "Email": null}]}"#,
        );
        assert_eq!(
            Value::Object(json.unwrap()),
            json!({"Accounts": [{"Id": "012345678901", "JoinedTimestamp": "2026-01-02T03:04:05.250000+00:00", "New": [1]}]})
        );
    }

    #[test]
    fn what_is_no_answer_is_not_taken_for_an_empty_one() {
        for body in [
            "",
            "<",
            "<a><b></a>",
            "<html>Sign in</html>",
            "text",
            "<a/><b/>",
            "<DescribeVpcsResponse><vpcSet>",
        ] {
            assert!(ec2("DescribeVpcs", body).is_err(), "{body}");
        }
        assert!(ec2("DescribeVpcs", "<DescribeVpcsResponse/>").is_ok());
        let lists = TABLE.operation("lambda", "ListFunctions").unwrap();
        for body in ["", "[]", "null", "{\"Functions\": ["] {
            assert!(answer(Protocol::RestJson, "ListFunctions", lists, body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn complaints_are_found_in_every_protocol() {
        let told = |code: &str, message: &str| Complaint { code: code.into(), message: message.into() };
        let body = b"<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Slow down.</Message></Error>\
            </Errors><RequestID>r</RequestID></Response>";
        assert_eq!(complaint(Protocol::Ec2, None, body), told("RequestLimitExceeded", "Slow down."));
        let body = b"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>No.</Message></Error>\
            </ErrorResponse>";
        assert_eq!(complaint(Protocol::Query, None, body), told("AccessDenied", "No."));
        let body = br#"{"__type": "com.amazonaws.x#ThrottlingException", "message": "Slow down."}"#;
        assert_eq!(complaint(Protocol::Json, None, body), told("ThrottlingException", "Slow down."));
        let kind = Some("AccessDeniedException:http://x/");
        assert_eq!(
            complaint(Protocol::RestJson, kind, br#"{"Message": "No."}"#),
            told("AccessDeniedException", "No.")
        );
        for protocol in [Protocol::Ec2, Protocol::Json] {
            assert_eq!(complaint(protocol, None, b"<html>Bad gateway"), Complaint::default());
        }
    }
}
