//! How the vendor's names look in each language. The library is written in TypeScript (`allowAllOutbound`),
//! Python programs write snake case (`allow_all_outbound`), templates Pascal case (`SecurityGroupEgress`).

/// The Python form of a TypeScript name, by the rules of the vendor's generator: a word begins at a
/// capital after a small letter or digit, and at the last capital of a run that small letters follow;
/// `KiB`, `MiB` and `GiB` are one word. `cargo xtask generate` checks it on every name of the library.
pub fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let at = |i: usize| letters.get(i).copied().unwrap_or('\0');
    let mut snake = String::with_capacity(name.len() + 8);
    let mut i = 0;
    while i < letters.len() {
        let here = at(i);
        let before = if i == 0 { '\0' } else { at(i - 1) };
        if here.is_ascii_uppercase() {
            let is_unit = matches!(here, 'K' | 'M' | 'G') && at(i + 1) == 'i' && at(i + 2) == 'B';
            let unit = is_unit && !before.is_ascii_uppercase() && !at(i + 3).is_ascii_lowercase();
            let starts_word = before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && at(i + 1).is_ascii_lowercase());
            if i > 0 && starts_word {
                snake.push('_');
            }
            if unit {
                snake.push(here.to_ascii_lowercase());
                snake.push_str("ib");
                // Whatever capital comes next starts a word, since `b` is small now.
                if at(i + 3).is_ascii_uppercase() {
                    snake.push('_');
                }
                i += 3;
                if let Some(next) = letters.get(i) {
                    snake.extend(next.to_lowercase());
                    i += 1;
                }
                continue;
            }
        }
        snake.extend(here.to_lowercase());
        i += 1;
    }
    snake
}

/// The template's form of a Python name: each word with a capital. Where a template differs
/// (`KMSMasterKeyId`) the library's data say so.
pub fn pascal_case(name: &str) -> String {
    let mut pascal = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut letters = word.chars();
        pascal.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        pascal.push_str(letters.as_str());
    }
    pascal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_begin_where_the_vendor_lets_them_begin() {
        for (typescript, python) in [
            ("allowAllOutbound", "allow_all_outbound"),
            ("allowAllIpv6Outbound", "allow_all_ipv6_outbound"),
            ("anyIpv4", "any_ipv4"),
            ("vpcId", "vpc_id"),
            ("s3BucketArn", "s3_bucket_arn"),
            ("enableECSManagedTags", "enable_ecs_managed_tags"),
            ("storageCapacityGiB", "storage_capacity_gib"),
            ("ephemeralStorageGiB", "ephemeral_storage_gib"),
            ("fromARN", "from_arn"),
            ("x", "x"),
            ("", ""),
        ] {
            assert_eq!(snake_case(typescript), python);
        }
    }

    #[test]
    fn template_names_capitalize_each_word() {
        assert_eq!(pascal_case("security_group_egress"), "SecurityGroupEgress");
        assert_eq!(pascal_case("cidr_ipv6"), "CidrIpv6");
        assert_eq!(pascal_case(""), "");
    }
}
