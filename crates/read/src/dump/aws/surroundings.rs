//! What is around workloads, from what the answers say of it.

use super::network::NetworkRecord;
use super::records::Seat;
use super::workloads::seat_of;
use std::collections::BTreeMap;
use tidegate_estate::Network;

/// The VPC or subnet that a record tells the seat of.
pub(super) fn located(record: &NetworkRecord) -> Option<&str> {
    match record {
        NetworkRecord::Vpc(id, _) | NetworkRecord::Subnet(id, _) => Some(id),
        _ => None,
    }
}

/// The network. What is told twice is one; the first counts, an attachment takes what either answer says.
pub(super) fn network(records: Vec<(NetworkRecord, Seat)>, seats: &BTreeMap<String, Seat>) -> Network {
    let mut network = Network::default();
    for (record, seat) in records {
        match record {
            NetworkRecord::Vpc(id, mut vpc) => {
                let seat = seat_of(&seat, Some(&id), seats);
                (vpc.account, vpc.region) = (seat.account, seat.region);
                network.vpcs.entry(id).or_insert(vpc);
            }
            NetworkRecord::Subnet(id, subnet) => {
                network.subnets.entry(id).or_insert(subnet);
            }
            NetworkRecord::Table(id, table) => {
                network.tables.entry(id).or_insert(table);
            }
            NetworkRecord::Nat(id, nat) => {
                network.nats.entry(id).or_insert(nat);
            }
            NetworkRecord::Gateway(id, vpcs) => network.gateways.entry(id).or_default().extend(vpcs),
            NetworkRecord::Peering(id, peering) => {
                network.peerings.entry(id).or_insert(peering);
            }
            NetworkRecord::Endpoint(id, endpoint) => {
                network.endpoints.entry(id).or_insert(endpoint);
            }
            NetworkRecord::Attachment(id, attachment) => {
                let known = network.attachments.entry(id).or_insert_with(|| attachment.clone());
                known.vpc = known.vpc.take().or(attachment.vpc);
                known.table = known.table.take().or(attachment.table);
                if known.subnets.is_empty() {
                    known.subnets = attachment.subnets;
                }
                known.available &= attachment.available;
            }
            NetworkRecord::TransitRoutes(id, routes) => {
                network.transit_tables.entry(id).or_default().routes.extend(routes);
            }
            NetworkRecord::PublicAccess(mode) => {
                network.public_access.entry((seat.account, seat.region)).or_insert(mode);
            }
            NetworkRecord::Exclusion(id, mode) => {
                network.exclusions.entry(id).or_insert(mode);
            }
        }
    }
    for table in network.transit_tables.values_mut() {
        table.routes.sort();
        table.routes.dedup();
    }
    network
}
