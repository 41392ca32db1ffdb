//! What long ids are called in text.

/// The part of an id that people know: of a resource id of Azure the last part, of a URL of Google Cloud what follows the
/// kind of resource, with the machine's name for an interface (`web/nic0`). Other ids stay as they are. JSON has whole ids.
pub fn short(id: &str) -> &str {
    if id.starts_with('/') {
        return id.rsplit('/').find(|part| !part.is_empty()).unwrap_or(id);
    }
    if !["projects/", "firewallPolicies/", "locations/"].iter().any(|start| id.starts_with(start)) {
        return id;
    }
    match id.split_once("/instances/") {
        Some((_, rest)) => rest,
        None => id.rsplit('/').next().unwrap_or(id),
    }
}

/// Every long id in a text, shortened; a text is words with spaces between them.
pub fn shortened(text: &str) -> String {
    text.split(' ').map(short).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ids_are_told_by_the_part_that_people_know() {
        assert_eq!(short("projects/acme/zones/europe-west1-b/instances/web/nic0"), "web/nic0");
        assert_eq!(short("projects/acme/global/networks/default"), "default");
        assert_eq!(short("vpc-1"), "vpc-1");
        assert_eq!(
            short("/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub"),
            "hub"
        );
        assert_eq!(short("/"), "/");
        assert_eq!(
            shortened("policy-based routes of projects/acme/global/networks/default"),
            "policy-based routes of default"
        );
    }
}
