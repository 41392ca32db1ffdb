//! What a template calls each property of an L1 type. The assembly does not say (`dbInstanceClass` is
//! `DBInstanceClass`), the library's generated code does: each type has a function
//! `convert<Type>ToCloudFormation` with entries `DBInstanceClass:cdk().stringToCloudFormation(properties.dbInstanceClass)`.

use super::distil::CloudFormationNames;
use std::collections::HashMap;

/// Reads the names out of the package's scripts.
pub fn names(scripts: &[(String, String)]) -> CloudFormationNames {
    let mut all = CloudFormationNames::new();
    for (path, text) in scripts.iter().filter(|(path, _)| path.ends_with(".generated.js")) {
        let Some(folder) = path.split('/').next() else { continue };
        let module = folder.replace('-', "_");
        for (start, _) in text.match_indices("function convert") {
            let rest = &text[start + "function convert".len()..];
            let Some((name, body)) = rest.split_once("ToCloudFormation(") else { continue };
            if !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
                continue;
            }
            let end = body.find("function ").unwrap_or(body.len());
            let entries = entries(&body[..end]);
            if !entries.is_empty() {
                all.insert(format!("{module}.{name}"), entries);
            }
        }
    }
    all
}

/// The pairs (TypeScript name, CloudFormation name) of one function's text.
fn entries(body: &str) -> HashMap<String, String> {
    let mut entries = HashMap::new();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (at, marker) in body.match_indices("(properties.") {
        let property: String = body[at + marker.len()..].chars().take_while(|c| is_name(*c)).collect();
        // The entry's key stands before its colon, after the brace or comma that no bracket encloses.
        let mut depth = 0_i32;
        let mut key = None;
        for (index, byte) in body.as_bytes()[..at].iter().enumerate().rev() {
            match byte {
                b')' | b']' | b'}' => depth += 1,
                b'(' | b'[' if depth > 0 => depth -= 1,
                b'{' | b',' if depth == 0 => {
                    key =
                        body[index + 1..at].split_once(':').map(|(key, _)| key.trim_matches('"').to_string());
                    break;
                }
                b'{' => depth -= 1,
                _ => {}
            }
        }
        if let Some(key) = key.filter(|k| !k.is_empty() && k.chars().all(is_name)) {
            entries.insert(property, key);
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_through_nested_mappers() {
        let body = "properties){return cdk().canInspect(properties)?(V(properties).assertSuccess(),{DBName:cdk().stringToCloudFormation(properties.dbName),\
                    Rules:cdk().listMapper(convertX)(properties.rules),\"Tags\":cdk().listMapper(cdk().cfnTagToCloudFormation)(properties.tags)}):properties}";
        let entries = entries(body);
        assert_eq!(entries["dbName"], "DBName");
        assert_eq!(entries["rules"], "Rules");
        assert_eq!(entries["tags"], "Tags");
        assert_eq!(entries.len(), 3);
    }
}
