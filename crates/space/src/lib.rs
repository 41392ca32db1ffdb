//! Exact sets of packets.
//!
//! A rule of a security group, an omitted property, a network ACL: each is a set of packets, and questions
//! about them are questions about sets. Is this open? How much of the Internet? What is allowed now that was
//! not before? This crate answers them exactly, for rules in whatever way they were spelled.
//!
//! A packet, as far as sets tell packets apart, is a family, a destination address, a protocol, and below that
//! destination and source port (TCP, UDP, SCTP, DCCP, UDP-Lite), type and code (ICMP of both families), or
//! nothing further. Where a packet comes from is not in it: a set belongs to the workload that sends.
//!
//! # Example
//!
//! Two halves of the address space are all of it, and a hole does not close it:
//!
//! ```
//! use tidegate_space::{IpFamily, PacketSet, Services, internet};
//!
//! let halves = PacketSet::union_all([
//!     PacketSet::to_block("0.0.0.0/1".parse()?, &Services::all()),
//!     PacketSet::to_block("128.0.0.0/1".parse()?, &Services::all()),
//! ]);
//! assert_eq!(halves, PacketSet::family(IpFamily::V4));
//!
//! let hole = PacketSet::to_block("8.8.8.0/24".parse()?, &Services::all());
//! let holed = halves.difference(&hole);
//! assert!(holed.is_subset(&halves) && !holed.overlaps(&hole));
//! assert!(internet::share(&holed, IpFamily::V4) > 0.999);
//!
//! let witness = internet::witness(&holed).expect("it reaches the Internet");
//! assert_eq!(witness.address.to_string(), "1.1.1.1");
//! assert_eq!(witness.destination_port, Some(443));
//!
//! let web = PacketSet::to_block("203.0.113.7/24".parse()?, &Services::tcp(443, 443));
//! let (addresses, services) = &web.rows(IpFamily::V4)[0];
//! assert_eq!(addresses.cidrs(), ["203.0.113.0/24".parse()?]);
//! assert_eq!(*services, Services::tcp(443, 443));
//! # Ok::<(), ipnet::AddrParseError>(())
//! ```
//!
//! # Invariants
//!
//! - **Exact.** No sampling, no widening, and sizes are big integers. A brute-force model and an SMT solver agree
//!   in the tests.
//! - **Canonical.** Equal sets are equal values, with equal hashes, however they were made.
//! - **Total.** No operation fails or panics: a range that is the wrong way round is empty, one that is too long
//!   is cut.
//! - **Pure.** No input or output, no state that changes, nothing about any cloud.
//!
//! # How it works
//!
//! A set is a decision diagram in a fixed order: address, protocol, destination port (or type), source port (or
//! code). Addresses are a sorted list of the points where something changes. What is allowed below an address is
//! shared between all addresses that have it, and destination ports are a tree of sixteenths whose branches are
//! shared between sets that differ elsewhere. Walking two lists side by side gives every operation; while one
//! runs, each distinct pair of shared values is combined once, however many addresses have it.

mod addresses;
mod algebra;
mod axis;
mod cover;
mod family;
mod grid;
pub mod internet;
mod labels;
mod memo;
mod merge;
mod packet;
mod packets;
pub mod protocol;
mod ratio;
mod services;
mod special_purpose;
mod steps;
mod toggles;

pub use addresses::AddressSet;
pub use family::IpFamily;
pub use packet::Packet;
pub use packets::PacketSet;
pub use protocol::{IcmpRange, PortRun, ProtocolPart};
pub use services::Services;
