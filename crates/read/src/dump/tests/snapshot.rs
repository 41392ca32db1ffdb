use super::read;

/// What a manifest says is missing.
fn told(manifest: &str) -> Vec<String> {
    let reading = read(&[("now/manifest.json", manifest)]);
    reading.diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect()
}

#[test]
fn an_account_is_named_with_its_region_where_there_are_regions() {
    let manifest = |cloud: &str, whose: &str| {
        format!(
            r#"{{"tidegate": {{"snapshot": 1, "version": "0", "cloud": "{cloud}"}}, {whose}, "complete": false, "parts": [
            {{"call": "x list", "file": "x.json", "state": "refused", "reason": "No."}},
            {{"call": "y list", "file": "y.json", "state": "complete"}}]}}"#
        )
    };
    let aws = manifest("aws", r#""account": "123456789012", "region": "eu-west-1""#);
    assert_eq!(told(&aws), ["the snapshot of 123456789012/eu-west-1 lacks x list: refused: No."]);
    let gcp = manifest("gcp", r#""account": "acme-prod""#);
    assert_eq!(told(&gcp), ["the snapshot of acme-prod lacks x list: refused: No."]);
}

#[test]
fn a_service_that_is_not_switched_on_is_no_hole() {
    let manifest = r#"{"tidegate": {"snapshot": 1, "version": "0", "cloud": "gcp"}, "account": "acme-prod", "complete": true,
        "parts": [{"call": "x list", "file": "x.json", "state": "unused", "reason": "SERVICE_DISABLED"}]}"#;
    assert_eq!(told(manifest), Vec::<String>::new());
}

#[test]
fn what_is_missing_as_a_whole_is_called_as_its_cloud_calls_it() {
    let lost = |cloud: &str, id: &str| {
        told(&format!(
            r#"{{"tidegate": {{"snapshot": 1, "version": "0", "cloud": "{cloud}"}}, "complete": false, "accounts": [
            {{"id": "{id}", "reason": "No.", "regions": []}}, {{"id": "x", "note": "Nothing there.", "regions": []}}]}}"#
        ))
    };
    assert_eq!(lost("aws", "1"), ["the snapshot lacks account 1: No."]);
    assert_eq!(lost("azure", "1"), ["the snapshot lacks subscription 1: No."]);
    assert_eq!(lost("gcp", "acme"), ["the snapshot lacks project acme: No."]);
    assert_eq!(lost("gcp", "folders/1"), ["the snapshot lacks folders/1: No."]);
}
