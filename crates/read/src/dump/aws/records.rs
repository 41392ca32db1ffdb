//! Records of AWS answers, as they are written.

use super::acls;
use super::functions::{self, Function};
use super::network::{self, NetworkRecord};
use crate::cloudformation::address_block;
use crate::dump::documents::{Way, walk};
use crate::dump::fields::Fields;
use crate::tree::{NodeId, Tree};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_estate::{IpFamily, IpNet, Place, Rule};

/// Something that an answer says.
#[derive(Debug, Clone)]
pub(in crate::dump) enum Record {
    /// A security group.
    Group(Group),
    /// One rule of a group, which is named, from `describe-security-group-rules`.
    Rule(String, Permission),
    /// A prefix list.
    List(List),
    /// The entries of a prefix list.
    Entries(Entries),
    /// A network interface.
    Interface(Interface),
    /// A virtual machine.
    Instance(Instance),
    /// A network ACL.
    Acl(Acl),
    /// A function of Lambda in a VPC.
    Function(Function),
    /// Something around workloads, and where it is.
    Network(NetworkRecord, Seat),
}

/// Whose it is, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::dump) struct Seat {
    pub account: Option<String>,
    pub region: Option<String>,
}

/// A security group with what it allows.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Group {
    pub id: String,
    pub name: Option<String>,
    pub vpc: Option<String>,
    pub seat: Seat,
    pub tags: BTreeMap<String, String>,
    /// `None` where the answer was cut down to less than the rules.
    pub permissions: Option<Vec<Permission>>,
    /// Its id.
    pub named: Place,
    /// All of it.
    pub place: Place,
}

/// One permission to one peer. There are many: what is usual takes no room beside it.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Permission {
    pub egress: bool,
    pub protocol: Option<Cow<'static, str>>,
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub peer: PeerText,
    pub place: Place,
}

/// The other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dump) enum PeerText {
    Block(IpNet),
    /// A block of a family that cannot be read, and why.
    Unreadable(IpFamily, String),
    List(String),
    Group(String),
    /// None of those that are known.
    Missing,
}

/// A prefix list.
#[derive(Debug, Clone)]
pub(in crate::dump) struct List {
    pub id: String,
    pub name: Option<String>,
    /// AWS keeps it.
    pub managed: bool,
    pub place: Place,
}

/// Entries of a prefix list. The answer does not say of which.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Entries {
    /// The list, where something around the answer names it.
    pub list: Option<String>,
    pub blocks: Vec<(String, Place)>,
    pub place: Place,
}

/// A network ACL.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Acl {
    pub id: String,
    pub vpc: Option<String>,
    pub seat: Seat,
    pub tags: BTreeMap<String, String>,
    /// Subnets without another ACL have it.
    pub default: bool,
    /// Subnets that have it.
    pub subnets: Vec<String>,
    pub rules: Vec<Rule>,
    /// Its id.
    pub named: Place,
    /// All of it.
    pub place: Place,
}

/// A network interface.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Interface {
    pub id: String,
    pub description: Option<String>,
    pub groups: Vec<String>,
    pub private: Vec<String>,
    pub public: Vec<String>,
    pub instance: Option<String>,
    pub vpc: Option<String>,
    pub subnet: Option<String>,
    /// The source and destination check is off.
    pub forwards: bool,
    /// What of AWS's own stands behind it (`nat_gateway` …).
    pub service: Option<String>,
    pub seat: Seat,
    pub tags: BTreeMap<String, String>,
    pub place: Place,
}

/// A virtual machine.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Instance {
    pub id: String,
    pub interfaces: Vec<Interface>,
    /// Groups of a machine whose interfaces the answer does not show.
    pub groups: Vec<String>,
    pub private: Vec<String>,
    pub public: Vec<String>,
    pub vpc: Option<String>,
    pub subnet: Option<String>,
    pub seat: Seat,
    pub tags: BTreeMap<String, String>,
    pub place: Place,
}

/// Types of interfaces behind which workloads of the account's own stand. (EC2 API reference, `NetworkInterface`.)
const ORDINARY: [&str; 5] = ["interface", "efa", "efa-only", "trunk", "branch"];

/// Every record in the documents of one file.
pub(in crate::dump) fn records(path: &Arc<str>, tree: &Tree) -> Vec<Record> {
    let mut found = Vec::new();
    let outer = Seat { account: in_path(path, is_account), region: in_path(path, is_region) };
    walk(tree, |node, way| {
        let seat = Seat {
            account: way.find(is_account).map(str::to_owned).or_else(|| outer.account.clone()),
            region: way.find(is_region).map(str::to_owned).or_else(|| outer.region.clone()),
        };
        let reader = Reader { fields: Fields { tree, path }, way, seat };
        reader.record(node, &mut found)
    });
    found
}

pub(super) fn in_path(path: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    let parts = path.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let mut parts: Vec<&str> = parts.collect();
    parts.reverse();
    parts.into_iter().find(|part| fits(part)).map(str::to_owned)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `eu-west-1`, `us-gov-east-1`, `ap-southeast-2`.
pub(super) fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let lower =
        |part: &str, least: usize| part.len() >= least && part.bytes().all(|b| b.is_ascii_lowercase());
    let first = parts.next().is_some_and(|part| part.len() == 2 && lower(part, 2));
    let rest: Vec<&str> = parts.collect();
    let [middle @ .., last] = &rest[..] else { return false };
    let number = last.len() == 1 && last.bytes().all(|b| b.is_ascii_digit());
    first && number && (1..=2).contains(&middle.len()) && middle.iter().all(|part| lower(part, 3))
}

/// The region of an Availability Zone (`eu-west-1a`) or of a Local Zone (`us-west-2-lax-1a`).
fn region_of_zone(zone: &str) -> Option<String> {
    let mut end = 0;
    for (at, _) in zone.match_indices('-') {
        if is_region(&zone[..at]) {
            end = at;
        }
    }
    let plain = zone.trim_end_matches(|c: char| c.is_ascii_lowercase());
    if end > 0 { Some(zone[..end].to_owned()) } else { is_region(plain).then(|| plain.to_owned()) }
}

struct Reader<'t> {
    fields: Fields<'t>,
    way: &'t Way<'t>,
    seat: Seat,
}

impl<'t> std::ops::Deref for Reader<'t> {
    type Target = Fields<'t>;
    fn deref(&self) -> &Fields<'t> {
        &self.fields
    }
}

impl Reader<'_> {
    fn tags(&self, node: NodeId, key: &str) -> BTreeMap<String, String> {
        self.list(node, key)
            .filter_map(|tag| Some((self.text(tag, "Key")?, self.text(tag, "Value").unwrap_or_default())))
            .collect()
    }

    /// What the record itself says of its seat, before what stands around it.
    fn seat(&self, node: NodeId, arn: &str) -> Seat {
        // arn:aws:ec2:REGION:ACCOUNT:security-group/ID
        let arn = self.text(node, arn).unwrap_or_default();
        let mut parts = arn.split(':').skip(3);
        let region = parts.next().filter(|part| is_region(part)).map(str::to_owned);
        let account = parts.next().filter(|part| is_account(part)).map(str::to_owned);
        let zone = self.text(node, "AvailabilityZone").and_then(|zone| region_of_zone(&zone));
        Seat {
            account: self.text(node, "OwnerId").or(account).or_else(|| self.seat.account.clone()),
            region: region.or(zone).or_else(|| self.seat.region.clone()),
        }
    }

    /// Reads one mapping; `false` = it is none of the records, and may hold some.
    fn record(&self, node: NodeId, found: &mut Vec<Record>) -> bool {
        let has = |key: &str| self.tree.get(node, key).is_some();
        let is_list = |key: &str| self.is_list(node, key);
        if has("SecurityGroupRuleId") {
            found.extend(self.listed_rule(node).map(|(group, rule)| Record::Rule(group, rule)));
        } else if has("NetworkInterfaceId") && is_list("Groups") {
            found.extend(self.interface(node).map(Record::Interface));
        } else if has("InstanceId") && (has("ImageId") || is_list("NetworkInterfaces") || has("State")) {
            found.extend(self.instance(node).map(Record::Instance));
        } else if is_list("Instances") && has("ReservationId") {
            // The account stands on the reservation, not on its machines.
            let owner = Reader {
                seat: Seat {
                    account: self.text(node, "OwnerId").or_else(|| self.seat.account.clone()),
                    region: self.seat.region.clone(),
                },
                ..*self
            };
            let machines = owner.list(node, "Instances").filter_map(|machine| owner.instance(machine));
            found.extend(machines.map(Record::Instance));
        } else if has("GroupId")
            && (is_list("IpPermissions") || is_list("IpPermissionsEgress") || has("VpcId"))
        {
            found.extend(self.group(node).map(Record::Group));
        } else if has("PrefixListId") && (has("PrefixListName") || is_list("Cidrs")) {
            self.prefix_list(node, found);
        } else if has("NetworkAclId") && is_list("Entries") {
            found.extend(self.acl(node).map(Record::Acl));
        } else if has("FunctionName") && has("FunctionArn") {
            let seat = self.seat(node, "FunctionArn");
            found.extend(functions::function(&self.fields, node, seat).map(Record::Function));
        } else if self.is_entries(node) {
            found.push(Record::Entries(self.entries(node)));
        } else if let Some(record) = network::record(&self.fields, node, self.way) {
            let seat = self.seat(node, if has("SubnetArn") { "SubnetArn" } else { "" });
            found.push(Record::Network(record, seat));
        } else {
            return false;
        }
        true
    }

    fn acl(&self, node: NodeId) -> Option<Acl> {
        Some(Acl {
            id: self.text(node, "NetworkAclId")?,
            vpc: self.text(node, "VpcId"),
            seat: self.seat(node, ""),
            tags: self.tags(node, "Tags"),
            default: self.text(node, "IsDefault").is_some_and(|default| default == "true"),
            subnets: self.texts(node, "Associations", "SubnetId"),
            rules: self.list(node, "Entries").map(|entry| acls::entry(&self.fields, entry)).collect(),
            named: self.member(node, "NetworkAclId"),
            place: self.place(node),
        })
    }

    fn group(&self, node: NodeId) -> Option<Group> {
        let id = self.text(node, "GroupId")?;
        let egress = self.get(node, "IpPermissionsEgress");
        let permissions = egress.map(|_| {
            let mut all = Vec::new();
            for (key, egress) in [("IpPermissionsEgress", true), ("IpPermissions", false)] {
                for permission in self.list(node, key) {
                    self.permissions(egress, permission, &mut all);
                }
            }
            all
        });
        Some(Group {
            name: self.text(node, "GroupName"),
            vpc: self.text(node, "VpcId"),
            seat: self.seat(node, "SecurityGroupArn"),
            tags: self.tags(node, "Tags"),
            permissions,
            named: self.member(node, "GroupId"),
            place: self.place(node),
            id,
        })
    }

    /// An `IpPermission`: one protocol and range, any number of peers of each kind.
    fn permissions(&self, egress: bool, node: NodeId, into: &mut Vec<Permission>) {
        let before = into.len();
        let members = [
            "IpProtocol",
            "FromPort",
            "ToPort",
            "IpRanges",
            "Ipv6Ranges",
            "PrefixListIds",
            "UserIdGroupPairs",
        ];
        let [protocol, from, to, v4, v6, prefix_lists, pairs] = self.several(node, members);
        let protocol = protocol.and_then(|node| self.tree.text(node)).filter(|text| !text.is_empty());
        let protocol = protocol.map(spelled);
        let number = |node: Option<NodeId>| self.tree.text(node?)?.parse().ok();
        let (from, to) = (number(from), number(to));
        let one = |peer, place| Permission { egress, protocol: protocol.clone(), from, to, peer, place };
        let items = |list: Option<NodeId>| list.into_iter().flat_map(|list| self.tree.items(list));
        for (list, key, family) in [(v4, "CidrIp", IpFamily::V4), (v6, "CidrIpv6", IpFamily::V6)] {
            for range in items(list) {
                let text = self.get(range, key).and_then(|value| self.tree.text(value));
                let peer = text.filter(|text| !text.is_empty()).map(|text| block(text, family));
                into.push(one(peer.unwrap_or(PeerText::Missing), self.member(range, key)));
            }
        }
        for list in items(prefix_lists) {
            let peer = self.text(list, "PrefixListId").map_or(PeerText::Missing, PeerText::List);
            into.push(one(peer, self.member(list, "PrefixListId")));
        }
        for pair in items(pairs) {
            let name = self.text(pair, "GroupId").or_else(|| self.text(pair, "GroupName"));
            into.push(one(name.map_or(PeerText::Missing, PeerText::Group), self.member(pair, "GroupId")));
        }
        // A permission with no peer in any of the lists matches nothing; one without the lists was cut down.
        if into.len() == before && [v4, v6, prefix_lists, pairs].contains(&None) {
            into.push(one(PeerText::Missing, self.place(node)));
        }
    }

    fn listed_rule(&self, node: NodeId) -> Option<(String, Permission)> {
        let block = |key: &str, family| self.text(node, key).map(|text| block(&text, family));
        let group = || {
            let other = self.get(node, "ReferencedGroupInfo")?;
            self.text(other, "GroupId").map(PeerText::Group)
        };
        let peer = block("CidrIpv4", IpFamily::V4)
            .or_else(|| block("CidrIpv6", IpFamily::V6))
            .or_else(|| self.text(node, "PrefixListId").map(PeerText::List))
            .or_else(group);
        let permission = Permission {
            egress: self.text(node, "IsEgress")? == "true",
            protocol: self.text(node, "IpProtocol").map(|text| spelled(&text)),
            from: self.number(node, "FromPort"),
            to: self.number(node, "ToPort"),
            peer: peer.unwrap_or(PeerText::Missing),
            place: self.place(node),
        };
        Some((self.text(node, "GroupId")?, permission))
    }

    /// A list of `describe-managed-prefix-lists`, or one of the older `describe-prefix-lists` with its blocks.
    fn prefix_list(&self, node: NodeId, found: &mut Vec<Record>) {
        let Some(id) = self.text(node, "PrefixListId") else { return };
        let name = self.text(node, "PrefixListName");
        // `describe-prefix-lists` only shows those that AWS keeps.
        let managed = self.text(node, "OwnerId").is_none_or(|owner| owner == "AWS")
            || name.as_deref().is_some_and(|name| name.starts_with("com.amazonaws."));
        found.push(Record::List(List { id, name, managed, place: self.place(node) }));
    }

    /// `{"Entries": [{"Cidr": …}]}`; a network ACL has entries of another shape.
    fn is_entries(&self, node: NodeId) -> bool {
        let Some(list) = self.get(node, "Entries") else { return false };
        let mut items = self.tree.items(list).peekable();
        items.peek().is_some() && items.all(|item| self.tree.get(item, "Cidr").is_some())
    }

    fn entries(&self, node: NodeId) -> Entries {
        let named = |text: &str| text.starts_with("pl-") && text.len() > 3;
        let list = self.text(node, "PrefixListId").or_else(|| self.way.find(named).map(str::to_owned));
        Entries {
            list: list.or_else(|| in_path(self.path, named)),
            blocks: self
                .list(node, "Entries")
                .filter_map(|entry| Some((self.text(entry, "Cidr")?, self.place(entry))))
                .collect(),
            place: self.place(node),
        }
    }

    fn interface(&self, node: NodeId) -> Option<Interface> {
        let addresses = |key: &str, field: &str| self.texts(node, key, field);
        let mut private = addresses("PrivateIpAddresses", "PrivateIpAddress");
        private.extend(self.text(node, "PrivateIpAddress"));
        private.extend(addresses("Ipv6Addresses", "Ipv6Address"));
        let associated = |node| self.text(self.get(node, "Association")?, "PublicIp");
        let mut public: Vec<String> = associated(node).into_iter().collect();
        public.extend(self.list(node, "PrivateIpAddresses").filter_map(associated));
        let attachment = self.get(node, "Attachment");
        Some(Interface {
            id: self.text(node, "NetworkInterfaceId")?,
            description: self.text(node, "Description"),
            groups: self.texts(node, "Groups", "GroupId"),
            private: once_each(private),
            public: once_each(public),
            instance: attachment.and_then(|attachment| self.text(attachment, "InstanceId")),
            vpc: self.text(node, "VpcId"),
            subnet: self.text(node, "SubnetId"),
            forwards: self.text(node, "SourceDestCheck").is_some_and(|check| check == "false"),
            service: self.text(node, "InterfaceType").filter(|kind| !ORDINARY.contains(&kind.as_str())),
            seat: self.seat(node, ""),
            tags: self.tags(node, "TagSet"),
            place: self.place(node),
        })
    }

    fn instance(&self, node: NodeId) -> Option<Instance> {
        // A machine that is gone guards nothing and reaches nothing, but is listed for an hour.
        let state = self.get(node, "State").and_then(|state| self.text(state, "Name"));
        if matches!(state.as_deref(), Some("terminated" | "shutting-down")) {
            return None;
        }
        let placement = self.get(node, "Placement");
        let zone = placement.and_then(|placement| self.text(placement, "AvailabilityZone"));
        let seat = self.seat(node, "");
        let seat = Seat { region: zone.and_then(|zone| region_of_zone(&zone)).or(seat.region), ..seat };
        Some(Instance {
            id: self.text(node, "InstanceId")?,
            interfaces: self
                .list(node, "NetworkInterfaces")
                .filter_map(|interface| self.interface(interface))
                .collect(),
            groups: self.texts(node, "SecurityGroups", "GroupId"),
            private: self.text(node, "PrivateIpAddress").into_iter().collect(),
            public: self.text(node, "PublicIpAddress").into_iter().collect(),
            vpc: self.text(node, "VpcId"),
            subnet: self.text(node, "SubnetId"),
            seat,
            tags: self.tags(node, "Tags"),
            place: self.place(node),
        })
    }
}

/// A block of a family.
fn block(text: &str, family: IpFamily) -> PeerText {
    address_block(text).map_or_else(|why| PeerText::Unreadable(family, why), PeerText::Block)
}

/// The text, and nothing of its own for what the API writes almost always.
fn spelled(text: &str) -> Cow<'static, str> {
    match ["-1", "tcp", "udp", "icmp", "icmpv6"].into_iter().find(|known| *known == text) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(text.to_owned()),
    }
}

/// The texts without repetitions, in order.
pub(super) fn once_each(mut texts: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_told_from_other_words() {
        for region in ["eu-west-1", "us-gov-east-1", "ap-southeast-2", "us-iso-east-1"] {
            assert!(is_region(region), "{region}");
        }
        for word in ["eu-west", "my-app-1x", "a-b-1", "prod-web-1", "eu-west-12", "", "eu--1"] {
            assert!(!is_region(word), "{word}");
        }
        assert_eq!(region_of_zone("eu-west-1a").as_deref(), Some("eu-west-1"));
        assert_eq!(region_of_zone("us-west-2-lax-1a").as_deref(), Some("us-west-2"));
        assert_eq!(region_of_zone("nowhere"), None);
    }

    #[test]
    fn seats_are_found_in_paths() {
        let path = "dumps/123456789012/eu-west-1/groups.json";
        assert_eq!(in_path(path, is_account).as_deref(), Some("123456789012"));
        assert_eq!(in_path(path, is_region).as_deref(), Some("eu-west-1"));
        assert_eq!(in_path("sg_eu-west-1.json", is_region).as_deref(), Some("eu-west-1"));
    }
}
