//! Where a service is.

use super::table::{Partition, Service, TABLE};
use regex_lite::Regex;

/// The partition that a region belongs to: by its name, so that a region that opened yesterday is found, too. The first
/// where none fits, as the vendor's own tools do.
pub fn partition(region: &str) -> &'static Partition {
    let fits =
        |partition: &&Partition| Regex::new(&partition.regions).is_ok_and(|regions| regions.is_match(region));
    TABLE.partitions.iter().find(fits).unwrap_or(&TABLE.partitions[0])
}

/// Whether it could be a region at all. What is not would become a host's name.
pub fn is_region(text: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    (3..=6).contains(&text.split('-').count()) && text.split('-').all(part)
}

/// What the settings ask of addresses.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Only modules with a FIPS certificate.
    pub fips: bool,
    /// Addresses with IPv6.
    pub dual: bool,
}

/// The address of a service in a region, without a path.
pub fn of(service: &Service, region: &str, wishes: &Wishes) -> String {
    let partition = partition(region);
    // In GovCloud the ordinary addresses of these services are the certified ones.
    let fips = if wishes.fips && partition.id != "aws-us-gov" { "-fips" } else { "" };
    let suffix = if wishes.dual { &partition.dual } else { &partition.suffix };
    format!("https://{}{fips}.{region}.{suffix}", service.endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_follow_the_partition() {
        let of = |service: &str, region, wishes: &Wishes| of(TABLE.service(service).unwrap(), region, wishes);
        let plain = Wishes::default();
        assert_eq!(of("ec2", "eu-west-1", &plain), "https://ec2.eu-west-1.amazonaws.com");
        assert_eq!(of("ec2", "cn-north-1", &plain), "https://ec2.cn-north-1.amazonaws.com.cn");
        assert_eq!(
            of("network-firewall", "us-iso-east-1", &plain),
            "https://network-firewall.us-iso-east-1.c2s.ic.gov"
        );
        let dual = Wishes { dual: true, fips: true };
        assert_eq!(of("ec2", "us-east-1", &dual), "https://ec2-fips.us-east-1.api.aws");
        assert_eq!(of("ec2", "us-gov-west-1", &dual), "https://ec2.us-gov-west-1.api.aws");
        assert_eq!(partition("xx-nowhere-9").id, "aws");
        assert_eq!(partition("us-gov-east-1").global, "us-gov-west-1");
    }

    #[test]
    fn what_is_no_region_is_not_asked() {
        assert!(
            ["eu-west-1", "us-gov-east-1", "eusc-de-east-1", "us-isob-west-1"]
                .iter()
                .all(|region| is_region(region))
        );
        let wrong = [
            "",
            "europe",
            "eu-west-1.evil.example/",
            "eu--1",
            "EU-WEST-1",
            "eu-west-1 ",
            "a-b-c-d-e-f-g",
            "*",
        ];
        assert!(!wrong.iter().any(|region| is_region(region)));
    }
}
